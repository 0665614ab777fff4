import { createHmac, timingSafeEqual } from 'node:crypto'
import * as z from 'zod'
import { type Instant, MINUTE } from '../domain/time.ts'
import { coded, httpDate, refusalOf } from './http-faults.ts'
import type { LabReaction, LabRequest } from './http-listener.ts'
import { type Fault, faultOf } from './script.ts'

const submit = z.strictObject({
  to: z.string(),
  text: z.string().min(1).max(1_000),
  id: z.string().min(1).max(128),
})
export type Submit = z.infer<typeof submit>

/** A refusal: its code and what the caller gets. */
export interface Refusal {
  readonly code: string
  readonly reaction: LabReaction
}

export interface Credentials {
  readonly apiKey: string
  readonly apiSecret: string
}

/** Key, time stamp within five minutes, then hex HMAC-SHA256 of `<timestamp>.<body>`; 401 says which one failed. */
export function checkCredentials(request: LabRequest, known: Credentials, now: Instant): Refusal | null {
  const { headers, body } = request
  for (const name of ['x-api-key', 'x-timestamp', 'x-signature']) {
    if (!headers[name]) return refusal(401, 'MISSING_HEADER', { field: name })
  }
  if (headers['x-api-key'] !== known.apiKey) return refusal(401, 'BAD_KEY')
  const age = Math.abs(now - Number(headers['x-timestamp']) * 1_000)
  if (!(age <= 5 * MINUTE)) return refusal(401, 'STALE')
  const expected = signature(known.apiSecret, headers['x-timestamp']!, body)
  return sameText(headers['x-signature']!, expected) ? null : refusal(401, 'BAD_SIGNATURE')
}

/** The submit in a request, or why it is none: wrong path, not JSON, a field missing, unknown or of the wrong kind. */
export function readSubmit(request: LabRequest): Submit | Refusal {
  if (request.method !== 'POST' || request.path !== '/v1/messages') return refusal(404, 'NO_SUCH_PATH')
  let json: unknown
  try {
    json = JSON.parse(request.body)
  } catch {
    return refusal(400, 'NOT_JSON')
  }
  const read = submit.safeParse(json)
  if (read.success) return read.data
  const [issue] = read.error.issues
  const field = issue?.code === 'unrecognized_keys' ? issue.keys.join(', ') : issue?.path.join('.')
  return refusal(400, 'BAD_FIELD', { field })
}

/** Why a well-formed submit is refused: by script, or because the number is none. Gateways say this with status 200. */
export function judge(message: Submit, faults: readonly Fault[], now: Instant): Refusal | null {
  if (faultOf(faults, 'refuse_credentials')) return refusal(401, 'BAD_KEY')
  const scripted = refusalOf(faults, now)
  if (scripted) return scripted
  if (faultOf(faults, 'refuse_address') || !/^\+[1-9]\d{6,14}$/.test(message.to)) {
    return refusal(200, 'BAD_NUMBER')
  }
  return faultOf(faults, 'refuse_content') ? refusal(200, 'BAD_TEXT') : null
}

/** The gateway's own limit: 429 and one second. */
export function tooFast(now: Instant): Refusal {
  return { code: 'TOO_FAST', reaction: coded(429, 'TOO_FAST', { 'retry-after': '1', date: httpDate(now) }) }
}

function refusal(status: number, code: string, more: object = {}): Refusal {
  return { code, reaction: coded(status, code, {}, more) }
}

/** Hex HMAC-SHA256 of `<timestamp>.<body>`: for submits and, with the other secret, for callbacks. */
export function signature(secret: string, timestamp: string, body: string): string {
  return createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')
}

function sameText(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
