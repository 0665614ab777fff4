import * as z from 'zod'
import type { OrderRef, SourceEvent } from '../domain/event.ts'
import type { Instant } from '../domain/time.ts'
import { at, isObject, type JsonObject, readJson, textAt } from './json.ts'
import { forged, jsonReply, unreadable } from './reply.ts'
import { hmacSha256, matchesOne } from './signature.ts'
import type { Received, Source, SourceRequest } from './source.ts'
import { askStripe, retryStripe } from './stripe-ask.ts'
import { stripeFact } from './stripe-facts.ts'
import { tidy } from './tidy.ts'

/** How old a signed callback may be (Stripe's own default in every SDK). */
const TOLERANCE_S = 300

const settings = z.object({
  /** Signing secrets of the endpoint, `whsec_…`; two while one is being rolled. */
  secrets: z.array(z.string().trim().min(8, 'expected the endpoint’s signing secret: whsec_…')).min(1).max(5),
  /** Keys of `metadata` that hold the shop's order number. */
  orderNoKeys: z.array(z.string().min(1)).max(10).default(['order_no', 'order_id', 'orderId']),
  /**
   * A restricted key (`rk_…`) that may read PaymentIntents: payments whose webhook got lost are then asked about. With
   * the right to write them, a payment that failed for no fault of the buyer's is tried once more.
   */
  apiKey: z.string().trim().min(8).nullable().default(null),
  /** Where Stripe's API is; another one only for tests. */
  apiUrl: z
    .url({ protocol: /^https?$/ })
    .max(200)
    .default('https://api.stripe.com'),
})
type StripeSettings = z.infer<typeof settings>

/**
 * Stripe webhooks (docs.stripe.com/webhooks). Subscribe payment_intent.*, charge.refunded,
 * charge.dispute.created, radar.early_fraud_warning.created and checkout.session.*; any other type is kept under `stripe.…` and has no effect.
 */
export const stripe: Source<StripeSettings> = {
  name: 'stripe',
  title: { zh: 'Stripe', en: 'Stripe' },
  trust: 'signed',
  settings,
  secrets: ['secrets', 'apiKey'],
  asks: ({ apiKey }) => apiKey !== null,
  query: (options, question, ports) =>
    options.apiKey === null
      ? Promise.resolve({ kind: 'operator', code: 'no_api_key' })
      : askStripe({ ...options, apiKey: options.apiKey }, namesBy(options), question, ports),
  actions: {
    retry_payment: (options, question, ports) =>
      options.apiKey === null
        ? Promise.resolve({ kind: 'operator', code: 'no_api_key' })
        : retryStripe({ ...options, apiKey: options.apiKey }, namesBy(options), question, ports),
  },
  receive(options, request, now) {
    const problem = checkSignature(options.secrets, request, now)
    if (problem) return forged(problem)
    const body = readJson(request.body)
    if (!body.ok) return unreadable('body', body.problem)
    return translate(options, body.value, now)
  },
}

/** Why the signature does not hold; `null` when it does. Signed text: `<t>.<raw body>`. */
function checkSignature(secrets: readonly string[], request: SourceRequest, now: Instant): string | null {
  const header = request.headers['stripe-signature']
  if (!header) return 'no Stripe-Signature header'
  let time = ''
  const signatures: string[] = []
  for (const item of header.split(',')) {
    const [name, value] = item.split('=')
    if (name?.trim() === 't') time = value ?? ''
    if (name?.trim() === 'v1' && value) signatures.push(value)
  }
  if (!/^\d{1,12}$/.test(time) || signatures.length === 0) return 'Stripe-Signature lacks t= or v1='
  const genuine = secrets.some((secret) =>
    matchesOne(signatures, hmacSha256(secret, `${time}.`, request.body), 'hex'),
  )
  if (!genuine) return 'no v1 signature fits: another signing secret, or a changed body'
  // A time ahead of ours is let through as Stripe's SDKs do: it is signed, and our clock may be the slow one.
  const age = Math.floor(now / 1000) - Number(time)
  return age > TOLERANCE_S ? `signed ${age} s ago, at most ${TOLERANCE_S} are allowed` : null
}

/** Events of these have an object; others (v2) may have none. */
const OF_OBJECTS = /^(payment_intent|charge|checkout\.session|radar)\./

function translate(options: StripeSettings, event: unknown, now: Instant): Received {
  const id = textAt(event, 'id')
  const type = textAt(event, 'type')
  if (!id || id.length > 200) return unreadable('id', 'expected the event’s id')
  if (!type || !/^[\w.]{1,100}$/.test(type)) return unreadable('type', 'expected an event type')
  const object = at(event, 'data', 'object')
  if (!isObject(object) && OF_OBJECTS.test(type))
    return unreadable('data.object', `expected what ${type} is about`)
  const refs = refsOf(options, object)
  const told = { id, version: textAt(event, 'api_version') }
  const known = isObject(object) ? stripeFact(type, told, object, refs) : null
  const account = textAt(event, 'account')
  const extra = at(event, 'livemode') === false ? { livemode: false } : {}
  const result: SourceEvent = {
    id,
    type: known?.type ?? `stripe.${type}`,
    source: account ? `stripe/${account}` : 'stripe',
    time: timeOf(event) ?? now,
    subject: textAt(object, 'id') ?? null,
    data: known
      ? tidy({ ...known.draft, refs, extra: { ...extra, ...known.draft.extra } })
      : tidy({ refs, extra: { ...extra, object: (object ?? null) as z.input<z.ZodJSONSchema> } }),
  }
  return { kind: 'events', events: [result], reply: jsonReply({ received: true }) }
}

/** Epoch ms of `created`: seconds in v1 events, RFC 3339 in v2 ones (docs.stripe.com/event-destinations). */
function timeOf(event: unknown): Instant | undefined {
  const created = at(event, 'created')
  if (typeof created === 'number' && created > 0 && created < 1e11) return Math.round(created * 1000)
  return undefined
}

const namesBy = (options: StripeSettings) => (object: JsonObject) => refsOf(options, object)

/** Every name the object gives its order: intent, charge, checkout session, the one it recovers, and the number in metadata. */
function refsOf(options: StripeSettings, object: unknown): OrderRef[] {
  const refs: OrderRef[] = []
  const add = (kind: string, prefix: RegExp, ...path: string[]) => {
    const value = textAt(object, ...path) ?? textAt(object, ...path, 'id')
    if (value && prefix.test(value)) refs.push({ kind, value })
  }
  const own = { payment_intent: 'stripe_pi', charge: 'stripe_ch', 'checkout.session': 'stripe_cs' } as const
  const kind = own[textAt(object, 'object') as keyof typeof own]
  if (kind) add(kind, /^\w/, 'id')
  add('stripe_pi', /^pi_/, 'payment_intent')
  add('stripe_ch', /^(ch|py)_/, 'latest_charge')
  add('stripe_ch', /^(ch|py)_/, 'charge')
  add('stripe_cs', /^cs_/, 'recovered_from')
  const no = options.orderNoKeys.map((key) => textAt(object, 'metadata', key)).find(Boolean)
  if (no) refs.push({ kind: 'order_no', value: no })
  return refs
}
