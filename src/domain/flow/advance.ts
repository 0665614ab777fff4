import { REVIEW_SOURCE } from '../event.ts'
import type { Instant } from '../time.ts'
import type { CompiledFlow } from './compile.ts'
import { holds } from './condition.ts'
import { buildFacts, type Facts } from './facts.ts'
import type { LeftOut } from './left-out.ts'
import { isTrueOf } from './life.ts'
import { type Heard, isStale } from './news.ts'
import type {
  Advance,
  Arm,
  Cause,
  EarlierRuns,
  Effect,
  FlowContext,
  FlowEvent,
  FlowOrder,
  NotStarted,
  RunState,
  StopReason,
  TraceEntry,
} from './run.ts'
import type { Outcome, Scene } from './steps/step.ts'
import type { StopFact } from './words.ts'

/** Steps of one advance. Validation refuses circles without a pause, so only a fault of ours reaches it. */
export const STEPS_PER_ADVANCE = 100
/** Steps of a whole run: a ladder that loops daily for a year and a half. */
export const STEPS_PER_RUN = 2_000

/** What starting a run needs besides the context. */
export interface Start {
  readonly arm: Arm
  readonly earlier: EarlierRuns
}

/**
 * Starts a run on `context.event` and executes steps until the first pause; `not_started` says why not. The
 * caller inserts the run under unique (shop, flow, subject, iteration) and drops the effects when it exists.
 */
export function startRun(
  flow: CompiledFlow,
  context: FlowContext,
  start: Start,
  now: Instant,
): Advance | NotStarted {
  const event = context.event
  if (event === null || !flow.events.has(event.type))
    return { kind: 'not_started', reason: 'event_not_in_trigger' }
  if (flow.flow.subject === 'order' && context.order === null)
    return { kind: 'not_started', reason: 'no_order' }
  const stop = stopsOn(flow, context.order)
  if (stop !== null) return { kind: 'not_started', reason: stop }
  if (flow.flow.once.per === 'burst') {
    const { active, lastStartedAt } = start.earlier
    if (active) return { kind: 'not_started', reason: 'already_running' }
    if (lastStartedAt !== null && now < lastStartedAt + flow.rest)
      return { kind: 'not_started', reason: 'resting' }
  }
  if (flow.flow.once.per === 'refund' && isToldBefore(context))
    return { kind: 'not_started', reason: 'refund_told' }
  const facts = factsOnce(flow, context, now)
  for (const condition of [flow.goesOn, flow.when]) {
    if (condition === null) continue
    const answer = holds(condition, facts())
    if (!answer.value)
      return answer.detail === undefined
        ? { kind: 'not_started', reason: 'condition_false' }
        : { kind: 'not_started', reason: 'condition_failed', detail: answer.detail }
  }
  // Last, so that it is said of the flows that would have run. A review is open, however late its news is drawn.
  if (now - event.time > flow.startWithin && event.source !== REVIEW_SOURCE)
    return { kind: 'not_started', reason: 'too_old' }
  const run: RunState = {
    flow: flow.flow.key,
    iteration: iterationOf(flow, event, start.earlier),
    status: 'active',
    stepId: flow.first,
    dueAt: now,
    waitingFor: null,
    stopReason: null,
    arm: start.arm,
    startedAt: now,
    since: now,
    stepsDone: 0,
    visits: {},
  }
  return execute(flow, { flow: flow.scene, run, context, now, facts }, flow.first, [])
}

/**
 * Moves a run on: stop rules first, then the cause, then steps until the next pause or the end. A cause that
 * does not concern the run (a timer that comes early, an event nobody waits for) gives the same run back,
 * without effects. Never throws for anything in the data.
 */
