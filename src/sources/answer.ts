import type { HttpResult } from '../domain/http.ts'
import { DAY, type Millis, SECOND } from '../domain/time.ts'
import type { Acted, Answered } from './source.ts'

/** Longest wait for an outside system's answer; theirs come within a second or not at all. */
export const ASK_TIMEOUT: Millis = 10 * SECOND

type Silence = Exclude<HttpResult, { kind: 'answer' }>
type Headers = Readonly<Record<string, string>>

/** Why no call can succeed before a person has changed the connection's settings. */
const MISCONFIGURED: ReadonlySet<string> = new Set(['blocked_address', 'bad_request', 'tls_untrusted'])

/** Whether a call was refused for what stands in the connection's settings. */
export const isMisconfigured = (code: string): boolean => MISCONFIGURED.has(code)

/** What a question's silence means. The detail is left out: it may quote an address that holds a key. */
export function noAnswer(result: Silence): Answered {
  const code = `http_${result.code}`
  return MISCONFIGURED.has(result.code)
    ? { kind: 'operator', code }
    : { kind: 'later', code, retryAfter: null }
}

/** What an action's silence means: only a call of which no byte left was certainly not carried out. */
export function notActed(result: Silence): Acted {
  const code = `http_${result.code}`
  if (MISCONFIGURED.has(result.code)) return { kind: 'operator', code }
  return { kind: result.kind === 'refused' ? 'refused' : 'unknown', code }
}

/** Ask again, after as long as the answer says (RFC 9110 §10.2.3, in seconds; the rails send no dates). */
export function later(code: string, headers: Headers = {}): Answered {
  const wait = headers['retry-after']?.trim() ?? ''
  const retryAfter = /^\d{1,9}$/.test(wait) ? Math.min(Number(wait) * SECOND, DAY) : null
  return { kind: 'later', code, retryAfter }
}
