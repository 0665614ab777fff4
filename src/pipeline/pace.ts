import type { AccountId } from '../domain/ids.ts'
import type { Millis } from '../domain/time.ts'

/** How fast each account has been lately, to claim no more than can leave soon. */
export interface Pace {
  /** Messages to claim at one gate: about half a second's work. */
  claim(account: AccountId | null, concurrency: number): number
  /** Messages to commit as "calling" at once: about a tenth of a second's work. */
  chunk(account: AccountId, concurrency: number): number
  /** `took`: wall time of `calls` calls, `concurrency` at a time. */
  note(account: AccountId, calls: number, took: Millis, concurrency: number): void
}

const MOST = 500
/** Until an account has shown its pace, a call is taken to last so long. */
const UNKNOWN_CALL: Millis = 40
/** Weight of the newest observation. */
const WEIGHT = 0.3

export function createPace(): Pace {
  const callTime = new Map<AccountId, Millis>()
  const perSecond = (account: AccountId, concurrency: number) =>
    (concurrency * 1000) / Math.max(0.02, callTime.get(account) ?? UNKNOWN_CALL)
  const size = (account: AccountId, concurrency: number, seconds: number) =>
    Math.max(concurrency, Math.min(MOST, Math.round(perSecond(account, concurrency) * seconds)))
  return {
    claim: (account, concurrency) => (account === null ? 100 : size(account, concurrency, 0.5)),
    chunk: (account, concurrency) => size(account, concurrency, 0.1),
    note(account, calls, took, concurrency) {
      const each = (took * Math.min(calls, concurrency)) / calls
      const before = callTime.get(account)
      callTime.set(account, before === undefined ? each : before * (1 - WEIGHT) + each * WEIGHT)
    },
  }
}
