import type { Random } from '../domain/ids.ts'
import { type Clock, type Instant, SECOND } from '../domain/time.ts'
import { afterAcceptance, createPauses, type HttpFault } from './http-faults.ts'
import { type LabAnswer, type LabReaction, type LabRequest, listenHttp } from './http-listener.ts'
import { createScript, faultOf, type Rule } from './script.ts'

/** `key`: the idempotency key it came under; `null` for what the buyer did. */
export interface LabCharge {
  readonly id: string
  readonly at: Instant
  readonly succeeded: boolean
  readonly key: string | null
  /** Why the bank declined it, where it did. */
  readonly decline: string | null
}

/** A PaymentIntent as the lab keeps it. */
export interface LabIntent {
  readonly id: string
  readonly amount: number
  readonly orderNo: string
  readonly customer: string | null
  /** The method of the latest failed try, and whose it is. */
  method: { readonly id: string; readonly customer: string | null }
  /** The method's card, if it is one. */
  card: { readonly brand: string; readonly fingerprint: string } | null
  readonly invoice: string | null
  status: 'requires_payment_method' | 'processing' | 'succeeded' | 'canceled'
  /** Charges made, failed ones included: one a try. */
  readonly charges: LabCharge[]
  /** Why banks decline it, where nothing else is said. */
  readonly decline: string
  /** How the next tries end. The last one repeats. */
  readonly outcomes: readonly ('succeeds' | 'declined' | 'processing')[]
}

/** What a buyer pays with. */
type Paying = Partial<Pick<LabIntent, 'method' | 'card'>>

type NewIntent = Pick<LabIntent, 'id' | 'orderNo'> & Partial<LabIntent> & { readonly at?: Instant }

export interface StripeSeen {
  readonly method: string
  readonly path: string
  readonly body: string
  readonly key: string | null
}

export interface StripeLab {
  readonly origin: string
  readonly apiKey: string
  /** An intent whose first try has failed already, now or `at`. */
  failed(intent: NewIntent): LabIntent
  /**
   * The buyer tries to pay it himself; `null` where it takes no payment any more. `decline`: the bank says no. `by`: with
   * another method than before.
   */
  pay(id: string, decline?: string | null, by?: Paying): LabCharge | null
  /** What was under way is decided. */
  decide(id: string, succeeds: boolean): void
  intent(id: string): LabIntent
  intents(): readonly LabIntent[]
  /** Confirmations under way: arrived, and not answered yet. */
  confirming(): number
  /** Hears every charge that a confirmation leads to. */
  onCharge(listener: (intent: LabIntent, charge: LabCharge) => void): void
  /** Hears every question about an intent as it arrives; it is answered once what they give is there. */
  onQuestion(listener: (id: string) => Promise<void> | void): void
  /**
   * A provider that protects nobody: it forgets idempotency keys, and charges whatever it is told to charge, paid or
   * not.
   */
  careless(on: boolean): void
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
  const manner = { careless: false }
  const desk = createDesk(intents, apiKey, manner)
  const seen: StripeSeen[] = []
  let confirming = 0
  const asking: ((id: string) => Promise<void> | void)[] = []
  const script = createScript<HttpFault>(random)
  const pauses = createPauses(clock)

