import { DAY, HOUR, type Instant, MINUTE, type Millis } from '../time.ts'
import type { GateInput, QuietWindow } from './input.ts'
import { offsetSpan, wallClock } from './local-time.ts'

/** Milliseconds after midnight of `HH:MM` (00:00 to 24:00), or `null` when the text is not that. */
export function parseWallClock(text: string): Millis | null {
  if (!/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/.test(text)) return null
  return Number(text.slice(0, 2)) * HOUR + Number(text.slice(3)) * MINUTE
}

/** How long the wall clock still has to run until `window` ends, 0 when it is outside; `null`: unreadable. */
function remaining(window: QuietWindow, clock: Millis): Millis | null {
  const from = parseWallClock(window.from)
  const to = parseWallClock(window.to)
  if (from === null || to === null) return null
  if (from < to) return clock >= from && clock < to ? to - clock : 0
  if (from > to) return clock >= from ? DAY - clock + to : clock < to ? to - clock : 0
  return 0
}

/**
 * An opening of one minute comes round every local day; two days without one can be a clock change that
 * swallowed it, three cannot.
 */
const SURELY_ALWAYS: Millis = 3 * DAY

/**
 * The first instant ≥ t outside all quiet windows by the receiver's wall clock. It walks from clock change to
 * clock change, so a skipped hour ends the window at the jump and a repeated hour is quiet both times.
 */
export function nextOpening(input: GateInput, t: Instant): Instant | 'never' | 'unreadable' {
  let at = t
  while (at - t <= SURELY_ALWAYS) {
    const span = offsetSpan(input.timeZone, input.shopTimeZone, at)
    const clock = wallClock(span, at)
    let rest = 0
    for (const window of input.quiet) {
      const left = remaining(window, clock)
      if (left === null) return 'unreadable'
      if (left > rest) rest = left
    }
    if (rest === 0) return at
    at = Math.min(at + rest, span.to)
  }
  return 'never'
}
