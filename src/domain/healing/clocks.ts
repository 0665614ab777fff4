import { DAY, HOUR, type Instant, MINUTE, type Millis } from '../time.ts'
import type { Classified } from './rules.ts'

// Three clocks, as billing systems that have run for years keep them apart (killbill's PaymentConfig.java): a customer
// who must do something is reminded over days; a platform that stumbled is tried again in minutes; an outcome that
// nobody knows is only ever asked about. One ladder for all three either charges twice or loses the sale.

/** Whose failure it is: which of the three machines works on it. */
export type FailureClock = 'customer' | 'platform' | 'unknown'

const PLATFORM: ReadonlySet<string> = new Set(['AUTO_ONCE', 'QUERY_FIRST'])
/** Advice that no class overrules. */
export const HARD: ReadonlySet<string> = new Set(['NEVER', 'STOP'])

/** `canAct`: somebody could try the payment again, we or the shop; where nobody can, asking is all that is left. */
export function clockOf({ class: kind, advice }: Classified, canAct: boolean): FailureClock {
  if (HARD.has(advice)) return 'customer'
  const platform = PLATFORM.has(advice) || kind === 'network_timeout'
  if (!platform) return 'customer'
  if (canAct) return 'platform'
  return advice === 'QUERY_FIRST' ? 'unknown' : 'customer'
}

/**
 * So long a ladder waits for a healing before it speaks anyway: the parameter `healing` of `flows/payment-failed-*.yaml`,
 * which a test holds to this.
 */
export const LADDER_WAITS: Millis = 10 * MINUTE
/** How long after a try an answer "failed" may be taken for the try's own and not for the failure before it. */
export const TRY_SETTLES: Millis = 5 * MINUTE
/** By then the reminders' turn has come wherever no try was begun; a minute for the ladder's waiting to hear of it. */
export const TOLD_WITHIN: Millis = LADDER_WAITS - MINUTE
/** Later no try begins, so that what became of it is known before the ladder speaks. */
export const TRIED_WITHIN: Millis = TOLD_WITHIN - TRY_SETTLES

/** Distances at which an unknown outcome is asked about (killbill: 5m, 1h, 1d × 5). */
export const UNKNOWN_CLOCK: readonly Millis[] = [5 * MINUTE, HOUR, DAY, DAY, DAY, DAY, DAY]

/** The next moment of the clock after `last`, counted from `from`; `null` when it has run down. */
export function unknownNext(from: Instant, last: Instant | null): Instant | null {
  let moment = from
  for (const distance of UNKNOWN_CLOCK) {
    moment += distance
    if (last === null || moment > last) return moment
  }
  return null
}
