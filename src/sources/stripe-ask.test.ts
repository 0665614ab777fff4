import Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testRandom } from '../../test/kit/fixed.ts'
import { createHttpClient, type OwnedHttpClient } from '../channels/http-client.ts'
import { systemClock } from '../domain/time.ts'
import { type StripeLab, startStripeLab } from '../lab/stripe-lab.ts'
import type { Question, SourcePorts } from './source.ts'
import { stripe } from './stripe.ts'

const NOW = Date.UTC(2026, 10, 23, 2)
let lab: StripeLab
let client: OwnedHttpClient
let official: Stripe
let count = 0

beforeAll(async () => {
  lab = await startStripeLab({ clock: { ...systemClock(), now: () => NOW }, random: testRandom })
  client = createHttpClient({ allowOrigins: [lab.origin] })
  const { hostname, port } = new URL(lab.origin)
  official = new Stripe(lab.apiKey, {
    host: hostname,
    port: Number(port),
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
  })
})
afterAll(async () => {
  await client.close()
  await lab.close()
})

const settings = (apiKey = lab.apiKey) =>
  stripe.settings.parse({ secrets: ['whsec_test_secret'], apiKey, apiUrl: lab.origin })
const ports = (): SourcePorts => ({
  http: client.request,
  random: testRandom,
  now: NOW,
  signal: AbortSignal.timeout(20_000),
})
const about = (...intents: string[]): Question => ({
  refs: intents.map((value) => ({ kind: 'stripe_pi', value })),
  total: null,
  placedAt: null,
})
const ask = (question: Question, apiKey?: string) => stripe.query!(settings(apiKey), question, ports())
const retry = (id: string, idempotencyKey: string) =>
  stripe.actions!.retry_payment!(
    settings(),
    { ...about(id), idempotencyKey, payment: lab.intent(id).charges[0]!.id },
    ports(),
  )
const fresh = (more: object = {}) => lab.failed({ id: `pi_ask${++count}`, orderNo: `S-${count}`, ...more })

describe('Stripe, asked about an order', () => {
  it('tells a failure under the names and ids that its webhook has, and the same again when asked again', async () => {
    const intent = fresh()
    const first = await ask(about(intent.id))
    expect(first).toMatchObject({
      kind: 'events',
      events: [
        {
          type: 'payment.failed',
          data: {
            refs: expect.arrayContaining([{ kind: 'order_no', value: intent.orderNo }]),
            payment: {
              id: intent.charges[0]!.id,
              failure: { code: 'card_declined', declineCode: 'processing_error' },
            },
          },
        },
      ],
    })
    expect(await ask(about(intent.id))).toEqual(first)
  })

  it('tells a success, and prefers nothing to it when the order has a failed intent, too', async () => {
    const [failed, paid] = [fresh(), fresh()]
    lab.pay(paid.id)
    const answer = await ask(about(failed.id, paid.id))
    expect(answer.kind === 'events' && answer.events.map(({ type }) => type)).toEqual([
      'payment.failed',
      'order.paid',
    ])
  })

  it('has nothing to tell while something is under way, knows no strangers, and needs its own key', async () => {
    const intent = fresh({ status: 'processing' })
    expect(await ask(about(intent.id))).toEqual({ kind: 'pending' })
    expect(await ask(about('pi_nobody'))).toEqual({ kind: 'stranger' })
    expect(await ask({ refs: [{ kind: 'order_no', value: '1' }], total: null, placedAt: null })).toEqual({
      kind: 'stranger',
    })
    expect((await ask(about(intent.id), 'rk_test_of_another')).kind).toBe('operator')
  })

  it('that gives no answer is asked later, as it said', async () => {
    const intent = fresh()
    for (const [fault, expected] of [
      [
        { kind: 'limit', seconds: 7 },
        { kind: 'later', code: 'rate_limit', retryAfter: 7_000 },
      ],
      [
        { kind: 'fail', status: 503 },
        { kind: 'later', code: 'api_error', retryAfter: null },
      ],
      [
        { kind: 'drop', when: 'before' },
        { kind: 'later', code: 'closed', retryAfter: null },
      ],
    ] as const) {
      lab.script([{ fault }])
      expect(await ask(about(intent.id))).toEqual(expected)
    }
    lab.script([])
  })
})

