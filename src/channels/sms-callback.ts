import { createHmac, timingSafeEqual } from 'node:crypto'
import { type Instant, MINUTE, parseIso, SECOND } from '../domain/time.ts'
import type { Callback, CallbackReading, RawRequest } from './channel.ts'
import { asksToStop } from './reply-words.ts'
import { atPath, parseJson } from './sms-answer.ts'
import type { SmsCallbackSettings, SmsSettings } from './sms-settings.ts'

/** Receipts and replies in what a gateway posted; `null` when it did not prove that it is the gateway. */
export function readSmsCallback(
  settings: SmsSettings,
  request: RawRequest,
  now: Instant,
): CallbackReading | null {
  const { callback, callbackSecret } = settings
  if (!callback || !callbackSecret) return null
  if (!isAuthentic(callback.check, callbackSecret, request, now)) return null
  const items = itemsOf(callback, request)
  return {
    callbacks: items.flatMap((item) => readItem(settings, callback, item)),
    reply: callback.answer,
  }
}

function isAuthentic(
  check: SmsCallbackSettings['check'],
  secret: string,
  { query, headers, body }: RawRequest,
  now: Instant,
): boolean {
  if (check.kind === 'token') {
    const given = check.in === 'query' ? query[check.name] : headers[check.name.toLowerCase()]
    return sameText(given ?? '', secret)
  }
  const hmac = createHmac('sha256', secret)
  if (check.timestampHeader !== undefined) {
    const timestamp = headers[check.timestampHeader] ?? ''
    const sentAt = readTime(timestamp)
    // An old callback that somebody caught and plays again is none.
    if (sentAt === null || Math.abs(now - sentAt) > 5 * MINUTE) return false
    hmac.update(`${timestamp}.`)
  }
  const expected = hmac.update(body).digest(check.encoding)
  const given = headers[check.header] ?? ''
  return sameText(check.encoding === 'hex' ? given.toLowerCase() : given, expected)
}

/** Both are hashed first, so that the time taken says nothing about the secret, its length included. */
function sameText(given: string, expected: string): boolean {
  const digest = (text: string) => createHmac('sha256', 'compare').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}

function itemsOf(callback: SmsCallbackSettings, { query, body }: RawRequest): unknown[] {
  if (callback.format === 'query') return [query]
  const text = body.toString('utf8')
  if (callback.format === 'form') return [Object.fromEntries(new URLSearchParams(text))]
  const found = atPath(parseJson(text), callback.items ?? '')
  return Array.isArray(found) ? found : [found]
}

function readItem(settings: SmsSettings, callback: SmsCallbackSettings, item: unknown): Callback[] {
  const at = (path: string | undefined): string | null => {
    const value = path === undefined ? undefined : atPath(item, path)
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : null
  }
  const { receipt, reply } = callback
  const text = reply ? at(reply.text) : null
  const from = reply ? at(reply.from) : null
  if (reply && text !== null && from !== null) {
    const international = toE164(from, settings.number)
    return [
      { kind: 'reply', from: international, text, stop: asksToStop(text), at: readTime(at(reply.time)) },
    ]
  }
  const status = receipt ? at(receipt.status) : null
  if (!receipt || status === null || receipt.pending.map(String).includes(status)) return []
  const [providerRef, idempotencyKey] = [at(receipt.ref), at(receipt.id)]
  if (providerRef === null && idempotencyKey === null) return []
  const delivered = receipt.delivered.map(String).includes(status)
  return [
    {
      kind: 'receipt',
      providerRef,
      idempotencyKey,
      status: delivered ? 'delivered' : 'failed',
      code: at(receipt.code) ?? status,
      at: readTime(at(receipt.time)),
    },
  ]
}

/** Epoch seconds, epoch milliseconds or RFC 3339; anything else (a local time without zone) is no moment. */
function readTime(text: string | null): Instant | null {
  if (text === null) return null
  if (/^\d{10}$/.test(text)) return Number(text) * SECOND
  return /^\d{13}$/.test(text) ? Number(text) : parseIso(text)
}

/** The number as we keep numbers, from the way this gateway writes them. */
function toE164(number: string, form: SmsSettings['number']): string {
  const digits = number.replace(/[\s()-]/g, '')
  if (digits.startsWith('+') || !/^\d{6,15}$/.test(digits)) return digits
  return form === 'cn' && digits.length === 11 && digits.startsWith('1') ? `+86${digits}` : `+${digits}`
}
