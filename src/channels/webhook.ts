import { createHmac } from 'node:crypto'
import * as z from 'zod'
import type { HttpRequest, HttpResult } from '../domain/http.ts'
import type { Channel, Fate, OutboundMessage } from '../domain/message.ts'
import { HOUR, type Instant, MINUTE, type Millis, SECOND, toIso } from '../domain/time.ts'
import type { Provider, Sender } from './channel.ts'
import { excerpt, fateOfSilence, retryAfter } from './http-fate.ts'
import { stableId } from './stable-id.ts'

/** Waits before attempt 1, 2, 3 … (Standard Webhooks, "Retries and deliverability"); the pipeline adds jitter. */
export const WEBHOOK_SCHEDULE: readonly Millis[] = [
  0,
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
]

/** `whsec_` and the base64 of 24 to 64 random bytes. */
const secret = z
  .string()
  .regex(/^whsec_[A-Za-z0-9+/]+={0,2}$/, 'expected whsec_ followed by base64')
  .refine((text) => {
    const { length } = keyOf(text)
    return length >= 24 && length <= 64
  }, 'expected base64 of 24 to 64 bytes')

const settings = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).max(2_000),
  /** While a key is being changed list both, the new one first: each request then carries both signatures. */
  secrets: z.array(secret).min(1).max(3),
  timeout: z
    .int()
    .min(15 * SECOND)
    .max(30 * SECOND)
    .default(20 * SECOND),
})
export type WebhookSettings = z.infer<typeof settings>

/** Signed calls to a shop's own system, as https://www.standardwebhooks.com describes them. */
export const webhook: Provider<WebhookSettings> = webhookProvider('webhook', 'webhook')

/** The same calls on another channel, under another name. */
export function webhookProvider(name: string, channel: Channel): Provider<WebhookSettings> {
  return {
    name,
    channel,
    // Receivers drop what they have seen by `webhook-id`: the standard asks them to.
    repeat: 'harmless',
    settings,
    secrets: ['secrets'],
    schedule: WEBHOOK_SCHEDULE,
    addressesOf: ({ url }) => ({ url }),
    open({ url, secrets, timeout }, { clock, http }): Sender {
      return {
        async send(message, signal) {
          if (message.content.kind !== 'webhook') return wrongContent(message)
          const request = { url, method: 'POST', timeout, ...signedRequest(message, secrets, clock.now()) }
          return fateOf(await http(request, signal), clock.now())
        },
        close: async () => {},
      }
    },
  }
}

/** Body and headers of one attempt: id and body stay the same over all attempts, time stamp and signature do not. */
export function signedRequest(
  message: OutboundMessage,
  secrets: readonly string[],
  now: Instant,
): Pick<HttpRequest, 'headers' | 'body'> {
  const { content } = message
  const { type, body: data } = content.kind === 'webhook' ? content : { type: content.kind, body: content }
  const body = JSON.stringify({ type, timestamp: toIso(message.createdAt), data })
  const id = stableId(message.idempotencyKey)
  const timestamp = Math.floor(now / SECOND)
  const signatures = secrets.map((key) => {
    const hmac = createHmac('sha256', keyOf(key)).update(`${id}.${timestamp}.${body}`)
    return `v1,${hmac.digest('base64')}`
  })
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signatures.join(' '),
    },
  }
}

function keyOf(text: string): Buffer {
  return Buffer.from(text.slice('whsec_'.length), 'base64')
}

/** Every failure is tried again by the schedule, but for the few that only a person can end. */
function fateOf(result: HttpResult, now: Instant): Fate {
  if (result.kind !== 'answer') {
    // Renewed certificates come back by themselves, and the schedule has three days of patience.
    if (result.code === 'tls_untrusted') return { ...result, kind: 'retry', afterMs: null }
    return fateOfSilence(result)
  }
  const { status, headers } = result
  const detail = excerpt(result.body)
  const code = `http_${status}`
  if (status >= 200 && status < 300) return { kind: 'sent', providerRef: null, detail: code }
  if (status === 410) return { kind: 'operator', code: 'endpoint_gone', detail }
  if (status === 401) return { kind: 'operator', code: 'signature_refused', detail }
  if (status === 413) return { kind: 'rejected', blame: 'content', code, detail }
  return { kind: 'retry', code, afterMs: retryAfter(headers, now), detail }
}

function wrongContent(message: OutboundMessage): Fate {
  const detail = `expected webhook content, got ${message.content.kind}`
  return { kind: 'rejected', blame: 'content', code: 'wrong_content', detail }
}
