import * as z from 'zod'
import { CHANNELS, type Channel, type MessageState, PURPOSES } from '../../message.ts'
import { HOUR, type Instant, MINUTE, type Millis } from '../../time.ts'
import { evaluateMoney } from '../condition.ts'
import { cel, durationOrParam, paramOf, stepId } from '../fields.ts'
import { type LeftOut, notNamed } from '../left-out.ts'
import { lifeEnds } from '../life.ts'
import type { FlowEvent, RunState, SendEffect } from '../run.ts'
import { nextTurn } from '../spread.ts'
import { cheapestFirst, type StepCost, stepCost } from '../step-cost.ts'
import { believable, DEFAULT_EXPIRY, effectOf, isHeldBack } from './send.ts'
import type { Outcome, ReadyStep, Scene, StepKind } from './step.ts'

const schema = z.strictObject({
  id: stepId,
  kind: z.literal('cascade'),
  /** `sequential`: in the order of the list, the next only when the last was not acted on. `cheapest`: the same, by what each costs when the step begins. `parallel`: all at once. */
  mode: z.enum(['sequential', 'parallel', 'cheapest']).default('sequential'),
  channels: z
    .array(z.enum(CHANNELS).exclude(['command']))
    .min(1)
    .max(5),
  template: stepId,
  purpose: z.enum(PURPOSES).optional(),
  /** CEL money: SMS only for orders of at least this much; `params.<name>` of a table is judged in the order's currency. */
  smsFrom: cel.optional(),
  /** Least and longest time between two channels. */
  minGap: durationOrParam.optional(),
  maxGap: durationOrParam.optional(),
  expiresIn: durationOrParam.optional(),
  /** A newer message with this key replaces one that still waits; the step's id when left out. */
  collapse: stepId.optional(),
  inSession: z.boolean().optional(),
  /** Where to go once the buyer has clicked, read, or begun to pay. */
  acted: stepId.optional(),
  next: stepId.optional(),
})
export type CascadeStep = z.infer<typeof schema>

/** What shows that a message has reached its reader. A payment ends the run by the flow's own stop rules. */
const ACTED: readonly string[] = ['link.clicked', 'message.read', 'payment.started']

/** The gate has long decided by then, however busy the workers are: what it dropped for good frees the next turn. */
const LOOK_AFTER: Millis = MINUTE
const LEAST_GAP: Millis = 2 * MINUTE
const LONGEST_GAP: Millis = 4 * HOUR

/** States after which a message will never reach anybody. */
const LOST: ReadonlySet<MessageState> = new Set(['dropped', 'failed'])

/** One turn of the cascade: which channels had theirs, and which may still. */
interface Turn {
  readonly lap: number
  /** In the order of their turns. */
  readonly had: readonly Channel[]
  readonly left: readonly Channel[]
  /** In the order of their turns: what has not had one, whether it may or not. */
  readonly ahead: readonly Channel[]
}

const keyOf = (step: CascadeStep, channel: Channel) => `${step.id}.${channel}`

/** Whether a run has said anything through this step. */
export const hasSpoken = (step: CascadeStep, visits: Readonly<Record<string, number>>): boolean =>
  step.channels.some((channel) => visits[keyOf(step, channel)] !== undefined)

function turnOf(ready: ReadyStep<CascadeStep>, scene: Scene): Turn {
  const { step } = ready
  const visit = (channel: Channel) => scene.run.visits[keyOf(step, channel)] ?? 0
  const lap = Math.max(0, ...step.channels.map(visit))
  const order = orderOf(step, scene.run.costs?.[step.id])
  const had = order.filter((channel) => lap > 0 && visit(channel) === lap)
  const may = new Set(open(ready, scene))
  // Turns only go forward: what opens up behind them has had its chance.
  const ahead = order.slice(order.indexOf(had.at(-1)!) + 1)
  return { lap, had, left: ahead.filter((channel) => may.has(channel)), ahead }
}

/** In which order channels have their turns: as the step began with, whatever prices are now. */
const orderOf = (step: CascadeStep, costs: readonly StepCost[] | undefined): readonly Channel[] =>
  costs === undefined ? step.channels : costs.map(({ channel }) => channel)

