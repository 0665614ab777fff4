import { DAY, type Instant, parseIso, toIso } from '../domain/time.ts'

/** The epoch began on a Thursday. */
const DAYS = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `Sun, 22 Nov 2026 08:00:00`, the start of both a mail's date (RFC 5322 §3.3) and HTTP's (RFC 9110 §5.6.7). */
function dateWords(instant: Instant): string {
  const iso = toIso(instant)
  const day = DAYS[Math.floor(instant / DAY) % 7]
  const month = MONTHS[Number(iso.slice(5, 7)) - 1]
  return `${day}, ${iso.slice(8, 10)} ${month} ${iso.slice(0, 4)} ${iso.slice(11, 19)}`
}

/** `Sun, 22 Nov 2026 08:00:00 +0000`. */
export function mailDate(instant: Instant): string {
  return `${dateWords(instant)} +0000`
}

/** The moment in `Sun, 22 Nov 2026 08:00:00 GMT`, the one form that HTTP may still send; else `null`. */
export function parseHttpDate(text: string): Instant | null {
  const match = /^[A-Z][a-z]{2}, (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d:\d\d:\d\d) GMT$/.exec(text)
  const month = MONTHS.indexOf(match?.[2] ?? '') + 1
  if (!match || month === 0) return null
  return parseIso(`${match[3]}-${String(month).padStart(2, '0')}-${match[1]}T${match[4]}Z`)
}
