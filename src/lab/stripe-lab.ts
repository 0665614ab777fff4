import type { Random } from '../domain/ids.ts'
import { type Clock, SECOND } from '../domain/time.ts'
import { afterAcceptance, createPauses, type HttpFault } from './http-faults.ts'
import { type LabAnswer, type LabReaction, type LabRequest, listenHttp } from './http-listener.ts'
import { createScript, faultOf, type Rule } from './script.ts'

/** A PaymentIntent as the lab keeps it. */
export interface LabIntent {
  readonly id: string
  readonly amount: number
  readonly orderNo: string
  readonly customer: string | null
  /** The method of the failed try, and whose it is. */
  readonly method: { readonly id: string; readonly customer: string | null }
  /** The method's card, if it is one. */
  readonly card: { readonly brand: string; readonly fingerprint: string } | null
  readonly invoice: string | null
  status: 'requires_payment_method' | 'processing' | 'succeeded' | 'canceled'
  /** Charges made, failed ones included: one a try. */
  readonly charges: { readonly id: string; readonly succeeded: boolean; readonly key: string | null }[]
  /** How the next tries end. The last one repeats. */
  readonly outcomes: readonly ('succeeds' | 'declined' | 'processing')[]
}

export interface StripeSeen {
  readonly method: string
  readonly path: string
  readonly body: string
  readonly key: string | null
}

export interface StripeLab {
  readonly origin: string
  readonly apiKey: string
  /** An intent whose first try has failed already. */
  failed(intent: Pick<LabIntent, 'id' | 'orderNo'> & Partial<LabIntent>): LabIntent
  /** The buyer pays it himself. */
  pay(id: string): void
  intent(id: string): LabIntent
  /** Requests by method and path, in order of arrival, refused ones included. */
  readonly seen: readonly StripeSeen[]
  script(rules: readonly Rule<HttpFault>[]): void
  close(): Promise<void>
}

/**
 * Stripe's PaymentIntents as far as asking and confirming goes (docs.stripe.com/api/payment_intents), and as strict:
 * bearer key, version, form encoding, idempotency keys that give the first answer again and refuse another body.
 */
export async function startStripeLab(options: {
  readonly clock: Clock
  readonly random: Random
}): Promise<StripeLab> {
  const { clock, random } = options
  const apiKey = `rk_test_${Buffer.from(random(12)).toString('hex')}`
  const intents = createIntents(clock)
  const desk = createDesk(intents, apiKey)
  const seen: StripeSeen[] = []
  const script = createScript<HttpFault>(random)
  const pauses = createPauses(clock)

  const react = async (request: LabRequest): Promise<LabReaction> => {
    const { method, path, body, headers } = request
    seen.push({ method, path, body, key: headers['idempotency-key'] ?? null })
    const faults = script.next(`${method} ${path.endsWith('/confirm') ? 'confirm' : 'read'}`)
    return refusedBy(faults) ?? afterAcceptance(faults, desk(request), pauses.pause)
  }
  const listener = await listenHttp({ port: 0, react })
  return {
    origin: listener.origin,
    apiKey,
    seen,
    failed: intents.failed,
    pay: intents.pay,
    intent: (id) => intents.find(id)!,
    script: (rules) => script.set(rules),
    async close() {
      pauses.stop()
      await listener.close()
    },
  }
}

/** Faults that keep Stripe from doing anything, in Stripe's own words. */
function refusedBy(faults: readonly HttpFault[]): LabReaction | null {
  const limit = faultOf(faults, 'limit')
  if (limit) {
    const answer = refusal(429, 'invalid_request_error', 'rate_limit')
    return { ...answer, headers: { 'retry-after': String(limit.seconds) } }
  }
  if (faultOf(faults, 'drop')?.when === 'before') return 'drop'
  const fail = faultOf(faults, 'fail')
  return fail ? refusal(fail.status ?? 500, 'api_error', 'api_error') : null
}

type Intents = ReturnType<typeof createIntents>

