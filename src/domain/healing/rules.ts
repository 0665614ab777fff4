import { type CardTry, type CeilingRule, mayRetry, type RetryVerdict } from '../failure/ceilings.ts'
import { classify, type Overrides } from '../failure/classify.ts'
import type { FailureCodes, FailureTable } from '../failure/table.ts'
import type { FailureClass, RetryAdvice } from '../failure-class.ts'
import type { Money } from '../money.ts'
import type { Instant } from '../time.ts'

/** A failure as the rail told it, in its own codes. */
export interface ToldFailure extends FailureCodes {
  readonly method: string | null
  /** The card's token. */
  readonly card: string | null
  readonly amount: Money | null
  readonly at: Instant
}

export interface Classified {
  readonly class: FailureClass
  readonly advice: RetryAdvice
}

/** What is known of tries, for the ceilings of card schemes. */
export interface TriesSoFar {
  readonly failure: ToldFailure
  /** Of this order and of every other that used the card. */
  readonly tries: readonly CardTry[]
  /** `counted`: `tries` are all there were. */
  readonly elsewhere: 'counted' | 'unknown'
  /** Whether somebody else tries the payment again by himself. */
  readonly provider: 'leaves it' | 'unknown'
}

/** What the rules about failures say in one shop. */
export interface RetryRules {
  classOf(failure: Omit<ToldFailure, 'amount' | 'method' | 'card'>): Classified
  /** `never` where tries made elsewhere cannot be known. */
  mayRetry(tries: TriesSoFar, now: Instant): RetryVerdict
}

/** The table with the shop's own decisions, and the schemes' ceilings in the shop's country. */
export function retryRules(
  failures: { readonly table: FailureTable; readonly overrides: Overrides },
  ceilings: readonly CeilingRule[],
  country: string,
): RetryRules {
  return {
    classOf: (failure) => classify(failures.table, failure, failure.at, failures.overrides),
    mayRetry: ({ failure: { scheme, card, amount }, ...known }, now) =>
      mayRetry(ceilings, { scheme, country, card, amount, ...known }, now),
  }
}

/** Without rules nothing is retried by itself: every failure is the buyer's to repair. */
export const NO_RETRIES: RetryRules = {
  classOf: () => ({ class: 'other', advice: 'STOP' }),
  mayRetry: () => ({ kind: 'never', rule: 'no_rules' }),
}
