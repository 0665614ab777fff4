import { isZone } from './gate/local-time.ts'
import type { Instant } from './time.ts'

const formats = new Map<string, Intl.DateTimeFormat>()

/** `UTC+8`: how far a zone's clock is from UTC at that moment; an unknown zone is UTC. */
export function zoneOffset(timeZone: string, at: Instant): string {
  const zone = isZone(timeZone) ? timeZone : 'UTC'
  let format = formats.get(zone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'shortOffset' })
    formats.set(zone, format)
  }
  const name = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value
  return name?.replace(/^(?:GMT|UTC)(?:\+0$)?/, 'UTC') ?? 'UTC'
}

/**
 * Whether a time must say whose clock it is by: the reader's own zone is not known, so it is the shop's. A Chinese reader
 * of a shop in China has no other.
 */
export function mustTellZone(own: string | null, shop: string, locale: string): boolean {
  return own === null && !(shop === 'Asia/Shanghai' && locale.startsWith('zh'))
}

/** A time with its zone: `Nov 28, 1:30 PM (UTC+8)`. */
export function withZone(time: string, timeZone: string, at: Instant, locale: string): string {
  const offset = zoneOffset(timeZone, at)
  return locale.startsWith('zh') ? `${time}（${offset}）` : `${time} (${offset})`
}
