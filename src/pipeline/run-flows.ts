import type { MessageToPlan } from '../db/messages.ts'
import type { RunRow } from '../db/runs.ts'
import { boundAt, type Event, isOwn } from '../domain/event.ts'
import { classify } from '../domain/failure/classify.ts'
import { advance, startRun } from '../domain/flow/advance.ts'
import { holdoutArm } from '../domain/flow/holdout.ts'
import type {
  Advance,
  Arm,
  Cause,
  EarlierRuns,
  FlowContext,
  FlowEvent,
  RunState,
} from '../domain/flow/run.ts'
import { type CustomerId, type EventId, newId, type OrderId, type Random } from '../domain/ids.ts'
import type { Money } from '../domain/money.ts'
import type { OrderView } from '../domain/order/view.ts'
import { withPayUrl } from '../domain/payment-methods.ts'
import { TYPICAL_COSTS } from '../domain/shop.ts'
import { type Instant, type Millis, SECOND } from '../domain/time.ts'
import type { ShopVault } from './keyring.ts'
import type { Reach } from './people.ts'
import { planEffects } from './plan-messages.ts'
import type { LoadedFlow, ShopConfig } from './shop-config.ts'
import type { SmsBarOf } from './sms-bar.ts'
import type { SmsCostOf } from './sms-cost.ts'
import { topicsOf } from './topics.ts'

/** One order (or event without an order) whose flows are being worked on. */
export interface Subject {
  readonly id: string
  readonly orderId: OrderId | null
  readonly view: OrderView | null
  readonly customerId: CustomerId | null
  readonly locale: string | null
  readonly timeZone: string | null
  readonly contacts: readonly Reach[]
  /** See `FlowContext`. */
  readonly fates?: FlowContext['fates']
  /** The same, by event. */
  readonly gaveBack?: ReadonlyMap<EventId, readonly Money[]>
}

export interface FlowScene {
  readonly config: ShopConfig
  readonly vault: ShopVault
  readonly random: Random
  readonly now: Instant
  /** When the database was last restored from a backup. */
  readonly restoredAt: Instant | null
  readonly smsCost?: SmsCostOf | undefined
  readonly smsBar?: SmsBarOf | undefined
}

/** What working on flows wants written. */
export interface FlowWrites {
  readonly started: RunRow[]
  readonly changed: RunRow[]
  /** By run, so that a run that turns out to exist already takes its messages with it. */
  readonly messages: Map<string, readonly MessageToPlan[]>
}

export const noWrites = (): FlowWrites => ({ started: [], changed: [], messages: new Map() })

/** Starts the flows that `event` triggers, unless the same run is there already. */
export function startFlows(
  scene: FlowScene,
  subject: Subject,
  event: Event,
  runs: RunRow[],
  writes: FlowWrites,
): void {
  for (const flow of scene.config.flowsOn.get(event.type) ?? []) {
    const begun = beginRun(scene, subject, event, flow, runs)
    if (begun === null) continue
    runs.push(begun.row)
    writes.started.push(begun.row)
    keepMessages(scene, subject, event, begun, writes)
  }
}

/** A run that has begun or moved on, not written yet. */
export interface Moved {
  readonly row: RunRow
  readonly result: Advance
  readonly plannedFor: Instant
}

/** The run that `event` starts, beside those there are; `null` when it starts none. */
export function beginRun(
  scene: FlowScene,
  subject: Subject,
  event: Event,
  flow: LoadedFlow,
  runs: readonly RunRow[],
): Moved | null {
  if ((flow.compiled.flow.subject === 'order') !== (subject.orderId !== null)) return null
  const plannedFor = boundAt(event)
  const own = runs.filter((run) => run.flow === flow.key)
  const context = contextOf(scene, subject, event, drawing(scene.vault, flow, subject.customerId))
  const start = { arm: armOf(scene, subject, flow), earlier: earlierOf(own) }
  const result = startRun(flow.compiled, context, start, momentOf(scene, plannedFor))
  if (result.kind === 'not_started') return null
  if (own.some((run) => run.iteration === result.run.iteration)) return null
  return { row: newRun(scene, subject, event, flow, result.run), result, plannedFor }
}

/** What a flow's runs on a subject mean for its next one. */
export const earlierOf = (own: readonly RunRow[]): EarlierRuns => ({
  count: own.length,
  active: own.some((run) => run.status === 'active'),
  lastStartedAt: lastStart(own.filter((run) => run.stop_reason !== 'moved_on')),
})