  const react = async (request: LabRequest): Promise<LabReaction> => {
    const { method, path, body, headers } = request
    seen.push({ method, path, body, key: headers['idempotency-key'] ?? null })
    const confirms = path.endsWith('/confirm')
    const faults = script.next(`${method} ${confirms ? 'confirm' : 'read'}`)
    if (confirms) confirming++
    try {
      if (!confirms) await Promise.all(asking.map((hear) => hear(path.split('/').at(-1)!)))
      return refusedBy(faults) ?? (await afterAcceptance(faults, desk(request), pauses.pause))
    } finally {
      if (confirms) confirming--
    }
  }
  const listener = await listenHttp({ port: 0, react })
  return {
    origin: listener.origin,
    apiKey,
    seen,
    failed: intents.failed,
    pay: intents.pay,
    decide: intents.decide,
    intent: (id) => intents.find(id)!,
    intents: intents.list,
    confirming: () => confirming,
    onCharge: intents.onCharge,
    onQuestion: (listener) => void asking.push(listener),
    careless(on) {
      manner.careless = on
    },
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
  const listeners: Parameters<StripeLab['onCharge']>[0][] = []
  /** Keys of confirmations that are under way. */
  const pending = new Map<string, string | null>()
  let charges = 0
  const charge = (
    intent: LabIntent,
    decline: string | null,
    key: string | null,
    at = clock.now(),
  ): LabCharge => {
    const made = { id: `ch_lab${++charges}`, at, succeeded: decline === null, key, decline }
    intent.charges.push(made)
    if (made.succeeded) intent.status = 'succeeded'
    if (key !== null) for (const hear of listeners) hear(intent, made)
    return made
  }
  return {
    find: (id: string) => intents.get(id),
    list: () => [...intents.values()],
    onCharge: (listener: (typeof listeners)[number]) => void listeners.push(listener),
    failed({ at, ...given }: NewIntent): LabIntent {
      const intent: LabIntent = {
        amount: 1_999,
        customer: 'cus_lab',
        method: { id: 'pm_lab', customer: 'cus_lab' },
        card: null,
        invoice: null,
        status: 'requires_payment_method',
        charges: [],
        decline: 'processing_error',
        outcomes: ['succeeds'],
        ...given,
      }
      if (intent.charges.length === 0) charge(intent, intent.decline, null, at)
      intents.set(intent.id, intent)
      return intent
    },
    pay(id: string, decline: string | null = null, by: Paying = {}): LabCharge | null {
      const intent = intents.get(id)!
      if (intent.status !== 'requires_payment_method') return null
      return charge(Object.assign(intent, by), decline, null)
    },
    decide(id: string, succeeds: boolean): void {
      const intent = intents.get(id)!
      intent.status = 'requires_payment_method'
      charge(intent, succeeds ? null : intent.decline, pending.get(id) ?? null)
    },
    confirm(intent: LabIntent, form: URLSearchParams, key: string, careless: boolean): LabAnswer {
      const refused = whyUnconfirmed(intent, form, careless)
      if (refused !== null) return invalid(refused)
      const outcome =
        intent.outcomes[Math.min(intent.charges.length, intent.outcomes.length) - 1] ?? 'succeeds'
      if (outcome === 'processing') {
        intent.status = 'processing'
        pending.set(intent.id, key)
        return json(200, show(intent))
      }
      charge(intent, outcome === 'succeeds' ? null : intent.decline, key)
      if (outcome === 'declined') {
        return json(402, { error: { ...lastError(intent), payment_intent: show(intent) } })
      }
      return json(200, show(intent))
    },
    show: (intent: LabIntent) => json(200, show(intent)),
  }
}

function whyUnconfirmed(
  { status, method: { id, customer }, customer: own }: LabIntent,
  form: URLSearchParams,
  careless: boolean,
): string | null {
  if (status !== 'requires_payment_method' && !careless) return 'payment_intent_unexpected_state'
  if (form.get('off_session') !== 'true') return 'parameter_missing'
  const saved = customer !== null && customer === own
  return form.get('payment_method') === id && saved ? null : 'payment_method_unactivated'
}

/** What checks requests before anything is done, and remembers answers by key. */
function createDesk(
  intents: Intents,
  apiKey: string,
  manner: { readonly careless: boolean },
): (request: LabRequest) => LabAnswer {
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
    const before = manner.careless ? undefined : answers.get(key)
    if (before && before.body !== body) return refusal(400, 'idempotency_error', 'key_reused')
    if (before) return { ...before.answer, headers: { 'idempotent-replayed': 'true' } }
    const answer = intents.confirm(intent, new URLSearchParams(body), key, manner.careless)
    answers.set(key, { body, answer })
    return answer
  }
}

function show(intent: LabIntent): object {
  // A paid intent is charged no more; where a careless lab did, the first success stands.
  const last = intent.charges.find(({ succeeded }) => succeeded) ?? intent.charges.at(-1)
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
    latest_charge: last ? { id: last.id, object: 'charge', created: Math.floor(last.at / SECOND) } : null,
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
  decline_code: intent.charges.at(-1)?.decline ?? intent.decline,
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
