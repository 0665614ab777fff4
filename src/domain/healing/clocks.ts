import { DAY, HOUR, type Instant, MINUTE, type Millis } from '../time.ts'
import type { Classified } from './rules.ts'

// Three clocks, as billing systems that have run for years keep them apart (killbill's PaymentConfig.java): a customer
// who must do something is reminded over days; a platform that stumbled is tried again in minutes; an outcome that
// nobody knows is only ever asked about. One ladder for all three either charges twice or loses the sale.

/** Whose failure it is: which of the three machines works on it. */
export type FailureClock = 'customer' | 'platform' | 'unknown'

const PLATFORM: ReadonlySet<string> = new Set(['AUTO_ONCE', 'QUERY_FIRST'])
/** Advice that no class overrules. */
const HARD: ReadonlySet<string> = new Set(['NEVER', 'STOP'])

/** `canAct`: somebody could try the payment again, we or the shop; where nobody can, asking is all that is left. */
export function clockOf({ class: kind, advice }: Classified, canAct: boolean): FailureClock {
  if (HARD.has(advice)) return 'customer'
  const platform = PLATFORM.has(advice) || kind === 'network_timeout'
  if (!platform) return 'customer'
  if (canAct) return 'platform'
  return advice === 'QUERY_FIRST' ? 'unknown' : 'customer'
}

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
