import type { OrderRef, SourceEvent } from '../domain/event.ts'
import { isMisconfigured } from './answer.ts'
import { at, isObject, type JsonObject, textAt } from './json.ts'
import type { Acted, Answered, Question, SourcePorts } from './source.ts'
import { codeOf, readStripe, type StripeAnswer, type StripeKey, writeStripe } from './stripe-api.ts'
import { stripeFact } from './stripe-facts.ts'
import { tidy } from './tidy.ts'

/** One order is paid by one intent, or by few where the buyer began anew. */
const MOST_INTENTS = 3
const EXPAND = 'expand[]=payment_method&expand[]=latest_charge'

/** Names an object gives its order; the source's own way, so that both roads give the same. */
export type RefsOf = (object: JsonObject) => readonly OrderRef[]

/** `GET /v1/payment_intents/:id` for each intent of the order: what a webhook would have told. */
export async function askStripe(
  key: StripeKey,
  refsOf: RefsOf,
  question: Question,
  ports: SourcePorts,
): Promise<Answered> {
  const intents = intentsOf(question)
  if (intents.length === 0) return { kind: 'stranger' }
  const events: SourceEvent[] = []
  let known = false
  for (const id of intents) {
    const answer = await readStripe(key, `/v1/payment_intents/${id}?${EXPAND}`, ports)
    const trouble = troubleOf(answer)
    if (trouble?.kind === 'stranger') continue
    if (trouble) return trouble
    known = true
    const { object } = answer as Extract<StripeAnswer, { kind: 'object' }>
    events.push(...eventsOf(object, refsOf, ports))
  }
  if (!known) return { kind: 'stranger' }
  return events.length > 0 ? { kind: 'events', events } : { kind: 'pending' }
}

const intentsOf = ({ refs }: Question): readonly string[] =>
  refs
    .filter(({ kind, value }) => kind === 'stripe_pi' && /^pi_\w{1,100}$/.test(value))
    .map(({ value }) => value)
    .slice(0, MOST_INTENTS)

/** Why there is no object to read; `null` when there is one. */
function troubleOf(answer: StripeAnswer): Exclude<Answered, { kind: 'events' | 'pending' }> | null {
  if (answer.kind === 'object') return null
  if (answer.kind === 'refused' && isMisconfigured(answer.code))
    return { kind: 'operator', code: `http_${answer.code}` }
  if (answer.kind !== 'error') return { kind: 'later', code: answer.code, retryAfter: null }
  const { status, retryAfter } = answer
  if (status === 404) return { kind: 'stranger' }
  if (status === 401 || status === 403) return { kind: 'operator', code: codeOf(answer) }
  return { kind: 'later', code: codeOf(answer), retryAfter }
}

/**
 * An intent as it stands, as the events that its webhooks would have been. Ids name the charge, so that asking again
 * is the same event; facts are keyed by the same payment ids as those of webhooks, so both together are one fact.
 */
function eventsOf(
  intent: JsonObject,
  refsOf: RefsOf,
  ports: Pick<SourcePorts, 'now'>,
): readonly SourceEvent[] {
  const id = textAt(intent, 'id') ?? ''
  const type = typeOf(intent)
  if (type === null) return []
  const failedCharge = idAt(intent, 'last_payment_error', 'charge')
  const name = type === 'payment_intent.payment_failed' ? (failedCharge ?? `${id}-failed`) : id
  const eventId = `asked:${type}:${name}`
  const refs = refsOf(intent)
  const fact = stripeFact(type, { id: eventId }, intent, refs)
  if (!fact) return []
  return [
    {
      id: eventId,
      type: fact.type,
      source: 'stripe',
      time: chargedAt(intent) ?? ports.now,
      subject: id,
      data: tidy({ ...fact.draft, refs: [...refs] }),
    },
  ]
}

/** The webhook whose news this is; `null` while nothing has been decided (docs.stripe.com/payments/paymentintents/lifecycle). */
function typeOf(intent: JsonObject): string | null {
  switch (textAt(intent, 'status')) {
    case 'succeeded':
      return 'payment_intent.succeeded'
    case 'canceled':
      return 'payment_intent.canceled'
    case 'requires_payment_method':
      return isObject(at(intent, 'last_payment_error')) ? 'payment_intent.payment_failed' : null
    default:
      return null
  }
}

function chargedAt(intent: JsonObject): number | null {
  const created = at(intent, 'latest_charge', 'created')
  return typeof created === 'number' && created > 0 && created < 1e11 ? created * 1_000 : null
}

const idAt = (value: unknown, ...path: readonly string[]) =>
  textAt(value, ...path) ?? textAt(value, ...path, 'id')

