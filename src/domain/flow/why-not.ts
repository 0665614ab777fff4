import type { Instant } from '../time.ts'
import { type Start, startRun } from './advance.ts'
import type { CompiledFlow } from './compile.ts'
import { type ConditionPart, whyFalse } from './condition-parts.ts'
import { buildFacts } from './facts.ts'
import type { FlowContext, NotStarted } from './run.ts'

/** A flow as it stood when an event came. */
export interface FlowThen {
  readonly enabled: boolean
  readonly compiled: CompiledFlow
}

export interface WhyNot {
  readonly reason:
    | NotStarted['reason']
    | 'not_there_yet'
    | 'disabled'
    | 'untrusted'
    | 'wrong_subject'
    | 'ran_already'
  /** The parts of the flow's condition that were not true. */
  readonly parts: readonly ConditionPart[]
}

/**
 * Why `context.event` started no run of a flow, worked out from the version that was in force then; `null` when
 * nothing stood in its way. `iterations`: of the runs the flow had on this subject before.
 */
export function whyNotStarted(
  flow: FlowThen | null,
  context: FlowContext,
  start: Start,
  iterations: ReadonlySet<string>,
  now: Instant,
): WhyNot | null {
  const because = (reason: WhyNot['reason'], parts: readonly ConditionPart[] = []): WhyNot => ({
    reason,
    parts,
  })
  if (flow === null) return because('not_there_yet')
  if (!flow.enabled) return because('disabled')
  if (context.event?.trust === 'browser') return because('untrusted')
  const { compiled } = flow
  if ((compiled.flow.subject === 'order') !== (context.order !== null)) return because('wrong_subject')
  const result = startRun(compiled, context, start, now)
  if (result.kind === 'advanced') return iterations.has(result.run.iteration) ? because('ran_already') : null
  const { reason } = result
  if (!reason.startsWith('condition_')) return because(reason)
  const facts = buildFacts(context, compiled.params, now)
  const parts = [compiled.when, compiled.goesOn].flatMap((condition) =>
    condition === null ? [] : whyFalse(condition, compiled.params, facts),
  )
  return because(reason, parts)
}
