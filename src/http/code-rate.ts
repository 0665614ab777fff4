import { DAY, HOUR, type Instant, MINUTE } from '../domain/time.ts'

/** How often an order's code may be sent: a person who waits for a mail asks again; a stranger must not flood them. */
const LIMITS = [
  { count: 1, within: MINUTE },
  { count: 5, within: HOUR },
  { count: 10, within: DAY },
] as const

/** When the next code may be sent, given when earlier ones were (oldest first): at or before `now` means now. */
export function nextCodeAt(sent: readonly Instant[], now: Instant): Instant {
  let at = now
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
