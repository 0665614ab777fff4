import type { RunRow } from '../db/runs.ts'
import { boundAt, type Event } from '../domain/event.ts'
import { whyFalse } from '../domain/flow/condition-parts.ts'
import { buildFacts } from '../domain/flow/facts.ts'
import type { LeftOut } from '../domain/flow/left-out.ts'
import type { Arm, TraceEntry } from '../domain/flow/run.ts'
import { type WhyNot, whyNotStarted } from '../domain/flow/why-not.ts'
import type { MessageState } from '../domain/message.ts'
import type { Instant } from '../domain/time.ts'
import { othersFirst } from './others-first.ts'
import { planEffects } from './plan-messages.ts'
import {
  beginRun,
  contextOf,
  drawing,
  earlierOf,
  type FlowScene,
  type Moved,
  nextOf,
  type Subject,
} from './run-flows.ts'
import type { LoadedFlow } from './shop-config.ts'
import { failedCheck, type StartCheck } from './start-checks.ts'
import type { TrialCase } from './trial-case.ts'
import {
  newTrialMessage,
  openTrialGate,
  type TrialGateDeps,
  type TrialGateScene,
  type TrialMessage,
} from './trial-messages.ts'
import { lastSaid } from './write-flows.ts'

export interface TrialScene extends TrialGateScene, Pick<FlowScene, 'random' | 'smsCost' | 'smsBar'> {}

/** A step that was reached, and what came of it. */
export interface TrialStep {
  readonly at: Instant
  readonly step: string
  readonly code: string
  readonly detail: string | null
  /** Where the run waits: until when, and for what. */
  until: Instant | null
  waitsFor: readonly string[] | null
  /** Of a condition that was not true: the parts of it that were not. */
  readonly parts: WhyNot['parts']
  leftOut: readonly LeftOut[]
  readonly messages: TrialMessage[]
  /** The step it goes on to at once. */
  readonly next: string | null
}

export interface Trial {
  /** `null`: it would start. */
  readonly why: (WhyNot & { readonly check: StartCheck }) | null
  readonly arm: Arm | null
  readonly steps: readonly TrialStep[]
  readonly end: {
    readonly at: Instant
    readonly status: string
    readonly reason: string | null
  } | null
  /** It goes on for longer than a trial looks. */
  readonly cut: boolean
}

/** Moments that a trial looks at: more than any ladder has. A flow that loops for ever is left there. */
export const MOST_MOMENTS = 200
/** Messages that it looks at: nobody reads on for longer. A circle that says much is left there. */
export const MOST_MESSAGES = 100

/** What one flow would do about one event if nobody acted and nothing more happened. Changes nothing, sends nothing. */
export async function tryFlow(
  deps: TrialGateDeps,
  scene: TrialScene,
  flow: LoadedFlow,
  about: TrialCase,
): Promise<Trial> {
  const start = boundAt(about.event)
  const at = { ...scene, now: start, restoredAt: null }
  const why = whyNotIn(at, flow, about)
  const begun = why === null ? beginRun(at, about.subject, about.event, flow, about.earlier) : null
  if (begun === null) {
    const no = why ?? { reason: 'ran_already', parts: [] }
    const context = contextAt(at, flow, about)
    return { ...NOTHING, why: { ...no, check: failedCheck(no, flow, context, start) } }
  }
  const play = createPlay(scene, flow, about)
  const gate = openTrialGate(deps, scene, about)
  play.note(begun, start)
  await gate.pass(play.messages, start)
  let moments = 0
  const full = () => moments >= MOST_MOMENTS || play.full() || gate.full()
  for (let now = play.next(); now !== null && !full(); now = play.next()) {
    moments++
    if (!play.move(now)) break
    await gate.pass(play.messages, now)
    await othersFirst()
  }
  return { why: null, arm: begun.row.arm as Arm, ...play.seen(), cut: play.full() || play.next() !== null }
}

const NOTHING: Omit<Trial, 'why'> = { arm: null, steps: [], end: null, cut: false }

const contextAt = (
  scene: FlowScene,
  flow: LoadedFlow,
  { subject, event }: Pick<TrialCase, 'event' | 'subject'>,
) => contextOf(scene, subject, event, drawing(scene.vault, flow, subject.customerId))

/** Why the event would start no run. That the flow is off is no reason here: what it would do is the question. */
export function whyNotIn(
  scene: FlowScene,
  flow: LoadedFlow,
  about: Pick<TrialCase, 'event' | 'subject' | 'earlier'>,
): WhyNot | null {
  const { event, earlier } = about
  const start = { arm: 'treated' as const, earlier: earlierOf(earlier) }
  const iterations = new Set(earlier.map(({ iteration }) => iteration))
  const then = { ...flow, enabled: true }
  return whyNotStarted(then, contextAt(scene, flow, about), start, iterations, boundAt(event))
}

