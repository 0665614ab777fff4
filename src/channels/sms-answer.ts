import type { HttpResult } from '../domain/http.ts'
import type { Fate } from '../domain/message.ts'
import { type Instant, SECOND } from '../domain/time.ts'
import { excerpt, retryAfter } from './http-fate.ts'
import { matchPattern } from './safe-pattern.ts'
import type { Piece, SmsSettings } from './sms-settings.ts'

type Answer = Extract<HttpResult, { kind: 'answer' }>

/**
 * What a gateway's answer means. A 2xx that is neither the success it was set up for nor a code it was told is
 * *unknown*, never a retry: a success pattern with a slip in it must not send the same SMS ten times.
 */
export function fateOfAnswer(settings: SmsSettings, answer: Answer, now: Instant): Fate {
  const { status, headers } = answer
  const detail = excerpt(answer.body)
  const json = parseJson(answer.body)
  const accepted = status >= 200 && status < 300
  if (accepted && answer.complete && isSuccess(settings, answer.body, json)) {
    return { kind: 'sent', providerRef: readPiece(settings.ref, answer.body, json), detail }
  }
  const code = readPiece(settings.code, answer.body, json)
  const outcome = code === null ? undefined : settings.codes[code]
  if (outcome !== undefined) return fateOfOutcome(outcome, code!, retryAfter(headers, now), detail)
  const shown = code ?? `http_${status}`
  if (accepted) return { kind: 'unknown', code: shown, detail }
  if (status === 401 || status === 403 || status === 404 || status === 405) {
    return { kind: 'operator', code: shown, detail }
  }
  // A proxy lost the gateway or its patience: the message may be through.
  if ((status === 502 || status === 504) && !settings.dropsRepeats) {
    return { kind: 'unknown', code: shown, detail }
  }
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    return { kind: 'retry', code: shown, afterMs: retryAfter(headers, now), detail }
  }
  // A redirect is the gateway's new address, which only a person may believe.
  if (status < 400) return { kind: 'operator', code: shown, detail }
  return { kind: 'rejected', blame: 'content', code: shown, detail }
}

function fateOfOutcome(outcome: string, code: string, asked: number | null, detail: string): Fate {
  if (outcome === 'operator') return { kind: 'operator', code, detail }
  if (outcome === 'address' || outcome === 'content')
    return { kind: 'rejected', blame: outcome, code, detail }
  const seconds = outcome.split(':')[1]
  const set = seconds === undefined ? null : Number(seconds) * SECOND
  return { kind: 'retry', code, afterMs: asked ?? set, detail }
}

function isSuccess(settings: SmsSettings, body: string, json: unknown): boolean {
  const { success } = settings
  if ('status' in success) return true
  if ('pattern' in success) return matchPattern(success.pattern, body) !== null
  const value = atPath(json, success.json)
  // Gateways waver between 0 and "0".
  return value !== undefined && value !== null && String(value) === String(success.equals)
}

function readPiece(piece: Piece | undefined, body: string, json: unknown): string | null {
  if (!piece) return null
  if ('pattern' in piece) return matchPattern(piece.pattern, body)?.[1] ?? null
  const value = atPath(json, piece.json)
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value).slice(0, 200)
    : null
}

/** The value at `data.0.id`, own properties only; `undefined` when there is none. */
export function atPath(json: unknown, path: string): unknown {
  let value = json
  for (const key of path === '' ? [] : path.split('.')) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string, unknown>)[key]
  }
  return value
}

type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown

/** JSON, or `undefined`. Whole numbers too large for a double stay the text they were: many are message ids. */
export function parseJson(text: string): unknown {
  const exact: Reviver = (_key, value, { source }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source ?? '') ? source : value
  try {
    return JSON.parse(text, exact as Parameters<typeof JSON.parse>[1])
  } catch {
    return undefined
  }
}
