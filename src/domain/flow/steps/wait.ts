import * as z from 'zod'
import type { Instant } from '../../time.ts'
import { evaluateInstant } from '../condition.ts'
import { cel, durationOrParam, stepId } from '../fields.ts'
import { lifeEnds } from '../life.ts'
import type { Outcome, ReadyStep, Scene, StepKind } from './step.ts'

const schema = z
  .strictObject({
    id: stepId,
    kind: z.literal('wait'),
    /** A length of time from the moment the run gets here. */
    for: durationOrParam.optional(),
    /** What the event was late by when the run began on it is taken off `for`. */
    from: z.literal('event').optional(),
    /** A CEL timestamp such as `order.expiresAt - duration("10m")`; followed when the order's facts change. */
    until: cel.optional(),
    /** With `until`: not sooner than this after the run got here, however the moment moves. */
    atLeast: durationOrParam.optional(),
    /** Where to go at once when the wait would end after the order's life; without it the run ends. */
    ifTooLate: stepId.optional(),
    next: stepId.optional(),
  })
  .refine((step) => (step.for === undefined) !== (step.until === undefined), 'for_or_until')
  .refine((step) => step.from === undefined || step.for !== undefined, 'from_needs_for')
  .refine((step) => step.atLeast === undefined || step.until !== undefined, 'at_least_needs_until')
export type WaitStep = z.infer<typeof schema>

/**
 * Fits the wait into the order's life: a target at or after its end drops everything behind the wait, because
 * sending it earlier than meant would only be noise.
 */
function waitTo(target: Instant, { step }: ReadyStep<WaitStep>, scene: Scene): Outcome {
  if (target <= scene.now) return { go: 'on', code: 'waited' }
  const end = lifeEnds(scene.context.order, scene.flow.afterExpiry)
  if (end === null || target < end) return { go: 'pause', code: 'waiting', dueAt: target, waitingFor: null }
  if (step.ifTooLate !== undefined) return { go: 'on', code: 'too_late', to: step.ifTooLate }
  return { go: 'end', code: 'order_life', reason: 'order_life' }
}

function enter(ready: ReadyStep<WaitStep>, scene: Scene, from: Instant = scene.now): Outcome {
  if (ready.lengths.for !== undefined) return waitTo(startOf(ready, scene) + ready.lengths.for, ready, scene)
  const until = evaluateInstant(ready.expressions.until!, scene.facts())
  // Without a moment to wait for, what follows has no right time: better silent than at a wrong one.
  if (until.instant === null)
    return { go: 'end', code: 'until_failed', reason: 'until_failed', detail: until.detail }
  return waitTo(Math.max(until.instant, earliest(ready, scene, from)), ready, scene)
}

/** An event that comes during the run is later than its start, and takes nothing off. */
const startOf = ({ step }: ReadyStep<WaitStep>, { context, run, now }: Scene): Instant =>
  step.from === undefined ? now : now - Math.max(0, run.startedAt - (context.event?.time ?? run.startedAt))

const earliest = ({ lengths }: ReadyStep<WaitStep>, { now }: Scene, from: Instant): Instant =>
  lengths.atLeast === undefined ? now : from + lengths.atLeast

/** Pauses for a length of time or until a moment. */
export const wait: StepKind<WaitStep> = {
  kind: 'wait',
  schema,
  // A moment may already be past, so only a length of time from here on breaks a circle.
  exits: (step, lengths) => [
    { field: 'next', to: step.next ?? null, immediate: step.from !== undefined || !((lengths.for ?? 0) > 0) },
    ...(step.ifTooLate === undefined ? [] : [{ field: 'ifTooLate', to: step.ifTooLate, immediate: true }]),
  ],
  expressions: (step) =>
    step.until === undefined ? [] : [{ field: 'until', source: step.until, gives: 'timestamp' }],
  lengths: (step) => [
    ...(step.for === undefined ? [] : [{ field: 'for', text: step.for }]),
    ...(step.atLeast === undefined ? [] : [{ field: 'atLeast', text: step.atLeast }]),
  ],
  enter: (ready, scene) => enter(ready, scene),
  resume: (ready, scene) =>
    ready.lengths.for === undefined
      ? enter(ready, scene, scene.run.since ?? scene.now)
      : waitTo(scene.run.dueAt ?? scene.now, ready, scene),
}