/**
 * Confirms the same PaymentIntent once more, off session, with the payment method that failed. The same intent can
 * succeed only once, so whatever else happens there is no second charge. Refused where the method is not saved at the
 * customer (then only the buyer can pay with it), where Stripe Billing tries by itself, and where another try has failed
 * since: its method may be another, which nobody has judged.
 */
export async function retryStripe(
  key: StripeKey,
  refsOf: RefsOf,
  question: Question & { readonly idempotencyKey: string; readonly payment: string },
  ports: SourcePorts,
): Promise<Acted> {
  const [id, ...others] = intentsOf(question)
  if (id === undefined) return { kind: 'refused', code: 'no_intent' }
  // Which of them the buyer meant is not ours to guess.
  if (others.length > 0) return { kind: 'refused', code: 'several_intents' }
  const read = await readStripe(key, `/v1/payment_intents/${id}?${EXPAND}`, ports)
  if (read.kind !== 'object') {
    const trouble = troubleOf(read)!
    if (trouble.kind === 'operator') return trouble
    return { kind: 'refused', code: trouble.kind === 'later' ? trouble.code : 'no_intent' }
  }
  const way = wayToRetry(read.object, question.payment)
  if (way.kind === 'paid') return { kind: 'done', events: eventsOf(read.object, refsOf, ports) }
  if (way.kind === 'refused') return way
  const form = { payment_method: way.method, off_session: 'true', 'expand[0]': 'latest_charge' }
  const path = `/v1/payment_intents/${id}/confirm`
  return actedOf(await writeStripe(key, path, form, question.idempotencyKey, ports), refsOf, ports)
}

type Way =
  | { readonly kind: 'confirm'; readonly method: string }
  | { readonly kind: 'paid' }
  | { readonly kind: 'refused'; readonly code: string }

function wayToRetry(intent: JsonObject, payment: string): Way {
  const status = textAt(intent, 'status')
  if (status === 'succeeded') return { kind: 'paid' }
  // Anything else is under way, held, or over.
  if (status !== 'requires_payment_method') return { kind: 'refused', code: 'not_payable' }
  if (idAt(intent, 'invoice')) return { kind: 'refused', code: 'provider_retries' }
  const error = at(intent, 'last_payment_error')
  if (!isObject(error)) return { kind: 'refused', code: 'no_failure' }
  if (!isOf(error, payment)) return { kind: 'refused', code: 'buyer_tried_again' }
  const method = at(error, 'payment_method')
  const customer = idAt(intent, 'customer')
  const saved = idAt(method, 'customer')
  if (!customer || saved !== customer) return { kind: 'refused', code: 'method_not_saved' }
  const id = textAt(method, 'id')
  return id ? { kind: 'confirm', method: id } : { kind: 'refused', code: 'method_not_saved' }
}

/** Whether the intent's last failure is the one that was told as `payment`: a charge's, or of a try that made none. */
function isOf(error: JsonObject, payment: string): boolean {
  const charge = idAt(error, 'charge')
  return charge === null ? !/^(ch|py)_/.test(payment) : charge === payment
}

/** What Stripe's answer to the confirmation means (docs.stripe.com/error-handling, /error-low-level). */
function actedOf(answer: StripeAnswer, refsOf: RefsOf, ports: SourcePorts): Acted {
  switch (answer.kind) {
    case 'object':
      return { kind: 'done', events: eventsOf(answer.object, refsOf, ports) }
    case 'refused':
      if (isMisconfigured(answer.code)) return { kind: 'operator', code: `http_${answer.code}` }
      return { kind: 'refused', code: answer.code }
    case 'broken':
      return { kind: 'unknown', code: answer.code }
    case 'error': {
      const code = codeOf(answer)
      const { status, error } = answer
      if (status === 402) {
        // The bank said no: the intent comes along with the new failure in it.
        const intent = at(error, 'payment_intent')
        return { kind: 'done', events: isObject(intent) ? eventsOf(intent, refsOf, ports) : [] }
      }
      if (status === 401) return { kind: 'operator', code }
      // A key that may read and not write is a fair choice: asking goes on.
      if (status === 403) return { kind: 'refused', code: 'key_may_not_write' }
      if (status === 429) return { kind: 'refused', code: 'rate_limited' }
      if (status >= 400 && status < 500 && status !== 409 && status !== 408) {
        return { kind: 'refused', code: code === 'payment_intent_unexpected_state' ? 'not_payable' : code }
      }
      // 409: the same key is at work elsewhere. 5xx: "treat as indeterminate".
      return { kind: 'unknown', code }
    }
  }
}