/** So late a timer or an event still counts as on time: workers are, unless they are down or overrun. */
const ON_TIME: Millis = 10 * SECOND

/**
 * The moment that steps count from. On time, it is when the thing was bound to happen: a run's instants, and with them
 * the ids of its messages, then follow from its cause, and a restored system makes the same ones. Late, it is now, so
 * that what a system that was down has to say does not come all at once. Except after a restore: what was bound to
 * happen before it may have happened in the old system, never earlier than counted here, so that no later wait ends
 * after the old one's did and all that may have left is known for it.
 */
function momentOf({ now, restoredAt }: FlowScene, plannedFor: Instant, since = 0): Instant {
  const asBound = now - plannedFor <= ON_TIME || (restoredAt !== null && plannedFor <= restoredAt)
  return asBound ? Math.min(now, Math.max(plannedFor, since)) : now
}

const lastStart = (runs: readonly RunRow[]): Instant | null =>
  runs.length === 0 ? null : Math.max(...runs.map((run) => run.started_at))

/** Moves one run on and notes what changed. */
export function moveRun(
  scene: FlowScene,
  subject: Subject,
  flow: LoadedFlow,
  row: RunRow,
  cause: Cause,
  event: Event | null,
  writes: FlowWrites,
): RunRow {
  const next = nextOf(scene, subject, flow, row, cause, event)
  if (next === null) return row
  const moved = next.row
  const at = writes.started.findIndex((started) => started.id === row.id)
  if (at >= 0) writes.started[at] = moved
  else {
    const before = writes.changed.findIndex((changed) => changed.id === row.id)
    if (before >= 0) writes.changed[before] = moved
    else writes.changed.push(moved)
  }
  keepMessages(scene, subject, event, next, writes)
  return moved
}

/** The run after this cause; `null` when it does not concern it. */
export function nextOf(
  scene: FlowScene,
  subject: Subject,
  flow: LoadedFlow,
  row: RunRow,
  cause: Cause,
  event: Event | null,
): Moved | null {
  const state = stateOf(row)
  const plannedFor = boundToMove(scene, row, state, cause, event)
  const moment = momentOf(scene, plannedFor, row.progress.since ?? row.started_at)
  const context = contextOf(scene, subject, event, drawing(scene.vault, flow, row.customer_id))
  const result = advance(flow.compiled, state, cause, context, moment)
  if (result.run === state) return null
  return { row: { ...row, ...columnsOf(result.run, flow, scene, subject, row) }, result, plannedFor }
}

/** A timer that is over is over, whoever looks at the run first: its timer, an event, or a look at the order anew. */
function boundToMove(
  { now }: FlowScene,
  row: RunRow,
  { dueAt }: RunState,
  cause: Cause,
  event: Event | null,
): Instant {
  // News that was kept until its turn comes with a timer; `due` is there while it is still to be looked at.
  const isTimer = cause.kind === 'timer' || (event?.key === row.heard && row.progress.due === undefined)
  if (isTimer) return row.due_at ?? now
  const bound = event ? boundAt(event) : now
  return dueAt === null ? bound : Math.min(bound, dueAt)
}

function keepMessages(
  scene: FlowScene,
  subject: Subject,
  event: Event | null,
  { row: run, result, plannedFor }: Moved,
  writes: FlowWrites,
): void {
  if (result.effects.length === 0) return
  const planned = planEffects({ ...scene, ...subject, event, plannedFor, run }, result.effects)
  writes.messages.set(run.id, [...(writes.messages.get(run.id) ?? []), ...planned])
}

function newRun(scene: FlowScene, subject: Subject, event: Event, flow: LoadedFlow, state: RunState): RunRow {
  return {
    id: newId('run', scene.now, scene.random),
    flow: flow.key,
    version: flow.version,
    subject_id: subject.id,
    order_id: subject.orderId,
    customer_id: subject.customerId,
    event_id: event.key,
    iteration: state.iteration,
    arm: state.arm,
    started_at: state.startedAt,
    ...columnsOf(state, flow, scene, subject),
  }
}

const columnsOf = (
  state: RunState,
  { compiled }: LoadedFlow,
  { vault }: FlowScene,
  { view }: Subject,
  before?: RunRow,
) => ({
  topics: state.status === 'active' ? topicsOf(vault, compiled.hears, view) : null,
  heard: (state.heard?.key ?? null) as EventId | null,
  status: state.status,
  step: state.stepId,
  due_at: state.dueAt,
  waiting_for: state.waitingFor,
  progress: {
    stepsDone: state.stepsDone,
    visits: state.visits,
    since: state.since,
    ...(state.costs ? { costs: state.costs } : {}),
    ...(state.arms ? { arms: state.arms } : {}),
    ...(state.leftOut ? { leftOut: state.leftOut } : {}),
    ...heardIn(state.heard ?? before?.progress.heard),
  },
  stop_reason: state.stopReason,
})

