import * as z from 'zod'
import type { Instant } from '../domain/time.ts'
import { parseCloudEvents } from './cloudevents.ts'
import { forged, jsonReply, timeProblem, unreadable } from './reply.ts'
import { hmacSha256, matchesOne } from './signature.ts'
import type { Source, SourceRequest } from './source.ts'

/** How far the signed time may be from ours, either way (as in the specification's libraries). */
const TOLERANCE_S = 300

/** `whsec_` and the base64 of 24 to 64 bytes. */
export const webhookSecret = z
  .string()
  .trim()
  .refine((text) => {
    const bytes = webhookKey(text).length
    return /^(whsec_)?[A-Za-z0-9+/]+={0,2}$/.test(text) && bytes >= 24 && bytes <= 64
  }, 'expected whsec_ and base64 of 24 to 64 bytes')

const settings = z.object({
  /** Any of them may have signed: two while one is being rolled. */
  secrets: z.array(webhookSecret).min(1).max(5),
})
type StandardSettings = z.infer<typeof settings>

/**
 * Anything that signs as Standard Webhooks 1.0 does (standardwebhooks.com) and speaks our events: one or a
 * list, plain JSON or CloudEvents. A single event without an id takes `webhook-id`.
 */
export const standardWebhooks: Source<StandardSettings> = {
  name: 'standard-webhooks',
  title: { zh: 'Standard Webhooks', en: 'Standard Webhooks' },
  trust: 'signed',
  settings,
  secrets: ['secrets'],
  receive({ secrets }, request, now) {
    const problem = checkSignature(secrets, request, now)
    if (problem) return forged(problem)
    const fallbackId = request.headers['webhook-id']!
    const contentType = request.headers['content-type'] ?? 'application/json'
    const options = { now, fallbackId, fallbackSource: 'standard-webhooks' }
    const parsed = parseCloudEvents(contentType, request.body, options)
    if (parsed.ok)
      return { kind: 'events', events: parsed.events, reply: jsonReply({ received: parsed.events.length }) }
    const first = parsed.problems[0]!
    const place = first.index === null ? 'body' : `events[${first.index}]`
    return unreadable(first.path ? `${place}.${first.path}` : place, first.problem)
  },
}

/** Why the signature does not hold; `null` when it does. Signed text: `<id>.<seconds>.<raw body>`. */
function checkSignature(secrets: readonly string[], request: SourceRequest, now: Instant): string | null {
  const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': header } = request.headers
  if (!id || !time || !header) return 'webhook-id, webhook-timestamp or webhook-signature is missing'
  if (!/^\d{1,12}$/.test(time)) return 'webhook-timestamp is no number of seconds'
  const signatures = header
    .split(' ')
    .filter((each) => each.startsWith('v1,'))
    .map((each) => each.slice(3))
  const genuine = secrets.some((each) =>
    matchesOne(signatures, hmacSha256(webhookKey(each), `${id}.${time}.`, request.body), 'base64'),
  )
  if (!genuine) return 'no v1 signature fits: another secret, or a changed body'
  const off = Math.floor(now / 1000) - Number(time)
  return timeProblem(off, TOLERANCE_S)
}

/** The key that a `whsec_…` text stands for. */
export function webhookKey(text: string): Buffer {
  return Buffer.from(text.trim().replace(/^whsec_/, ''), 'base64')
}
