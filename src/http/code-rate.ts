import { DAY, HOUR, type Instant, MINUTE } from '../domain/time.ts'

/** How many codes there are: six digits. */
export const CODES = 1_000_000
export const CODE_LIFE = 10 * MINUTE
/** Looks at one code before it is over. */
export const MAX_TRIES = 5
/** Once a network has been wrong as often as `code-ask-rate.ts` lets it: one look, so that it still shuts nobody out. */
export const TRIES_WHEN_MANY_WERE_WRONG = 1
/** Between two codes to one browser: a person who waits for a mail asks again. */
const BETWEEN = MINUTE
/** All that an order or member may be sent, whoever asks: a stranger must not flood them. */
const LIMITS = [
  { count: 5, within: HOUR },
  { count: 10, within: DAY },
] as const

/**
 * How likely it is that somebody opens one order, or logs in as one member, with the codes sent within any 24 hours,
 * however many browsers and networks they have: 10 codes × 5 looks in 1,000,000, that is 1 in 20,000.
 */
export const GUESSED_A_DAY = (MAX_TRIES * LIMITS[1].count) / CODES

/**
 * When the next code may be sent to a browser, given when earlier ones were (oldest first) and when it got its last:
 * at or before `now` means now.
 */
export function nextCodeAt(sent: readonly Instant[], toAsker: Instant | null, now: Instant): Instant {
  let at = toAsker === null ? now : Math.max(now, toAsker + BETWEEN)
  for (const { count, within } of LIMITS) {
    const nth = sent.at(-count)
    if (nth !== undefined) at = Math.max(at, nth + within)
  }
  return at
}

/** What has to be remembered after sending one at `now`. */
export function rememberSent(sent: readonly Instant[], now: Instant): readonly Instant[] {
  return [...sent.filter((at) => at > now - DAY), now].slice(-10)
}