/** Kept after it was told, too: a replay cannot know of it. */
const heardIn = (heard: RunRow['progress']['heard']) =>
  heard === undefined
    ? {}
    : { heard: { type: heard.type, at: heard.at, ...(heard.about ? { about: heard.about } : {}) } }

const stateOf = (row: RunRow): RunState => ({
  flow: row.flow,
  iteration: row.iteration,
  status: row.status as RunState['status'],
  stepId: row.step,
  // News brings the timer forward; what it was set for still holds.
  dueAt: row.progress.due ?? row.due_at,
  waitingFor: row.waiting_for,
  stopReason: row.stop_reason as RunState['stopReason'],
  arm: row.arm as Arm,
  startedAt: row.started_at,
  since: row.progress.since ?? null,
  stepsDone: row.progress.stepsDone,
  visits: row.progress.visits,
  ...(row.progress.costs ? { costs: row.progress.costs } : {}),
  ...(row.progress.arms ? { arms: row.progress.arms } : {}),
  ...(row.progress.leftOut ? { leftOut: row.progress.leftOut } : {}),
  ...(row.heard !== null && row.progress.heard ? { heard: { key: row.heard, ...row.progress.heard } } : {}),
})

/** The same person is always in the same arm of a family, on any process and without a look-up. */
function armOf(scene: FlowScene, subject: Subject, flow: LoadedFlow): Arm {
  const percent = flow.compiled.flow.holdout
  if (percent === 0 || subject.customerId === null) return 'treated'
  return holdoutArm(scene.vault.hash('holdout', subject.customerId, flow.compiled.flow.family), percent)
}

/**
 * What arms of experiments are drawn by: for the person whom the run began about, so that it stays and can be drawn
 * again, independent of the holdout and of other experiments.
 */
export function drawing(
  vault: ShopVault,
  { compiled }: LoadedFlow,
  person: CustomerId | null,
): Pick<FlowContext, 'draw'> {
  if (person === null) return {}
  return { draw: (experiment, arm) => vault.hash('split', person, compiled.flow.family, experiment, arm) }
}

export function contextOf(
  scene: FlowScene,
  subject: Subject,
  event: Event | null,
  draw: Pick<FlowContext, 'draw'>,
): FlowContext {
  const gaveBack = event && subject.gaveBack?.get(event.key)
  const context = {
    ...flowContext(scene.config, subject, event && flowEvent(event)),
    ...draw,
    ...(gaveBack && { gaveBack }),
  }
  const { smsCost, smsBar } = scene
  const { locale } = subject
  const receiver = subject.contacts.find(({ channel }) => channel === 'sms')?.receiver
  return {
    ...context,
    ...(smsCost && {
      smsCost: (template, purpose) => smsCost(scene, { template, purpose, locale, receiver }),
    }),
    ...(smsBar && { smsBar: (template, purpose) => smsBar(scene, { template, purpose, receiver }) }),
  }
}

/** What a flow may read about a subject, when `event` comes or a timer does. */
export function flowContext(
  { row, failures, settings }: ShopConfig,
  subject: Pick<Subject, 'view' | 'locale' | 'timeZone' | 'contacts' | 'fates'>,
  event: FlowEvent | null,
): FlowContext {
  return {
    order: subject.view && withPayUrl(subject.view, settings.payUrlTemplate),
    customer: { locale: subject.locale, timeZone: subject.timeZone },
    event,
    shop: {
      locale: row.locale,
      timeZone: row.time_zone,
      currency: row.currency,
      costs: { ...TYPICAL_COSTS, ...settings.costs },
    },
    known: subject.contacts.map(({ channel }) => channel),
    reach: subject.contacts.flatMap(({ channel, usable }) => (usable ? [channel] : [])),
    ...(subject.fates ? { fates: subject.fates } : {}),
    classify: (failure) => classify(failures.table, failure, failure.at, failures.overrides),
  }
}

export const flowEvent = (event: Event): FlowEvent => ({
  // What a restored database draws again is the same event to its flows, though it was kept anew.
  key: isOwn(event) && event.id !== null ? event.id : event.key,
  type: event.type,
  trust: event.trust,
  source: event.source,
  time: event.time,
  data: event.data,
})
