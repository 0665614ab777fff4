import type { Instant } from '../time.ts'
import { advance, startRun } from './advance.ts'
import type { CompiledFlow } from './compile.ts'
import type { Advance, Arm, Cause, FlowContext, RunState } from './run.ts'

/** One event after the one a run started on, with what was known then. */
export interface LaterEvent {
  readonly at: Instant
  readonly context: FlowContext
}

export interface RecordedRun {
  readonly iteration: string
  readonly arm: Arm
  readonly startedAt: Instant
}

export interface ReplayedRun {
  readonly run: RunState
  /** Steps that wanted something said or done, each once. */
  readonly planned: ReadonlySet<string>
}

/**
 * Runs a flow again on what was recorded: the event it started on, those that came later, and its own timers up to
 * `until`. `null` when it would not start today; `why` says so.
 */
export function replayRun(
  flow: CompiledFlow,
  recorded: RecordedRun,
  first: FlowContext,
  later: readonly LaterEvent[],
  until: Instant,
): ReplayedRun | { readonly why: string } {
  const { iteration, arm, startedAt } = recorded
  const count = flow.flow.once.per === 'burst' ? Number(iteration) - 1 : 0
  const begun = startRun(
    flow,
    first,
    { arm, earlier: { count, active: false, lastStartedAt: null } },
    startedAt,
  )
  if (begun.kind === 'not_started') return { why: begun.reason }
  const planned = new Set<string>()
  const keep = ({ run, effects }: Advance): RunState => {
    for (const { stepId } of effects) planned.add(stepId)
    return run
  }
  let run = keep(begun)
  let context = first
  const move = (cause: Cause, seen: FlowContext, now: Instant) => {
    run = keep(advance(flow, run, cause, seen, now))
  }
  const timersUpTo = (end: Instant) => {
    while (run.status === 'active' && run.dueAt !== null && run.dueAt <= end) {
      const { dueAt } = run
      // A timer sees the event the run started on, and the order as it is.
      move({ kind: 'timer' }, { ...context, event: first.event }, dueAt)
      if (run.dueAt === dueAt) return
    }
  }
  for (const next of later) {
    timersUpTo(next.at)
    context = next.context
    const { event } = next.context
    move({ kind: 'recheck' }, { ...context, event: null }, next.at)
    if (event !== null) move({ kind: 'event', event }, context, next.at)
  }
  timersUpTo(until)
  return { run, planned }
}
