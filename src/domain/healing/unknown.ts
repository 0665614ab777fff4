import { type Asked, askAgain, type Move } from '../inquiry/asked.ts'
import type { Instant } from '../time.ts'
import { SECOND } from '../time.ts'
import { unknownNext } from './clocks.ts'

// Nobody knows how a payment ended, and nobody may try it again. The machine only asks, and never concludes: what the
// answers say comes in as events, and the events speak for themselves.

export interface UnknownOutcome {
  readonly startedAt: Instant
  readonly asks: number
  readonly last: Asked | null
}

const GAP = 5 * SECOND
/** A system that does not answer is asked again sooner than the clock says, but not for ever. */
const MOST_IMPATIENT = 10

export function unknownMove(
  outcome: UnknownOutcome,
  sale: { readonly paid: boolean; readonly closed: boolean },
): Move<never> {
  const { startedAt, last, asks } = outcome
  if (sale.paid || last?.answer === 'paid') return { kind: 'done', why: 'paid' }
  if (sale.closed) return { kind: 'done', why: 'closed' }
  if (last === null) return { kind: 'ask', at: startedAt }
  const next = unknownNext(startedAt, last.at)
  if (next === null) return { kind: 'done', why: last.answer === 'later' ? 'no_answer' : 'asked' }
  const impatient = last.answer === 'later' && asks < MOST_IMPATIENT
  return { kind: 'ask', at: impatient ? Math.min(next, askAgain(last, asks, GAP)) : next }
}
