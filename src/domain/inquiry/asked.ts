import type { Instant, Millis } from '../time.ts'
import { MINUTE } from '../time.ts'

/** What a question brought. `paid` and `failed` are in the events that came with it. */
export type AnswerKind = 'paid' | 'failed' | 'pending' | 'stranger' | 'later'

/** The last question that was answered. A question that is still open is not part of any state: it said nothing. */
export interface Asked {
  readonly at: Instant
  readonly answer: AnswerKind
  /** When the system said it may be asked again; only with `later`. */
  readonly again: Instant | null
}

export type Move<Verdict> =
  | { readonly kind: 'ask'; readonly at: Instant }
  | { readonly kind: 'done'; readonly why: DoneReason }
  | Verdict

export type DoneReason =
  | 'paid'
  | 'closed'
  | 'failed'
  | 'asked'
  | 'stranger'
  | 'no_answer'
  | 'asked_enough'
  | 'healed'
  | 'not_healed'

const LONGEST_PAUSE: Millis = 10 * MINUTE

/** When to ask again after no answer: as the system said, else at growing distances. Never sooner than `gap`. */
export function askAgain(last: Asked, asks: number, gap: Millis): Instant {
  const pause = Math.min(LONGEST_PAUSE, gap * 2 ** Math.min(asks, 10))
  return Math.max(last.at + gap, last.again ?? last.at + pause)
}
