import type { Instant } from '../time.ts'
import { DAY } from '../time.ts'
import { type Asked, askAgain, type Move } from './asked.ts'
import { AFTER_END, type RailRules } from './rails.ts'

// The clock of a payment that nobody speaks about: begun, and neither success nor failure was told. What is known is
// that a success may still come at any time, so the machine asks, and concludes a failure only when the time for
// paying is over AND the rail, asked after that, still says that nothing was decided.

/** One order asked about through one connection. */
export interface UnpaidInquiry {
  /** When the latest payment began, as far as anybody told. */
  readonly startedAt: Instant
  /** Questions answered so far. */
  readonly asks: number
  readonly last: Asked | null
  /** A failure was concluded already: what is still asked looks for a success whose callback was lost. */
  readonly concluded: boolean
}

/** What is known of the sale when the machine looks. */
export interface Sale {
  readonly paid: boolean
  /** Cancelled, expired or refunded by somebody who may say so. */
  readonly closed: boolean
  /** The latest failure that the rail itself told. */
  readonly failedAt: Instant | null
  readonly expiresAt: Instant | null
}

export type UnpaidMove = Move<{ readonly kind: 'conclude' }>

/** What to do next. An `ask` whose time has come is to be asked now. */
export function unpaidMove(rules: RailRules, inquiry: UnpaidInquiry, sale: Sale, now: Instant): UnpaidMove {
  const { last, asks, startedAt } = inquiry
  if (sale.paid || last?.answer === 'paid') return { kind: 'done', why: 'paid' }
  if (sale.closed) return { kind: 'done', why: 'closed' }
  const told = sale.failedAt !== null && sale.failedAt >= startedAt
  if (told || last?.answer === 'failed') return { kind: 'done', why: 'failed' }
  const end = unpaidUntil(rules, inquiry, sale)
  if (mayConclude(rules, inquiry, end)) return { kind: 'conclude' }
  if (asks >= rules.perOrder) return { kind: 'done', why: 'asked_enough' }
  const moments = momentsOf(rules, startedAt, end, sale.expiresAt)
  if (last?.answer === 'later') {
    const at = askAgain(last, asks, rules.gap)
    const over = Math.max(at, now) > moments.at(-1)! + DAY
    return over ? { kind: 'done', why: 'no_answer' } : { kind: 'ask', at }
  }
  const next = last === null ? moments[0] : moments.find((moment) => moment > last.at)
  if (next === undefined) return { kind: 'done', why: last?.answer === 'stranger' ? 'stranger' : 'asked' }
  return { kind: 'ask', at: last === null ? next : Math.max(next, last.at + rules.gap) }
}

/** When a payment that has not come has failed: the order's expiry, or earlier where the order lives for days. */
export function unpaidUntil(
  rules: RailRules,
  { startedAt }: Pick<UnpaidInquiry, 'startedAt'>,
  { expiresAt }: Pick<Sale, 'expiresAt'>,
): Instant {
  return Math.min(expiresAt ?? Number.POSITIVE_INFINITY, startedAt + rules.unpaidFor)
}

/** A rail that does not know the order never saw a payment begin: then nothing failed. */
function mayConclude(rules: RailRules, { last, concluded }: UnpaidInquiry, end: Instant): boolean {
  return rules.silent && !concluded && last?.answer === 'pending' && last.at >= end + AFTER_END
}

function momentsOf(
  rules: RailRules,
  startedAt: Instant,
  end: Instant,
  expiresAt: Instant | null,
): readonly Instant[] {
  const early = rules.delays.map((delay) => startedAt + delay).filter((moment) => moment < end)
  const late = expiresAt !== null && expiresAt > end ? [expiresAt, expiresAt + AFTER_END] : []
  return [...early, end, end + AFTER_END, ...late]
}
