import type { HttpResult } from '../domain/http.ts'
import { type Millis, SECOND } from '../domain/time.ts'
import { at, isObject, type JsonObject, readJson, textAt } from './json.ts'
import type { SourcePorts } from './source.ts'

export interface StripeKey {
  /** A restricted key with the right to read, and for retries to write, PaymentIntents. */
  readonly apiKey: string
  readonly apiUrl: string
}

/**
 * The newest version whose PaymentIntent still names its invoice (removed in 2025-03-31.basil): that is how we see that
 * Stripe retries the payment by itself. https://docs.stripe.com/changelog/basil/2025-03-31/add-support-for-multiple-partial-payments-on-invoices
 */
const VERSION = '2025-02-24.acacia'
const READ_LIMIT: Millis = 7 * SECOND
/** A charge may take long at the bank; Stripe's own clients wait 80 s. */
const WRITE_LIMIT: Millis = 35 * SECOND

export type StripeAnswer =
  | { readonly kind: 'object'; readonly object: JsonObject }
  /** Stripe's error object, with the status it came with. */
  | {
      readonly kind: 'error'
      readonly status: number
      readonly error: JsonObject
      readonly retryAfter: Millis | null
    }
  /** Certainly not handed over. */
  | { readonly kind: 'refused'; readonly code: string }
  /** Nobody knows whether it was done. */
  | { readonly kind: 'broken'; readonly code: string }

export async function readStripe(key: StripeKey, path: string, ports: SourcePorts): Promise<StripeAnswer> {
  const url = `${key.apiUrl}${path}`
  return answerOf(
    await ports.http(
      { url, method: 'GET', headers: headersOf(key), body: null, timeout: READ_LIMIT },
      ports.signal,
    ),
  )
}

/** `idempotencyKey`: Stripe gives the same answer to the same key for at least 24 hours (docs.stripe.com/api/idempotent_requests). */
export async function writeStripe(
  key: StripeKey,
  path: string,
  form: Readonly<Record<string, string>>,
  idempotencyKey: string,
  ports: SourcePorts,
): Promise<StripeAnswer> {
  const headers = {
    ...headersOf(key),
    'content-type': 'application/x-www-form-urlencoded',
    'idempotency-key': idempotencyKey,
  }
  const request = {
    url: `${key.apiUrl}${path}`,
    method: 'POST',
    headers,
    body: new URLSearchParams(form).toString(),
    timeout: WRITE_LIMIT,
  }
  return answerOf(await ports.http(request, ports.signal))
}

const headersOf = ({ apiKey }: StripeKey) => ({
  authorization: `Bearer ${apiKey}`,
  'stripe-version': VERSION,
  accept: 'application/json',
})

function answerOf(result: HttpResult): StripeAnswer {
  if (result.kind !== 'answer') return { kind: result.kind, code: result.code }
  const { status, headers, body, complete } = result
  const read = readJson(Buffer.from(body))
  const object = read.ok && isObject(read.value) ? read.value : null
  if (status >= 200 && status < 300) {
    return complete && object ? { kind: 'object', object } : { kind: 'broken', code: 'unreadable' }
  }
  const said = at(object, 'error')
  const seconds = Number(headers['retry-after'])
  const retryAfter = seconds > 0 && seconds < 3_600 ? seconds * SECOND : null
  return { kind: 'error', status, error: isObject(said) ? said : {}, retryAfter }
}

/** `code` of Stripe's error, else its type, else the status. */
export const codeOf = ({ status, error }: Extract<StripeAnswer, { kind: 'error' }>): string =>
  textAt(error, 'code') ?? textAt(error, 'type') ?? `http_${status}`
