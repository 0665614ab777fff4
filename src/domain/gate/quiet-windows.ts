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

/** Whether no minute of an ordinary day is outside the windows. Unreadable ones and those without length cover nothing. */
export function coversDay(windows: readonly QuietWindow[]): boolean {
  const spans = windows.flatMap((window): readonly (readonly [Millis, Millis])[] => {
    const from = parseWallClock(window.from)
    const to = parseWallClock(window.to)
    if (from === null || to === null) return []
    const untilMidnight = [from, DAY] as const
    return from <= to ? [[from, to]] : [untilMidnight, [0, to]]
  })
  let until: Millis = 0
  for (const [from, to] of spans.toSorted(([a], [b]) => a - b)) if (from <= until) until = Math.max(until, to)
  return until >= DAY
}

/**
 * An opening of one minute comes round every local day; two days without one can be a clock change that
 * swallowed it, three cannot.
 */
const SURELY_ALWAYS: Millis = 3 * DAY

/** How long until the wall clock reaches `window`, 0 inside it; `null` for one without length or unreadable. */
function ahead(window: QuietWindow, clock: Millis): Millis | null {
  const from = parseWallClock(window.from)
  const to = parseWallClock(window.to)
  if (from === null || to === null || from === to) return null
  if (remaining(window, clock)! > 0) return 0
  return clock <= from ? from - clock : DAY - clock + from
}

/**
 * The first instant ≥ t inside one of `windows` by the receiver's wall clock, `null` when there is none within three
 * days: windows without length, or ones that a clock change swallows again and again.
 */
export function nextInside(
  windows: readonly QuietWindow[],
  input: Pick<GateInput, 'timeZone' | 'shopTimeZone'>,
  t: Instant,
): Instant | null {
  let at = t
  while (at - t <= SURELY_ALWAYS) {
    const span = offsetSpan(input.timeZone, input.shopTimeZone, at)
    const clock = wallClock(span, at)
    const steps = windows.flatMap((window) => ahead(window, clock) ?? [])
    if (steps.length === 0) return null
    const step = Math.min(...steps)
    if (step === 0) return at
    // A clock change on the way sets the distance anew.
    at = Math.min(at + step, span.to)
  }
  return null
}

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