function createIntents(clock: Clock) {
  const intents = new Map<string, LabIntent>()
  let charges = 0
  const charge = (intent: LabIntent, succeeded: boolean, key: string | null) =>
    intent.charges.push({ id: `ch_lab${++charges}`, succeeded, key })
  return {
    find: (id: string) => intents.get(id),
    failed(given: Pick<LabIntent, 'id' | 'orderNo'> & Partial<LabIntent>): LabIntent {
      const intent: LabIntent = {
        amount: 1_999,
        customer: 'cus_lab',
        method: { id: 'pm_lab', customer: 'cus_lab' },
        card: null,
        invoice: null,
        status: 'requires_payment_method',
        charges: [],
        outcomes: ['succeeds'],
        ...given,
      }
      if (intent.charges.length === 0) charge(intent, false, null)
      intents.set(intent.id, intent)
      return intent
    },
    pay(id: string) {
      const intent = intents.get(id)!
      charge(intent, true, null)
      intent.status = 'succeeded'
    },
    confirm(intent: LabIntent, form: URLSearchParams, key: string): LabAnswer {
      if (intent.status !== 'requires_payment_method') return invalid('payment_intent_unexpected_state')
      if (form.get('off_session') !== 'true') return invalid('parameter_missing')
      const { id, customer } = intent.method
      if (form.get('payment_method') !== id || customer === null || customer !== intent.customer) {
        return invalid('payment_method_unactivated')
      }
      const outcome =
        intent.outcomes[Math.min(intent.charges.length, intent.outcomes.length) - 1] ?? 'succeeds'
      if (outcome === 'processing') {
        intent.status = 'processing'
        return json(200, show(intent, clock))
      }
      charge(intent, outcome === 'succeeds', key)
      if (outcome === 'declined') {
        return json(402, { error: { ...lastError(intent), payment_intent: show(intent, clock) } })
      }
      intent.status = 'succeeded'
      return json(200, show(intent, clock))
    },
    show: (intent: LabIntent) => json(200, show(intent, clock)),
  }
}

/** What checks requests before anything is done, and remembers answers by key. */
function createDesk(intents: Intents, apiKey: string): (request: LabRequest) => LabAnswer {
  const answers = new Map<string, { readonly body: string; readonly answer: LabAnswer }>()
  return ({ method, path, headers, body }) => {
    if (headers.authorization !== `Bearer ${apiKey}`) {
      return refusal(401, 'invalid_request_error', 'api_key_expired')
    }
    if (!/^\d{4}-\d\d-\d\d\.\w+$/.test(headers['stripe-version'] ?? '')) return invalid('version_missing')
    const [, id, verb] = /^\/v1\/payment_intents\/(pi_\w+)(\/confirm)?$/.exec(path) ?? []
    const intent = intents.find(id ?? '')
    if (!intent) return refusal(404, 'invalid_request_error', 'resource_missing')
    if (method === 'GET' && !verb) return intents.show(intent)
    if (method !== 'POST' || !verb) return refusal(405, 'invalid_request_error', 'method')
    const type = headers['content-type'] ?? ''
    if (!type.startsWith('application/x-www-form-urlencoded')) return invalid('content_type')
    const key = headers['idempotency-key']
    if (!key) return refusal(400, 'idempotency_error', 'key_missing')
    const before = answers.get(key)
    if (before && before.body !== body) return refusal(400, 'idempotency_error', 'key_reused')
    if (before) return { ...before.answer, headers: { 'idempotent-replayed': 'true' } }
    const answer = intents.confirm(intent, new URLSearchParams(body), key)
    answers.set(key, { body, answer })
    return answer
  }
}

function show(intent: LabIntent, clock: Clock): object {
  const last = intent.charges.at(-1)
  const now = Math.floor(clock.now() / SECOND)
  return {
    id: intent.id,
    object: 'payment_intent',
    amount: intent.amount,
    amount_received: intent.status === 'succeeded' ? intent.amount : 0,
    created: 1_795_334_300,
    currency: 'usd',
    customer: intent.customer,
    description: 'Annual membership',
    invoice: intent.invoice,
    last_payment_error: intent.status === 'requires_payment_method' ? lastError(intent) : null,
    latest_charge: last ? { id: last.id, object: 'charge', created: now } : null,
    livemode: false,
    metadata: { order_no: intent.orderNo },
    payment_method_types: ['card'],
    receipt_email: 'buyer@example.com',
    status: intent.status,
  }
}

const invalid = (code: string) => refusal(400, 'invalid_request_error', code)

const lastError = (intent: LabIntent) => ({
  type: 'card_error',
  code: 'card_declined',
  decline_code: 'processing_error',
  message: 'An error occurred while processing your card. Try again in a little bit.',
  charge: intent.charges.at(-1)?.id ?? null,
  payment_method: {
    id: intent.method.id,
    object: 'payment_method',
    type: 'card',
    customer: intent.method.customer,
    ...(intent.card ? { card: intent.card } : {}),
  },
})

const json = (status: number, body: object): LabAnswer => ({ status, body: JSON.stringify(body) })
const refusal = (status: number, type: string, code: string): LabAnswer =>
  json(status, { error: { type, code, message: 'made up by the lab' } })