export function advance(
  flow: CompiledFlow,
  run: RunState,
  cause: Cause,
  context: FlowContext,
  now: Instant,
): Advance {
  if (run.status !== 'active' || run.stepId === null) return unchanged(run)
  const stop = stopsOn(flow, context.order)
  if (stop !== null) return ended(run, 'stopped', stop, [{ stepId: run.stepId, code: stop }])
  const ready = flow.steps.get(run.stepId)
  if (ready?.kind.resume === undefined)
    return ended(run, 'stopped', 'unknown_step', [{ stepId: run.stepId, code: 'unknown_step' }])
  const event = eventOf(cause, run, now)
  const seen = event === null ? context : { ...context, event }
  const facts = factsOnce(flow, seen, now)
  if (flow.goesOn !== null && !holds(flow.goesOn, facts()).value)
    return ended(run, 'stopped', 'moved_on', [{ stepId: run.stepId, code: 'moved_on' }])
  const scene: Scene = { flow: flow.scene, run: forgetting(run, event, now), context: seen, now, facts }
  const outcome = ready.kind.resume(ready, scene, event)
  const kept = event !== null && keeps(flow, run, event, outcome)
  const listening: Scene = kept
    ? {
        ...scene,
        run: { ...scene.run, heard: heardOf(run, event, now) },
      }
    : scene
  if (outcome === null) return unchanged(listening.run)
  if (outcome.go === 'pause' && outcome.dueAt === run.dueAt && outcome.effects === undefined)
    return unchanged(listening.run)
  return execute(flow, listening, run.stepId, [], outcome)
}

/** The event that came; news that has waited too long for its turn is none any more. */
function eventOf(cause: Cause, { heard }: RunState, now: Instant): FlowEvent | null {
  if (cause.kind !== 'event') return null
  const old = heard !== undefined && heard.key === cause.event.key && isStale(heard, now)
  return old ? null : cause.event
}

/** Without news that is told now, or that is too old. */
function forgetting(run: RunState, event: FlowEvent | null, now: Instant): RunState {
  const { heard, ...rest } = run
  return heard !== undefined && (heard.key === event?.key || isStale(heard, now)) ? rest : run
}

/** News that comes while the run stands elsewhere, or too soon; the newest counts. */
const keeps = (flow: CompiledFlow, run: RunState, event: FlowEvent, outcome: Outcome | null): boolean =>
  flow.hears.has(event.type) &&
  ((outcome?.go === 'pause' && outcome.keeps === true) || run.waitingFor?.includes(event.type) !== true)

const heardOf = ({ heard }: RunState, { key, type }: FlowEvent, now: Instant): Heard =>
  heard?.key === key ? heard : { key, type, at: now }

/** The first of the flow's stop facts that is true of the order, or `null`. */
export function stopsOn(flow: CompiledFlow, order: FlowOrder | null): StopFact | null {
  if (order === null) return null
  for (const fact of flow.flow.stopWhen) if (isTrueOf(fact, order)) return fact
  return null
}

/** Executes steps from `from` on; `outcome` is what resuming that step already gave. */
function execute(
  flow: CompiledFlow,
  start: Scene,
  from: string,
  effects: Effect[],
  resumed?: Outcome,
): Advance {
  const trace: TraceEntry[] = []
  let scene = start
  let id = from
  let outcome = resumed
  for (let count = 0; count < STEPS_PER_ADVANCE; count++) {
    const ready = flow.steps.get(id)
    if (ready === undefined) return ended(scene.run, 'stopped', 'unknown_step', trace, effects)
    outcome ??= ready.kind.enter(ready, scene)
    trace.push(entry(id, outcome))
    if (outcome.go === 'end') return ended(scene.run, 'stopped', outcome.reason, trace, effects)
    const made = outcome.effects ?? []
    effects.push(...made)
    if ('leftOut' in outcome && outcome.leftOut !== undefined)
      scene = { ...scene, run: leaving(scene.run, id, outcome.leftOut) }
    if (outcome.go === 'pause') {
      // The moment from which the step counts: when the run came here, or when the step last did something.
      const fresh = id !== start.run.stepId || resumed === undefined || count > 0 || made.length > 0
      const run = fresh ? { ...counted(scene.run, made, 0), since: scene.now } : scene.run
      return paused(run, id, outcome, trace, effects)
    }
    scene = { ...scene, run: drawn(counted(scene.run, made, 1), outcome.arms) }
    if (scene.run.stepsDone >= STEPS_PER_RUN) break
    const next = outcome.to ?? ready.next
    if (next === null) return ended(scene.run, 'done', null, trace, effects)
    id = next
    outcome = undefined
  }
  trace.push({ stepId: id, code: 'step_limit' })
  return ended(scene.run, 'stopped', 'step_limit', trace, effects)
}

