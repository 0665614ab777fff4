import { holds } from '../domain/flow/condition.ts'
import { buildFacts } from '../domain/flow/facts.ts'
import type { FlowContext } from '../domain/flow/run.ts'
import type { WhyNot } from '../domain/flow/why-not.ts'
import type { Instant } from '../domain/time.ts'
import type { LoadedFlow } from './shop-config.ts'

/** What is looked at before a run starts, in this order. */
export const START_CHECKS = ['trigger', 'stop', 'burst', 'while', 'when', 'age', 'once'] as const
export type StartCheck = (typeof START_CHECKS)[number]

/** Which of them said no. */
export function failedCheck(
  { reason }: WhyNot,
  { compiled }: LoadedFlow,
  context: FlowContext,
  now: Instant,
): StartCheck {
  switch (reason) {
    case 'condition_false':
    case 'condition_failed': {
      const { goesOn, params } = compiled
      return goesOn !== null && !holds(goesOn, buildFacts(context, params, now)).value ? 'while' : 'when'
    }
    case 'already_running':
    case 'resting':
      return 'burst'
    case 'ran_already':
    case 'refund_told':
      return 'once'
    case 'too_old':
      return 'age'
    case 'paid':
    case 'closed':
    case 'cancelled':
    case 'expired':
    case 'refunded':
    case 'delivered':
      return 'stop'
    default:
      return 'trigger'
  }
}
