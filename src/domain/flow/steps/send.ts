import * as z from 'zod'
import { CHANNELS, type Channel, PURPOSES, type Purpose } from '../../message.ts'
import { DAY, HOUR, type Millis } from '../../time.ts'
import { durationOrParam, stepId } from '../fields.ts'
import { type LeftOut, notNamed } from '../left-out.ts'
import { lifeEnds } from '../life.ts'
import type { FlowContext, FlowEvent, SendEffect } from '../run.ts'
import { ROLES } from '../words.ts'
import type { Outcome, ReadyStep, Scene, StepKind } from './step.ts'

const schema = z.strictObject({
  id: stepId,
  kind: z.literal('send'),
  to: z.union([z.literal('buyer'), z.strictObject({ role: z.enum(ROLES) })], 'recipient'),
  /** In order of preference: the first that reaches the recipient. Two sends make two messages. */
  channels: z
    .array(z.enum(CHANNELS).exclude(['command']))
    .min(1)
    .max(5),
  template: stepId,
  /** Instead of the flow's purpose. */
  purpose: z.enum(PURPOSES).optional(),
  /** Too late after this; by default DEFAULT_EXPIRY of the purpose. Ends with the order's life in any case. */
  expiresIn: durationOrParam.optional(),
  /** A newer message with this key replaces one that still waits. */
  collapse: stepId.optional(),
  /** Answers what the buyer did just now, so that the gate may let it go at any hour. */
  inSession: z.boolean().optional(),
  /** Keys or a code someone is waiting for: may ring at night. Essential messages only. */
  anyHour: z.boolean().optional(),
  next: stepId.optional(),
})
export type SendStep = z.infer<typeof schema>

/**
 * How long a message is worth sending. 12 h carries a reminder over a night of quiet hours (22:00 to 09:00),
 * but not into the next evening.
 */
export const DEFAULT_EXPIRY: Readonly<Record<Purpose, Millis>> = {
  essential: 7 * DAY,
  service: 2 * DAY,
  reminder: 12 * HOUR,
  promotion: 12 * HOUR,
}

/** Channels that cost money a message. A browser's fact never triggers one: anybody can forge it. */
const PAID_CHANNELS: ReadonlySet<Channel> = new Set(['sms'])

function enter(ready: ReadyStep<SendStep>, scene: Scene): Outcome {
  const { step } = ready
  const { run, context, now } = scene
  const purpose = step.purpose ?? scene.flow.purpose
  // Members may still read about an order that has run out; buyers could no longer act on it.
  const end = step.to === 'buyer' ? lifeEnds(context.order, scene.flow.afterExpiry) : null
  if (end !== null && now >= end) return { go: 'end', code: 'order_life', reason: 'order_life' }
  if (isHeldBack(scene, purpose)) return { go: 'on', code: 'holdout' }
  const channels = believable(step.channels, context.event)
  const leftOut = step.to === 'buyer' ? unreachable(step.channels, channels, context) : []
  if (channels.length === 0) return { go: 'on', code: 'untrusted', leftOut }
  const expiresAt = now + (ready.lengths.expiresIn ?? DEFAULT_EXPIRY[purpose])
  const effect: SendEffect = {
    ...effectOf(step, scene, purpose),
    to: step.to === 'buyer' ? { kind: 'buyer' } : { kind: 'role', role: step.to.role },
    channels,
    anyHour: step.anyHour === true && purpose === 'essential',
    expiresAt: end === null ? expiresAt : Math.min(expiresAt, end),
    dedupe: {
      origin: `flow:${scene.flow.key}`,
      iteration: run.iteration,
      step: step.id,
      visit: (run.visits[step.id] ?? 0) + 1,
    },
    collapse: step.collapse ?? null,
  }
  return { go: 'on', code: 'planned', effects: [effect], leftOut }
}

/** Of a message that no channel of its step leads to the buyer with: why none does. The gate drops it. */
function unreachable(
  channels: readonly Channel[],
  believed: readonly Channel[],
  { known, reach }: FlowContext,
): readonly LeftOut[] {
  if (believed.length > 0 && (known === undefined || believed.some((channel) => known.includes(channel))))
    return []
  const why = (channel: Channel): LeftOut['why'] => (believed.includes(channel) ? 'no_contact' : 'untrusted')
  return [...channels.map((channel) => ({ channel, why: why(channel) })), ...notNamed(channels, reach)]
}

/** People of the held arm get no reminders and promotions, so that what those do can be measured. */
export const isHeldBack = ({ run }: Scene, purpose: Purpose) =>
  run.arm === 'held' && (purpose === 'reminder' || purpose === 'promotion')

/** Of these channels, those that what happened may set in motion. */
export const believable = (channels: readonly Channel[], event: FlowEvent | null) =>
  event?.trust === 'browser' ? channels.filter((channel) => !PAID_CHANNELS.has(channel)) : channels

/** What a message to be sent takes from its step and its flow. */
export function effectOf(
  step: Pick<SendStep, 'id' | 'template' | 'inSession'>,
  { flow, context }: Scene,
  purpose: Purpose,
) {
  return {
    kind: 'send',
    stepId: step.id,
    template: step.template,
    purpose,
    category: flow.category,
    stopsWhenPaid: flow.stops.has('paid'),
    stopsWhenClosed: flow.stops.has('closed') || flow.afterExpiry === 'reopen',
    actAt: step.inSession ? (context.event?.time ?? null) : null,
  } as const
}

/** One message to the buyer, or to every member of a role. */
export const send: StepKind<SendStep> = {
  kind: 'send',
  schema,
  exits: (step) => [{ field: 'next', to: step.next ?? null, immediate: true }],
  expressions: () => [],
  lengths: (step) => (step.expiresIn === undefined ? [] : [{ field: 'expiresIn', text: step.expiresIn }]),
  enter,
}