/** What each channel costs now, from cheap to dear; for a step that does not go by cost nothing. */
function costsOf(step: CascadeStep, { context, flow }: Scene): readonly StepCost[] | undefined {
  if (step.mode !== 'cheapest') return undefined
  const sms = context.smsCost?.(step.template, step.purpose ?? flow.purpose) ?? null
  return cheapestFirst(step.channels, (channel) => stepCost(channel, context.shop.costs ?? {}, sms))
}

/** Channels that do not lead to the buyer, that what happened may not set in motion, or that this order is not worth. */
function closed(ready: ReadyStep<CascadeStep>, scene: Scene): readonly LeftOut[] {
  const { reach, event } = scene.context
  const believed = believable(ready.step.channels, event)
  return ready.step.channels.flatMap((channel): readonly LeftOut[] => {
    if (reach !== undefined && !reach.includes(channel)) return [{ channel, why: 'no_contact' }]
    if (!believed.includes(channel)) return [{ channel, why: 'untrusted' }]
    return channel === 'sms' ? [...barred(ready, scene), ...tooSmall(ready, scene)].slice(0, 1) : []
  })
}

/** What the gate would drop for the law's sake anyway: the next channel need not wait for that. */
function barred({ step }: ReadyStep<CascadeStep>, { context, flow }: Scene): readonly LeftOut[] {
  const bar = context.smsBar?.(step.template, step.purpose ?? flow.purpose) ?? null
  return bar === null ? [] : [{ channel: 'sms', why: 'law', ...bar }]
}

function tooSmall({ step, expressions }: ReadyStep<CascadeStep>, scene: Scene): readonly LeftOut[] {
  if (expressions.smsFrom === undefined) return []
  const from = evaluateMoney(expressions.smsFrom, scene.facts())
  const total = scene.context.order?.total ?? null
  const param = paramOf(step.smsFrom!)
  if (from === null && total !== null && param !== null)
    return [{ channel: 'sms', why: 'no_amount', param, currency: total.currency }]
  if (from === null || total === null) return [{ channel: 'sms', why: 'no_total' }]
  if (total.currency !== from.currency) return [{ channel: 'sms', why: 'other_currency', from }]
  const named = param === null ? {} : { param }
  return total.minor < from.minor ? [{ channel: 'sms', why: 'below', from, ...named }] : []
}

function open(ready: ReadyStep<CascadeStep>, scene: Scene): readonly Channel[] {
  const shut = new Set(closed(ready, scene).map(({ channel }) => channel))
  return ready.step.channels.filter((channel) => !shut.has(channel))
}

function enter(ready: ReadyStep<CascadeStep>, scene: Scene): Outcome {
  const { step } = ready
  const end = lifeEnds(scene.context.order, scene.flow.afterExpiry)
  if (end !== null && scene.now >= end) return { go: 'end', code: 'order_life', reason: 'order_life' }
  if (isHeldBack(scene, step.purpose ?? scene.flow.purpose)) return { go: 'on', code: 'holdout' }
  const before = turnOf(ready, scene)
  const may = open(ready, scene)
  const shut = closed(ready, scene)
  if (may.length === 0)
    return {
      go: 'on',
      code: 'no_channel',
      leftOut: [...shut, ...notNamed(step.channels, scene.context.reach)],
    }
  const costs = costsOf(step, scene)
  const left = orderOf(step, costs).filter((channel) => may.includes(channel))
  const said = say(ready, scene, { lap: before.lap + 1, had: [], left, ahead: left }, end)
  return { ...said, leftOut: shut, ...(costs === undefined ? {} : { costs }) }
}

function resume(ready: ReadyStep<CascadeStep>, scene: Scene, event: FlowEvent | null): Outcome | null {
  const { step } = ready
  if (event !== null && ACTED.includes(event.type))
    return { go: 'on', code: 'acted', detail: event.type, to: step.acted }
  const { now, run } = scene
  const end = lifeEnds(scene.context.order, scene.flow.afterExpiry)
  const turn = turnOf(ready, scene)
  const since = run.since ?? now
  const due = dueAt(ready, since, end, turn.left.length)
  const fates = scene.context.fates
  const last = step.mode === 'parallel' ? turn.had : turn.had.slice(-1)
  const lost =
    fates !== undefined && last.every((channel) => LOST.has(fates[keyOf(step, channel)] ?? 'waiting'))
  if (now < due && !lost) return pause(now < since + LOOK_AFTER ? Math.min(due, since + LOOK_AFTER) : due)
  const passed = passedOver(ready, scene, turn)
  if (turn.left.length === 0) return { go: 'on', code: 'not_acted', leftOut: stillOut(run, step, [], passed) }
  if (end !== null && now >= end) {
    const missed = turn.left.map((channel): LeftOut => ({ channel, why: 'no_time' }))
    return { go: 'on', code: 'not_acted', leftOut: stillOut(run, step, [], [...passed, ...missed]) }
  }
  const said = say(ready, scene, turn, end)
  const used = said.effects?.flatMap((effect) => (effect.kind === 'send' ? effect.channels : [])) ?? []
  return { ...said, leftOut: stillOut(run, step, used, passed) }
}

