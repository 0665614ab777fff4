import { DAY, HOUR, type Instant, MINUTE, type Millis } from '../src/domain/time.ts'
import { type Draw, pick } from './draw.ts'

// What a simulated buyer is like. Every number here is an invention to exercise the mechanisms with, and says nothing
// about real people.

export type Occupation = 'office' | 'student' | 'night'

export interface Buyer {
  readonly n: number
  readonly occupation: Occupation
  /** Minutes after local midnight in which they look at their mail, `[from, to)`. */
  readonly reads: readonly (readonly [number, number])[]
  readonly channels: { readonly email: number; readonly sms: number; readonly inbox: number }
  /** How likely they come back by themselves, and how long that takes them on average. */
  readonly persistence: number
  readonly returnsAfter: Millis
  /** Money comes on this day of the month. */
  readonly payday: number
  readonly hasOtherMethod: boolean
  /** Reminders they bear before they switch them off. */
  readonly tolerance: number
  /** Waits for a coupon whatever one writes. */
  readonly farmsCoupons: boolean
  /** How likely one fitting reminder makes them try again. */
  readonly reachable: number
}

const READS: Readonly<Record<Occupation, Buyer['reads']>> = {
  office: [[8 * 60, 9 * 60], [12 * 60, 13 * 60 + 30], [18 * 60, 22 * 60]],
  student: [[12 * 60, 13 * 60], [20 * 60, 23 * 60]],
  night: [[14 * 60, 16 * 60], [22 * 60, 24 * 60]],
} // biome-ignore format: a table

export function buyerOf(draw: Draw, n: number): Buyer {
  const chance = (what: string) => draw('buyer', n, what)
  const occupation = pick(chance('occupation'), [
    ['office', 5],
    ['student', 3],
    ['night', 2],
  ] as const)
  return {
    n,
    occupation,
    reads: READS[occupation],
    channels: {
      email: 0.3 + 0.6 * chance('email'),
      sms: 0.7 + 0.3 * chance('sms'),
      inbox: 0.2 + 0.5 * chance('inbox'),
    },
    persistence: 0.15 + 0.35 * chance('persistence'),
    returnsAfter: (0.2 + 10 * chance('returns')) * HOUR,
    payday: 1 + Math.floor(chance('payday') * 28),
    hasOtherMethod: chance('other') < 0.55,
    tolerance: 1 + Math.floor(chance('tolerance') * 7),
    farmsCoupons: chance('farms') < 0.05,
    reachable: 0.1 + 0.4 * chance('reachable'),
  } // biome-ignore format: one line a habit
}

const SHANGHAI: Millis = 8 * HOUR
const localMinute = (at: Instant) => Math.floor(((at + SHANGHAI) % DAY) / MINUTE)
const localMidnight = (at: Instant) => at - ((at + SHANGHAI) % DAY)

/** When this buyer will have seen what arrives at `at`; a text message rings at once while they are awake. */
export function seenAt(buyer: Buyer, channel: string, at: Instant, share: number): Instant {
  if (channel === 'sms' && localMinute(at) >= 8 * 60) return at + Math.ceil(share * 10) * MINUTE
  for (let day = 0; ; day++) {
    const midnight = localMidnight(at) + day * DAY
    for (const [from, to] of buyer.reads) {
      const earliest = Math.max(at, midnight + from * MINUTE)
      if (earliest < midnight + to * MINUTE) {
        return earliest + Math.floor(share * (midnight + to * MINUTE - earliest))
      }
    }
  }
}

/** The next time money comes in after `at`. */
export function nextPayday(buyer: Buyer, at: Instant): Instant {
  for (let midnight = localMidnight(at); ; midnight += DAY) {
    if (new Date(midnight + SHANGHAI).getUTCDate() === buyer.payday && midnight > at)
      return midnight + 9 * HOUR
  }
}

export const localHour = (at: Instant) => localMinute(at) / 60
export const localDate = (at: Instant) => Math.floor((at + SHANGHAI) / DAY)