/** One run and its messages, moved on in virtual time. */
function createPlay(scene: TrialScene, flow: LoadedFlow, about: TrialCase) {
  const { event, subject, person } = about
  const steps: TrialStep[] = []
  const messages: TrialMessage[] = []
  let row: RunRow | null = null
  let end: Trial['end'] = null
  let full = false

  function note(moved: Moved, now: Instant): void {
    row = moved.row
    const { plannedFor } = moved
    const told = { ...scene, ...subject, customerId: person, now, event: masked(event), plannedFor, run: row }
    const planned = planEffects(told, moved.result.effects).filter(
      (each) => !messages.some(({ planned: { id } }) => id === each.id),
    )
    const room = MOST_MESSAGES - messages.length
    full = planned.length > room
    const made = planned.slice(0, room).map((each) => newTrialMessage(each, now))
    if (row.stop_reason === 'moved_on' && row.order_id !== null) endWaiting(messages, 'moved_on', now)
    messages.push(...made)
    endWaiting(replacedBy(made, messages), 'replaced', now)
    const every = tellSteps({ ...scene, now, restoredAt: null }, flow, about, moved, made)
    const passed = full ? every.slice(0, every.findLastIndex((each) => each.messages.length > 0) + 1) : every
    const last = steps.at(-1)
    const [first, ...others] = passed
    // It only looked whether it had to go on waiting.
    if (last && first && isSameWait(last, first)) {
      last.until = first.until
      last.waitsFor = first.waitsFor
      steps.push(...others)
    } else steps.push(...passed)
    if (row.status !== 'active' && !full) end = { at: now, status: row.status, reason: row.stop_reason }
  }

  return {
    messages,
    note,
    /** There was no room for all its messages: the rest is not told. */
    full: () => full,
    /** The next instant at which something is due. */
    next(): Instant | null {
      const due = messages.flatMap(({ state, dueAt }) => (state === 'waiting' ? [dueAt] : []))
      if (row?.status === 'active' && row.due_at !== null) due.push(row.due_at)
      return due.length === 0 ? null : Math.min(...due)
    },
    /** Lets the run's timer come; `false` when nothing follows from it, which would be for ever. */
    move(now: Instant): boolean {
      if (row?.status !== 'active' || row.due_at === null || row.due_at > now) return true
      const seen: Subject = { ...subject, fates: fatesOf(messages) }
      const at = { ...scene, now, restoredAt: null }
      const moved = nextOf(at, seen, flow, row, { kind: 'timer' }, event)
      if (moved === null) return false
      note(moved, now)
      return true
    },
    seen: () => ({ steps, end }),
  }
}

/** As a running cascade reads them: by step and channel. */
const fatesOf = (messages: readonly TrialMessage[]): Readonly<Record<string, MessageState>> =>
  Object.fromEntries(
    messages.map(({ planned: { step, channel }, state }) => [
      `${step}.${channel}`,
      state === 'open' ? 'waiting' : state,
    ]),
  )

/** Of all that has the collapse key of something new, what that replaces. */
function replacedBy(made: readonly TrialMessage[], all: readonly TrialMessage[]): readonly TrialMessage[] {
  const last = lastSaid(made.map(({ planned }) => planned))
  const kept = new Set(last.map(({ id }) => id))
  const keys = new Set(last.map(({ key }) => key))
  return all.filter(({ planned: { id, collapseKey } }) => keys.has(collapseKey ?? '') && !kept.has(id))
}

function endWaiting(messages: readonly TrialMessage[], because: 'replaced' | 'moved_on', now: Instant): void {
  for (const each of messages) {
    if (each.state !== 'waiting' && each.state !== 'open') continue
    each.state = 'dropped'
    each.ended = because
    each.endedAt = now
  }
}

const isSameWait = (last: TrialStep, next: TrialStep) =>
  last.step === next.step && last.until !== null && next.code === 'waiting' && next.messages.length === 0

function tellSteps(
  scene: FlowScene,
  flow: LoadedFlow,
  about: TrialCase,
  { row, result }: Moved,
  made: readonly TrialMessage[],
): readonly TrialStep[] {
  const { trace } = result
  return trace.map((entry, at): TrialStep => {
    const pauses = at === trace.length - 1 && row.status === 'active'
    return {
      at: scene.now,
      step: entry.stepId,
      code: entry.code,
      detail: entry.detail ?? null,
      until: pauses ? row.due_at : null,
      waitsFor: pauses ? row.waiting_for : null,
      parts: partsOf(scene, flow, about, entry),
      leftOut: row.progress.leftOut?.[entry.stepId] ?? [],
      messages: made.filter(({ planned }) => planned.step === entry.stepId),
      next: trace[at + 1]?.stepId ?? null,
    }
  })
}

/** What of a branch's condition was not true. */
function partsOf(
  scene: FlowScene,
  flow: LoadedFlow,
  about: TrialCase,
  { stepId, code }: TraceEntry,
): TrialStep['parts'] {
  const { steps, params } = flow.compiled
  const condition = steps.get(stepId)?.expressions.when
  if (condition === undefined || (code !== 'else' && code !== 'condition_failed')) return []
  const facts = buildFacts(contextAt(scene, flow, about), params, scene.now)
  return whyFalse(condition, params, facts)
}

/** What a sender says in fields of its own may be anything: their texts are not shown. */
function masked(event: Event): Event {
  const { extra } = event.data
  if (extra === undefined) return event
  const { review, stock, membership, ...others } = extra
  const kept = Object.fromEntries(
    Object.entries({ review, stock, membership }).filter(([, value]) => value !== undefined),
  )
  return { ...event, data: { ...event.data, extra: { ...hidden(others), ...kept } as typeof extra } }
}

function hidden(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const hide = (each: unknown): unknown => {
    if (typeof each === 'string') return '***'
    if (Array.isArray(each)) return each.map(hide)
    return each !== null && typeof each === 'object' ? hidden(each as Record<string, unknown>) : each
  }
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, hide(each)]))
}