/** Channels whose turn has come and is over, as they are shut now, whatever they were when the step began. */
function passedOver(ready: ReadyStep<CascadeStep>, scene: Scene, { ahead, left }: Turn): readonly LeftOut[] {
  const next = ready.step.mode === 'parallel' ? undefined : left[0]
  const over = next === undefined ? ahead : ahead.slice(0, ahead.indexOf(next))
  return closed(ready, scene).filter(({ channel }) => over.includes(channel))
}

/** What was left out so far, without channels that were opened since, and with those that are passed over now. */
function stillOut(
  { leftOut }: RunState,
  { id }: CascadeStep,
  opened: readonly Channel[],
  passed: readonly LeftOut[],
): readonly LeftOut[] {
  const gone = new Set([...opened, ...passed.map(({ channel }) => channel)])
  return [...(leftOut?.[id] ?? []).filter(({ channel }) => !gone.has(channel)), ...passed]
}

const dueAt = ({ lengths }: ReadyStep<CascadeStep>, since: Instant, end: Instant | null, left: number) =>
  nextTurn({ since, end, left, min: lengths.minGap ?? LEAST_GAP, max: lengths.maxGap ?? LONGEST_GAP })

type Pause = Extract<Outcome, { go: 'pause' }>

const pause = (dueAt: Instant, effects?: readonly SendEffect[]): Pause => ({
  go: 'pause',
  code: effects === undefined ? 'waiting' : 'planned',
  dueAt,
  waitingFor: ACTED,
  ...(effects === undefined ? {} : { effects }),
})

/** Plans the message of the next channel, or of all of them, and waits for what comes of it. */
function say(ready: ReadyStep<CascadeStep>, scene: Scene, turn: Turn, end: Instant | null): Pause {
  const { step, lengths } = ready
  const { now, flow, run } = scene
  const purpose = step.purpose ?? flow.purpose
  const channels = step.mode === 'parallel' ? turn.left : turn.left.slice(0, 1)
  const expiresAt = now + (lengths.expiresIn ?? DEFAULT_EXPIRY[purpose])
  const effects = channels.map(
    (channel): SendEffect => ({
      ...effectOf(step, scene, purpose),
      to: { kind: 'buyer' },
      channels: [channel],
      anyHour: false,
      expiresAt: end === null ? expiresAt : Math.min(expiresAt, end),
      // Once a lap and channel: a turn that is taken again after a crash plans the message that is there already.
      dedupe: {
        origin: `flow:${flow.key}`,
        iteration: run.iteration,
        step: keyOf(step, channel),
        visit: turn.lap,
      },
      collapse: step.collapse ?? step.id,
    }),
  )
  const due = dueAt(ready, now, end, turn.left.length - channels.length)
  return pause(Math.min(due, now + LOOK_AFTER), effects)
}

/** One message on several channels, each only as long as nobody has acted on it; or on all at once. */
export const cascade: StepKind<CascadeStep> = {
  kind: 'cascade',
  schema,
  exits: (step) => [
    // Where no channel leads to the buyer it goes on at once.
    { field: 'next', to: step.next ?? null, immediate: true },
    ...(step.acted === undefined ? [] : [{ field: 'acted', to: step.acted, immediate: false }]),
  ],
  expressions: (step) =>
    step.smsFrom === undefined ? [] : [{ field: 'smsFrom', source: step.smsFrom, gives: 'money' }],
  lengths: (step) =>
    (['minGap', 'maxGap', 'expiresIn'] as const).flatMap((field) =>
      step[field] === undefined ? [] : [{ field, text: step[field] }],
    ),
  enter,
  resume,
}