const entry = (stepId: string, outcome: Outcome): TraceEntry =>
  'detail' in outcome && outcome.detail !== undefined
    ? { stepId, code: outcome.code, detail: outcome.detail }
    : { stepId, code: outcome.code }

function counted(run: RunState, effects: readonly Effect[], steps: 0 | 1): RunState {
  const stepsDone = run.stepsDone + steps
  if (effects.length === 0) return { ...run, stepsDone }
  const visits = Object.fromEntries(effects.map(({ dedupe }) => [dedupe.step, dedupe.visit]))
  return { ...run, stepsDone, visits: { ...run.visits, ...visits } }
}

/** With what a step now leaves out, in place of what it left out before; what leaves nothing out is not kept. */
function leaving(run: RunState, stepId: string, now: readonly LeftOut[]): RunState {
  const { leftOut: { [stepId]: _, ...others } = {}, ...rest } = run
  const leftOut = now.length === 0 ? others : { ...others, [stepId]: now }
  return Object.keys(leftOut).length === 0 ? rest : { ...rest, leftOut }
}

const drawn = (run: RunState, arms: RunState['arms']): RunState =>
  arms === undefined ? run : { ...run, arms: { ...run.arms, ...arms } }

const unchanged = (run: RunState): Advance => ({ kind: 'advanced', run, effects: [], trace: [] })

function paused(
  run: RunState,
  stepId: string,
  { dueAt, waitingFor, costs }: Extract<Outcome, { go: 'pause' }>,
  trace: readonly TraceEntry[],
  effects: readonly Effect[],
): Advance {
  const kept = costs === undefined ? {} : { costs: { ...run.costs, [stepId]: costs } }
  return { kind: 'advanced', run: { ...run, stepId, dueAt, waitingFor, ...kept }, effects, trace }
}

function ended(
  run: RunState,
  status: 'done' | 'stopped',
  stopReason: StopReason | null,
  trace: readonly TraceEntry[],
  effects: readonly Effect[] = [],
): Advance {
  const { heard: _, ...last } = run
  const over = { ...last, status, stepId: null, dueAt: null, waitingFor: null, since: null, stopReason }
  return { kind: 'advanced', run: over, effects, trace }
}

/** A thing without an id of its own falls back to its event: rather twice than never for a second refund. */
function iterationOf(flow: CompiledFlow, event: FlowEvent, earlier: EarlierRuns): string {
  switch (flow.flow.once.per) {
    case 'order':
      return '1'
    case 'burst':
      return String(earlier.count + 1)
    case 'event':
      return event.key
    case 'payment':
      return event.data.payment?.id ?? event.key
    case 'refund':
      return refundIteration(event)
    case 'delivery':
      return event.data.delivery?.id ?? event.key
  }
}

/** Of refunds under one id (a sum that grows with each) every new sum is one. */
function refundIteration({ key, data: { refund } }: FlowEvent): string {
  return refund === undefined ? key : `${refund.id}:${refund.amount.minor}`
}

/** Another system has told of this refund, or the same one of a greater sum: no more has gone back than was known. */
const isToldBefore = ({ event, gaveBack }: FlowContext): boolean =>
  (event?.data.refund?.amount.minor ?? 0) > 0 && gaveBack?.length === 0

function factsOnce(flow: CompiledFlow, context: FlowContext, now: Instant): () => Facts {
  let facts: Facts | undefined
  return () => {
    facts ??= buildFacts(context, flow.params, now)
    return facts
  }
}
