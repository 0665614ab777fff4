import type { Instant, Millis } from '../time.ts'

export interface Spread {
  /** When the message that is now waited for was planned. */
  readonly since: Instant
  /** End of the order's life; `null` when it has none. */
  readonly end: Instant | null
  /** Channels that have not had their turn yet. */
  readonly left: number
  readonly min: Millis
  readonly max: Millis
}

/**
 * When to give up on a message and try the next channel: what is left of the order's life is shared out evenly over
 * the channels still to come and the time to act on the last of them, between `min` and `max`, and never past the
 * end. An order without an end waits `max` each time.
 */
export function nextTurn({ since, end, left, min, max }: Spread): Instant {
  if (end === null) return since + max
  const share = Math.floor((end - since) / (left + 1))
  return Math.min(end, since + Math.min(max, Math.max(min, share)))
}
