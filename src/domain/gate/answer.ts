import type { Instant } from '../time.ts'
import type { GateInput } from './input.ts'
import type { ReasonCode } from './verdict.ts'

/**
 * What one policy says about leaving at `t`: the next instant ≥ t at which it allows it (`because` names the
 * delay, or the exemption it needed when `at` is `t`), or never again and why.
 */
export type Answer =
  | { readonly never: null; readonly at: Instant; readonly because: ReasonCode | null }
  | { readonly never: ReasonCode }

/**
 * One rule of the gate. Pure. Its `at` is the earliest instant it allows, and what it refuses for ever at `t` it
 * refuses at every later instant: the gate's fixpoint relies on both.
 */
export type Policy = (input: GateInput, t: Instant) => Answer

export function allow(t: Instant, exemption: ReasonCode | null = null): Answer {
  return { never: null, at: t, because: exemption }
}

export function wait(until: Instant, because: ReasonCode): Answer {
  return { never: null, at: until, because }
}

export function never(because: ReasonCode): Answer {
  return { never: because }
}
