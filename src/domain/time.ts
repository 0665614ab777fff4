/** A moment, in epoch milliseconds (UTC). Instants are plain numbers everywhere: in memory, in JSON, in SQL. */
export type Instant = number

/** A length of time in milliseconds. */
export type Millis = number

/** Where business time comes from. Only `app.ts` reads the machine's clock; tests and simulations travel. */
export interface Clock {
  now(): Instant
  /** Calls `wake` once, `delay` ms from now by this clock; the returned function cancels. */
  after(delay: Millis, wake: () => void): () => void
}

export const SECOND: Millis = 1_000
export const MINUTE: Millis = 60 * SECOND
export const HOUR: Millis = 60 * MINUTE
export const DAY: Millis = 24 * HOUR

/** ISO 8601 in UTC with milliseconds: `2026-11-22T08:00:00.000Z`. */
export function toIso(instant: Instant): string {
  return new Date(instant).toISOString()
}

/** Epoch ms of an RFC 3339 text, or `null` when it is not one (a date without zone is not a moment). */
export function parseIso(text: string): Instant | null {
  if (!/^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)$/.test(text)) return null
  const instant = Date.parse(text)
  return Number.isNaN(instant) || !isDay(text.slice(0, 10)) ? null : instant
}

/** Whether there is such a day: `Date.parse` reads 2026-02-30 as one of March. */
const isDay = (text: string) => {
  const midnight = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(text)
}

/** The machine's clock: for `app.ts` and the command line only. */
export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    after(delay, wake) {
      const timer = setTimeout(wake, Math.max(0, delay))
      return () => clearTimeout(timer)
    },
  }
}
