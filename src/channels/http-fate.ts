import type { HttpResult } from '../domain/http.ts'
import type { Fate } from '../domain/message.ts'
import { DAY, type Instant, type Millis, SECOND } from '../domain/time.ts'
import { parseHttpDate } from './http-date.ts'

type Headers = Readonly<Record<string, string>>

/**
 * `Retry-After` in either form (RFC 9110 §10.2.3), as a wait from now, at most a day; `null` when there is none.
 * A date is measured from the answer's own `Date`, so that a wrong clock on either side does not matter.
 */
export function retryAfter(headers: Headers, now: Instant): Millis | null {
  const value = headers['retry-after']?.trim()
  if (!value) return null
  if (/^\d{1,9}$/.test(value)) return Math.min(Number(value) * SECOND, DAY)
  const until = parseHttpDate(value)
  if (until === null) return null
  const from = parseHttpDate(headers.date ?? '') ?? now
  return Math.min(Math.max(until - from, 0), DAY)
}

/** What it means that no usable answer came, whatever the vendor: only the caller knows what a repeat would do. */
export function fateOfSilence(result: Exclude<HttpResult, { kind: 'answer' }>): Fate {
  const { code, detail } = result
  if (result.kind === 'broken') return { kind: 'unknown', code: `http_${code}`, detail }
  switch (result.code) {
    case 'bad_request':
    case 'blocked_address':
    case 'tls_untrusted':
      return { kind: 'operator', code, detail }
    case 'dns':
    case 'connect':
    case 'tls':
    case 'timeout':
    case 'aborted':
      return { kind: 'retry', code, afterMs: null, detail }
  }
}

/** The start of an answer's body, for a person to read. */
export function excerpt(body: string): string {
  return body.slice(0, 300)
}
