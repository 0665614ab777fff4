import type { Instant } from '../time.ts'
import type { CompiledFlow } from './compile.ts'
import type { Advance, Arm, Cause, EarlierRuns, FlowContext, FlowOrder, NotStarted, RunState } from './run.ts'
import type { StopFact } from './words.ts'

/** What starting a run needs besides the context. */
export interface Start {
  readonly arm: Arm
  readonly earlier: EarlierRuns
}

/**
 * Starts a run on `context.event`, executing steps until the first pause. `not_started` says why not.
 * The caller inserts the run under unique (shop, flow, subject, iteration) and drops the effects when it exists.
 */
export function startRun(
  _flow: CompiledFlow,
  _context: FlowContext,
  _start: Start,
  _now: Instant,
): Advance | NotStarted {
  throw new Error('not yet')
}

/**
 * Moves a run on: stop rules first, then the cause, then steps until the next pause or the end.
 * A cause that does not concern the run gives it back unchanged, without effects.
 */
export function advance(
  _flow: CompiledFlow,
  _run: RunState,
  _cause: Cause,
  _context: FlowContext,
  _now: Instant,
): Advance {
  throw new Error('not yet')
}

/** The first of the flow's stop facts that is true of the order, or `null`. */
export function stopsOn(_flow: CompiledFlow, _order: FlowOrder | null): StopFact | null {
  throw new Error('not yet')
}
