import { Temporal } from 'temporal-polyfill'
import { DAY, type Instant, type Millis, toIso } from '../time.ts'

/** A stretch `[from, to)` during which a zone keeps one distance from UTC: local = UTC + `offset`. */
export interface OffsetSpan {
  readonly from: Instant
  readonly to: Instant
  readonly offset: Millis
}

const UTC: OffsetSpan = { from: -Infinity, to: Infinity, offset: 0 }

/** Measured: Temporal needs 0.3 to 10 ms to find a zone's transitions, a look-up in a known span under 0.1 µs. */
const known = new Map<string, OffsetSpan[]>()
/** Names that are no zones, apart, so that a sender who makes names up cannot push the real ones out. */
const unknown = new Set<string>()
/** All zones of the world are about 600 names. */
const REMEMBERED = 1_000
/** Thirty years of two transitions each. */
const KNOWN_SPANS = 64

/**
 * The span around `t` in `zone`, else in `fallback`, else UTC: an unknown name never stops a message.
 * `t` in epoch ms.
 */
export function offsetSpan(zone: string, fallback: string, t: Instant): OffsetSpan {
  return spanIn(zone, t) ?? spanIn(fallback, t) ?? UTC
}

function spanIn(zone: string, t: Instant): OffsetSpan | null {
  const spans = known.get(zone) ?? learn(zone)
  if (spans === null) return null
  for (const span of spans) if (t >= span.from && t < span.to) return span
  const span = readSpan(zone, t)
  if (spans.length >= KNOWN_SPANS) spans.length = 0
  spans.push(span)
  return span
}

function learn(zone: string): OffsetSpan[] | null {
  if (unknown.has(zone)) return null
  if (!isZone(zone)) {
    if (unknown.size >= REMEMBERED) unknown.clear()
    unknown.add(zone)
    return null
  }
  if (known.size >= REMEMBERED) known.clear()
  const spans: OffsetSpan[] = []
  known.set(zone, spans)
  return spans
}

/** True for an IANA name (any case) or a fixed distance such as `+08:00`. */
export function isZone(zone: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone)
    return true
  } catch {
    return false
  }
}

/** When the day `YYYY-MM-DD` begins in `zone`; `null` for anything that is no such day. */
export function dayStart(day: string, zone: string): Instant | null {
  if (!/^\d{4}-\d\d-\d\d$/.test(day)) return null
  try {
    return Temporal.PlainDate.from(day).toZonedDateTime(zone).epochMilliseconds
  } catch {
    return null
  }
}

function readSpan(zone: string, t: Instant): OffsetSpan {
  // A transition lies on a whole second; the millisecond after it already belongs to the new span, whereas
  // "previous" asked at the transition itself would skip it.
  const here = Temporal.Instant.fromEpochMilliseconds(Math.floor(t)).toZonedDateTimeISO(zone)
  const before = here.add({ milliseconds: 1 }).getTimeZoneTransition('previous')
  const after = here.getTimeZoneTransition('next')
  return {
    from: before?.epochMilliseconds ?? -Infinity,
    to: after?.epochMilliseconds ?? Infinity,
    offset: here.offsetNanoseconds / 1e6,
  }
}

let lastDay = Number.NaN
let lastDayText = ''

/** The local calendar day `YYYY-MM-DD` at `t` within `span`. */
export function localDay(span: OffsetSpan, t: Instant): string {
  const day = Math.floor((t + span.offset) / DAY)
  if (day !== lastDay) {
    lastDayText = toIso(day * DAY).slice(0, -14)
    lastDay = day
  }
  return lastDayText
}

/** Milliseconds since local midnight by the wall clock, 0 to 86,399,999. */
export function wallClock(span: OffsetSpan, t: Instant): Millis {
  const local = t + span.offset
  return local - Math.floor(local / DAY) * DAY
}