describe('an address that may not be called', () => {
  it('needs a person, for a question as for a try: no waiting helps', async () => {
    const intent = fresh()
    const guarded = createHttpClient({})
    const blocked: SourcePorts = { ...ports(), http: guarded.request }
    const wrong = { kind: 'operator', code: 'http_blocked_address' }
    expect(await stripe.query!(settings(), about(intent.id), blocked)).toEqual(wrong)
    const asked = { ...about(intent.id), idempotencyKey: 'blocked', payment: intent.charges[0]!.id }
    expect(await stripe.actions!.retry_payment!(settings(), asked, blocked)).toEqual(wrong)
    await guarded.close()
  })
})

describe('a payment tried again', () => {
  it('is the same intent, confirmed off session as the official client would', async () => {
    const [ours, theirs] = [fresh(), fresh()]
    expect(await retry(ours.id, 'key-ours')).toMatchObject({ kind: 'done', events: [{ type: 'order.paid' }] })
    const confirmed = await official.paymentIntents.confirm(
      theirs.id,
      { payment_method: 'pm_lab', off_session: true, expand: ['latest_charge'] },
      { idempotencyKey: 'key-theirs', apiVersion: '2025-02-24.acacia' },
    )
    expect(confirmed.status).toBe('succeeded')
    const bodyOf = (id: string) =>
      [
        ...new URLSearchParams(
          lab.seen.find(({ method, path }) => method === 'POST' && path.includes(id))!.body,
        ),
      ].sort()
    expect(bodyOf(ours.id)).toEqual(bodyOf(theirs.id))
    const shape = (id: string) => lab.intent(id).charges.map(({ succeeded }) => succeeded)
    expect([shape(ours.id), shape(theirs.id)]).toEqual([
      [false, true],
      [false, true],
    ])
  })

  it('under the same key is charged once, however often it is sent', async () => {
    const intent = fresh()
    await retry(intent.id, 'key-twice')
    // What the official client would get for a repeat of our very request.
    const replayed = await official.rawRequest('POST', `/v1/payment_intents/${intent.id}/confirm`, {
      payment_method: 'pm_lab', off_session: 'true', expand: ['latest_charge'],
    }, { idempotencyKey: 'key-other' }).catch((error: Stripe.errors.StripeError) => error.code) // biome-ignore format: one call
    expect(replayed).toBe('payment_intent_unexpected_state')
    expect(lab.intent(intent.id).charges.filter(({ succeeded }) => succeeded)).toHaveLength(1)
  })

  it('that fails again tells the new failure', async () => {
    const intent = fresh({ outcomes: ['declined'] })
    const acted = await retry(intent.id, 'key-declined')
    expect(acted).toMatchObject({ kind: 'done', events: [{ type: 'payment.failed' }] })
    expect(acted.kind === 'done' && acted.events[0]!.data.payment!.id).toBe(intent.charges.at(-1)!.id)
  })

  it('is unknown when the answer was lost, whether or not it was done', async () => {
    for (const fault of [
      { kind: 'drop', when: 'after' },
      { kind: 'drop', when: 'before' },
      { kind: 'fail', status: 500 },
      { kind: 'fail', status: 409 },
    ] as const) {
      const intent = fresh()
      lab.script([{ fault, to: 'POST confirm' }])
      expect((await retry(intent.id, `key-${intent.id}`)).kind).toBe('unknown')
      lab.script([])
    }
  })

  it.each([
    ['method_not_saved', { method: { id: 'pm_lab', customer: null } }],
    ['method_not_saved', { customer: null }],
    ['provider_retries', { invoice: 'in_1' }],
    ['not_payable', { status: 'processing' }],
    ['not_payable', { status: 'canceled' }],
  ])('is refused with %s and nothing is sent that could charge', async (code, more) => {
    const intent = fresh(more)
    expect(await retry(intent.id, `key-${intent.id}`)).toEqual({ kind: 'refused', code })
    expect(lab.seen.some(({ method, path }) => method === 'POST' && path.includes(intent.id))).toBe(false)
  })

  it('is refused when another try has failed since, whatever it was made with', async () => {
    const intent = fresh()
    lab.pay(intent.id, 'stolen_card', { method: { id: 'pm_other', customer: 'cus_lab' } })
    expect(await retry(intent.id, 'key-other-card')).toEqual({ kind: 'refused', code: 'buyer_tried_again' })
    expect(lab.intent(intent.id).charges).toHaveLength(2)
  })

  it('that was paid meanwhile is found paid, and not tried', async () => {
    const intent = fresh()
    lab.pay(intent.id)
    expect(await retry(intent.id, 'key-paid')).toMatchObject({
      kind: 'done',
      events: [{ type: 'order.paid' }],
    })
    expect(lab.intent(intent.id).charges).toHaveLength(2)
  })
})
