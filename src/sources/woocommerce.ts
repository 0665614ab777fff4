import * as z from 'zod'
import type { SourceEvent } from '../domain/event.ts'
import type { Instant } from '../domain/time.ts'
import { readJson, textAt } from './json.ts'
import { forged, textReply, unreadable } from './reply.ts'
import { contentHash, hmacSha256, matchesOne } from './signature.ts'
import type { Received, Source } from './source.ts'
import { tidy } from './tidy.ts'
import { wooFacts } from './woocommerce-facts.ts'

const settings = z.object({
  /** The webhook's secret, as shown in WooCommerce → Settings → Advanced → Webhooks. */
  secrets: z.array(z.string().min(8)).min(1).max(5),
})
type WooSettings = z.infer<typeof settings>

/**
 * WooCommerce webhooks (REST API v1 to v3), topics `order.*`; other topics are kept without effect. The
 * signature covers the body only: no time and no topic, so the id is made from the content, and a replay is
 * a duplicate. It is not the delivery id: that is a hash of webhook and second (WC_Webhook::get_new_delivery_id),
 * the same for two orders changed within one second, and new each time one state is sent again.
 */
export const woocommerce: Source<WooSettings> = {
  name: 'woocommerce',
  title: { zh: 'WooCommerce', en: 'WooCommerce' },
  trust: 'signed',
  settings,
  secrets: ['secrets'],
  receive({ secrets }, request, now) {
    // Saving a webhook sends this form unsigned and expects 2xx, else the webhook is not activated.
    if (request.body.length < 64 && /^webhook_id=\d+$/.test(request.body.toString())) {
      const why = 'WooCommerce’s ping on saving a webhook'
      return { kind: 'nothing', why, reply: textReply('ok'), unsigned: true }
    }
    const signature = request.headers['x-wc-webhook-signature']
    if (!signature) return forged('no X-WC-Webhook-Signature header')
    const genuine = secrets.some((secret) =>
      matchesOne([signature.trim()], hmacSha256(secret, request.body), 'base64'),
    )
    if (!genuine) return forged('the signature does not fit: another secret, or a changed body')
    const body = readJson(request.body)
    if (!body.ok) return unreadable('body', body.problem)
    return translate(request.headers['x-wc-webhook-topic'] ?? '', body.value, now)
  },
}

function translate(header: string, body: unknown, now: Instant): Received {
  const topic = /^[a-z_]+(\.[a-z_]+)+$/.test(header) ? header : 'unknown'
  const id = textAt(body, 'id')
  if (topic.startsWith('order.') && !id) return unreadable('id', 'expected the order’s id')
  const facts = topic.startsWith('order.') ? wooFacts(topic, body) : []
  const others = [
    { type: `woocommerce.${topic}`, draft: { extra: { object: body as Json } }, time: undefined },
  ]
  const events = (facts.length > 0 ? facts : others).map(({ type, draft, time }): SourceEvent => {
    const data = tidy(draft)
    return {
      id: `${topic.split('.')[0]}:${id?.slice(0, 100) ?? '-'}:${type}:${contentHash(type, data)}`,
      type,
      source: shopAddress(body) ?? 'woocommerce',
      time: time ?? now,
      subject: id ?? null,
      data,
    }
  })
  return { kind: 'events', events, reply: textReply('ok') }
}

type Json = z.input<z.ZodJSONSchema>

/** `https://shop.example`: where the signed body says it is from. */
function shopAddress(body: unknown): string | undefined {
  const self = textAt(body, '_links', 'self', 0, 'href')
  return self && URL.canParse(self) ? new URL(self).origin : undefined
}
