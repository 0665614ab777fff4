import type { FailureClass, RetryAdvice } from '../failure-class.ts'
import type { Instant } from '../time.ts'

/** A failure as the rail told it, in its own codes. */
export interface ToldFailure {
  readonly rail: string | null
  readonly method: string | null
  readonly code: string | null
  readonly declineCode: string | null
  readonly adviceCode: string | null
  readonly networkCode: string | null
  readonly at: Instant
}

export interface Classified {
  readonly class: FailureClass
  readonly advice: RetryAdvice
}

/** What is known of tries, for the ceilings of card schemes. */
export interface TriesSoFar {
  readonly failure: ToldFailure
  /** When each failed try was, those of the shop and of its provider included, as far as they were told. */
  readonly failedAt: readonly Instant[]
}

/** Whether one more try is within the scheme's ceiling, from when on, or never, and why. */
export type RetryVerdict =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'not_before'; readonly at: Instant }
  | { readonly kind: 'never'; readonly why: string }

/** What the rules about failures say; given by whoever puts the program together. */
export interface RetryRules {
  classOf(failure: ToldFailure): Classified
  /** `never` where tries made elsewhere cannot be known. */
  mayRetry(tries: TriesSoFar, now: Instant): RetryVerdict
}

/** Without rules nothing is retried by itself: every failure is the buyer's to repair. */
export const NO_RETRIES: RetryRules = {
  classOf: () => ({ class: 'other', advice: 'STOP' }),
  mayRetry: () => ({ kind: 'never', why: 'no_rules' }),
}
