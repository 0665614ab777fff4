import type { Clock, Instant, Millis } from '../domain/time.ts'

// Acknowledging goes first. Whoever sends events waits for an answer, and a payment silences its reminders from the
// moment it is kept; what follows from an event bears a second's delay. So while many events wait to be kept, the work
// behind them stands aside, but no key of it for longer than `MOST_DEFERRED` before it has caught up.

/** Events waiting for their commit from which intake is under pressure: a few at a time share one without haste. */
export const PRESSING = 8
const LOOK_AGAIN: Millis = 20
export const MOST_DEFERRED: Millis = 1_500

export interface Yielding<Key> {
  /** How long `key` stands aside before it asks again; 0: it may begin. */
  defer(key: Key): Millis
  /** `key` has nothing left to do: what it stood aside for is over. */
  caughtUp(key: Key): void
}

/** `waiting`: events waiting to be kept, now. */
export function createYielding<Key>(clock: Clock, waiting: () => number): Yielding<Key> {
  const since = new Map<Key, Instant>()
  return {
    defer(key) {
      if (waiting() < PRESSING) return 0
      const now = clock.now()
      // A clock that was set back must not make it longer.
      const first = Math.min(since.get(key) ?? now, now)
      since.set(key, first)
      return now - first < MOST_DEFERRED ? LOOK_AGAIN : 0
    },
    caughtUp: (key) => since.delete(key),
  }
}
