import fc from 'fast-check'
import Stripe from 'stripe'
import { describe, expect, test } from 'vitest'
import type { SourceEvent } from '../domain/event.ts'
import {
  stripeDeclined,
  stripeDispute,
  stripeEvent,
  stripeIntent,
  stripeSession,
  stripeWarning,
} from './samples.ts'
import type { SourceRequest } from './source.ts'
import { stripe } from './stripe.ts'

const now = Date.UTC(2026, 10, 22, 8)
const secret = 'whsec_test_secret_of_the_endpoint'
const settings = stripe.settings.parse({ secrets: [secret] })

function signed(payload: string, options: { secret?: string; at?: number } = {}): SourceRequest {
  const timestamp = Math.floor((options.at ?? now) / 1000)
  const header = Stripe.webhooks.generateTestHeaderString({
    payload,
    secret: options.secret ?? secret,
    timestamp,
  })
  return { method: 'POST', query: {}, headers: { 'stripe-signature': header }, body: Buffer.from(payload) }
}

function eventOf(body: object): SourceEvent {
  const received = stripe.receive(settings, signed(JSON.stringify(body)), now)
  if (received.kind !== 'events') throw new Error(JSON.stringify(received))
  expect(received.reply).toEqual({ status: 200, type: 'application/json', body: '{"received":true}' })
  return received.events[0]!
}

describe('Stripe’s signature', () => {
  const payload = JSON.stringify(stripeEvent('payment_intent.succeeded', stripeIntent()))

  test('is accepted where Stripe’s own SDK accepts it', () => {
    const request = signed(payload)
    const header = request.headers['stripe-signature']!
    expect(Stripe.webhooks.constructEvent(payload, header, secret, 300, undefined, now).type).toBe(
      'payment_intent.succeeded',
    )
    expect(stripe.receive(settings, request, now).kind).toBe('events')
  })

  test('is never accepted where Stripe’s own SDK refuses it', () => {
    const genuine = signed(payload).headers['stripe-signature']!
    // Not an empty "v1=": the SDK breaks on that instead of judging it.
    const piece = fc.constantFrom(
      genuine,
      ...genuine.split(','),
      't=',
      'v0=abc',
      't=1',
      ' ',
      '=',
      'v1=00',
      ',',
    )
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 5 }),
        fc.constantFrom(payload, `${payload} `, payload.replace('1999', '1')),
        fc.integer({ min: -700, max: 700 }),
        (pieces, body, offset) => {
          const at = now + offset * 1000
          const header = pieces.join(',')
          const request = { ...signed(body), headers: { 'stripe-signature': header } }
          const ours = stripe.receive(settings, request, at).kind === 'events'
          expect(!ours || sdkAccepts(body, header, at)).toBe(true)
        },
      ),
      { numRuns: 1_000 },
    )
  })

  test('may be one of several, for either secret while one is being rolled', () => {
    const both = stripe.settings.parse({ secrets: ['whsec_the_older_secret', secret] })
    const older = signed(payload, { secret: 'whsec_the_older_secret' })
    expect(stripe.receive(both, older, now).kind).toBe('events')
    expect(stripe.receive(settings, older, now).kind).toBe('forged')
    const [time, v1] = signed(payload).headers['stripe-signature']!.split(',')
    const headers = {
      'stripe-signature': `${time},${older.headers['stripe-signature']!.split(',')[1]},${v1},v0=00`,
    }
    expect(stripe.receive(settings, { ...older, headers }, now).kind).toBe('events')
  })

  test('older than 300 s is refused, and the reason says so', () => {
    expect(stripe.receive(settings, signed(payload, { at: now - 300_000 }), now).kind).toBe('events')
    expect(stripe.receive(settings, signed(payload, { at: now - 301_000 }), now)).toEqual({
      kind: 'forged',
      why: 'signed 301 s ago, at most 300 are allowed',
    })
  })
})

function sdkAccepts(payload: string, header: string, at: number): boolean {
  try {
    Stripe.webhooks.constructEvent(payload, header, secret, 300, undefined, at)
    return true
  } catch {
    return false
  }
}

describe('a Stripe event', () => {
  test('payment_intent.payment_failed tells why, under the charge’s id, with every name of the order', () => {
    const event = eventOf(stripeEvent('payment_intent.payment_failed', stripeDeclined()))
    expect(event).toMatchObject({
      id: 'evt_1SampleDingdong0001',
      type: 'payment.failed',
      time: 1_795_334_400_000,
      subject: 'pi_3SampleIntent0001',
    })
    expect(event.data).toEqual({
      refs: [
        { kind: 'stripe_pi', value: 'pi_3SampleIntent0001' },
        { kind: 'stripe_ch', value: 'ch_3SampleCharge0001' },
        { kind: 'order_no', value: 'D20261122-17' },
      ],
      // Not the total: what a payment asks for cannot prove what was due.
      order: {
        title: 'Annual membership',
        placedAt: 1_795_334_300_000,
      },
      payment: {
        id: 'ch_3SampleCharge0001',
        rail: 'stripe',
        byGateway: true,
        method: 'card',
        amount: { minor: 1999, currency: 'USD' },
        failure: {
          code: 'card_declined',
          declineCode: 'insufficient_funds',
          adviceCode: 'try_again_later',
          networkCode: '51',
          networkAdviceCode: '24',
          message: 'Your card has insufficient funds.',
        },
      },
      customer: { email: 'buyer@example.com', name: 'Li Lei', phone: '+8613800138000' },
      extra: {},
    })
  })

  test('a failed card payment names the scheme and the card by its fingerprint, never more of it', () => {
    const failedWith = (card: object) => {
      const object = stripeDeclined({ payment_method: { type: 'card', card } })
      return eventOf(stripeEvent('payment_intent.payment_failed', object)).data.payment
    }
    const known = failedWith({
      brand: 'mastercard',
      fingerprint: 'Xt5EWLLDS7FJjR1c',
      last4: '4242',
      exp_year: 2027,
    })
    expect(known).toMatchObject({ scheme: 'mastercard', card: 'Xt5EWLLDS7FJjR1c' })
    expect(JSON.stringify(known)).not.toMatch(/4242|2027/)
    expect(failedWith({ brand: 'unknown' })).not.toHaveProperty('scheme')
  })

  test('a failure before any charge (3-D Secure) counts under the event’s own id', () => {
    const object = stripeDeclined({
      charge: null,
      code: 'payment_intent_authentication_failure',
      decline_code: undefined,
    })
    const { payment } = eventOf(stripeEvent('payment_intent.payment_failed', object)).data
    expect(payment).toMatchObject({
      id: 'evt_1SampleDingdong0001',
      failure: { code: 'payment_intent_authentication_failure' },
    })
  })

  test('payment_intent.succeeded and checkout.session.completed tell one payment under one id', () => {
    const paid = eventOf(
      stripeEvent('payment_intent.succeeded', stripeIntent({ amount_received: 1999, latest_charge: 'ch_1' })),
    )
    const session = eventOf(stripeEvent('checkout.session.completed', stripeSession()))
    expect([paid.type, session.type]).toEqual(['order.paid', 'order.paid'])
    expect(paid.data.payment).toMatchObject({
      id: 'pi_3SampleIntent0001',
      amount: { minor: 1999, currency: 'USD' },
    })
    expect(session.data.payment).toMatchObject({
      id: 'pi_3SampleIntent0001',
      amount: { minor: 1999, currency: 'USD' },
    })
    expect(session.data.customer).toEqual({
      name: 'Li Lei',
      email: 'buyer@example.com',
      phone: '+8613800138000',
      locale: 'zh',
    })
    // client_reference_id may be a customer's or a cart's id: as an order's name it would join strangers' orders.
    expect(session.data.refs).toEqual([
      { kind: 'stripe_cs', value: 'cs_live_a1SampleSession0001' },
      { kind: 'stripe_pi', value: 'pi_3SampleIntent0001' },
    ])
  })

  test.each([
    ['payment_intent.created', stripeIntent(), 'payment.started'],
    ['payment_intent.processing', stripeIntent({ status: 'processing' }), 'payment.started'],
    ['payment_intent.requires_action', stripeIntent({ status: 'requires_action' }), 'payment.started'],
    ['checkout.session.completed', stripeSession({ payment_status: 'unpaid' }), 'payment.started'],
    [
      'checkout.session.completed',
      stripeSession({ payment_status: 'no_payment_required', payment_intent: null }),
      'order.paid',
    ],
    ['checkout.session.async_payment_succeeded', stripeSession(), 'order.paid'],
    [
      'checkout.session.completed',
      stripeSession({ mode: 'subscription' }),
      'stripe.checkout.session.completed',
    ],
    [
      'checkout.session.async_payment_failed',
      stripeSession(),
      'stripe.checkout.session.async_payment_failed',
    ],
    [
      'refund.created',
      { id: 're_1', object: 'refund', amount: 500, currency: 'usd', charge: 'ch_1' },
      'stripe.refund.created',
    ],
    ['v2.core.event', null, 'stripe.v2.core.event'],
  ])('%s of %j is %s', (type, object, expected) => {
    expect(eventOf(stripeEvent(type, object as object)).type).toBe(expected)
  })

  test.each([
    ['payment_intent.created', stripeIntent(), undefined],
    ['payment_intent.processing', stripeIntent({ status: 'processing' }), true],
    [
      'payment_intent.amount_capturable_updated',
      stripeIntent({ status: 'requires_capture', amount_capturable: 1999 }),
      true,
    ],
    ['payment_intent.requires_action', stripeIntent({ next_action: { type: 'use_stripe_sdk' } }), undefined],
    ['payment_intent.requires_action', stripeIntent({ next_action: { type: 'oxxo_display_details' } }), true],
    [
      'payment_intent.requires_action',
      stripeIntent({ next_action: { type: 'wechat_pay_display_qr_code' } }),
      undefined,
    ],
    ['checkout.session.completed', stripeSession({ payment_status: 'unpaid' }), true],
  ])('%s of %j: the buyer has done their part and the money is on its way: %j', (type, object, underWay) => {
    const event = eventOf(stripeEvent(type, object))
    expect([event.type, event.data.payment?.underWay]).toEqual(['payment.started', underWay])
  })

  test('a cancelled intent ends the order only when the shop has no number of its own for it', () => {
    const cancelled = (more: object) =>
      eventOf(stripeEvent('payment_intent.canceled', stripeIntent({ status: 'canceled', ...more })))
    expect(cancelled({ cancellation_reason: 'abandoned' }).type).toBe('stripe.payment_intent.canceled')
    const alone = cancelled({ metadata: {}, cancellation_reason: 'requested_by_customer' })
    expect(alone).toMatchObject({
      type: 'order.cancelled',
      data: { order: { reason: 'requested_by_customer' } },
    })
    expect(cancelled({ metadata: {}, cancellation_reason: 'expired' }).type).toBe('order.expired')
    expect(cancelled({ metadata: {}, cancellation_reason: 'duplicate' }).type).toBe(
      'stripe.payment_intent.canceled',
    )
  })

  test('an expired session carries the link that recovers it', () => {
    const after = { recovery: { url: 'https://buy.stripe.com/r/live_sample', enabled: true } }
    const event = eventOf(
      stripeEvent(
        'checkout.session.expired',
        stripeSession({ after_expiration: after, payment_intent: null }),
      ),
    )
    expect(event).toMatchObject({
      type: 'order.expired',
      data: { order: { payUrl: 'https://buy.stripe.com/r/live_sample', expiresAt: 1_795_420_600_000 } },
    })
  })

  test('an expired session ends the order only when the shop has no number of its own for it', () => {
    const expired = (metadata: object) =>
      eventOf(stripeEvent('checkout.session.expired', stripeSession({ payment_intent: null, metadata }))).type
    expect(expired({})).toBe('order.expired')
    expect(expired({ order_no: 'D20261122-17' })).toBe('stripe.checkout.session.expired')
  })

  test('a session that recovers an expired one is of the same order', () => {
    const again = stripeSession({ id: 'cs_live_b2', recovered_from: 'cs_live_a1SampleSession0001' })
    const { refs } = eventOf(stripeEvent('checkout.session.completed', again)).data
    expect(refs).toContainEqual({ kind: 'stripe_cs', value: 'cs_live_a1SampleSession0001' })
  })

  test('refunds of one charge are told as a growing sum under one id', () => {
    const charge = (amount_refunded: number) => ({
      id: 'ch_1',
      object: 'charge',
      amount: 1999,
      amount_refunded,
      currency: 'usd',
      payment_intent: 'pi_1',
      metadata: {},
    })
    const first = eventOf(stripeEvent('charge.refunded', charge(500)))
    const second = eventOf(stripeEvent('charge.refunded', charge(1999)))
    expect(first.type).toBe('order.refunded')
    expect(first.data.refund).toEqual({
      id: 'ch_1',
      amount: { minor: 500, currency: 'USD' },
      paymentId: 'pi_1',
    })
    expect(second.data.refund).toMatchObject({ id: 'ch_1', amount: { minor: 1999 } })
    expect(first.data.refs).toEqual([
      { kind: 'stripe_ch', value: 'ch_1' },
      { kind: 'stripe_pi', value: 'pi_1' },
    ])
  })

  test('an issuer’s fraud warning tells of an unauthorised payment, under the names of its intent and charge', () => {
    const event = eventOf(stripeEvent('radar.early_fraud_warning.created', stripeWarning()))
    expect(event.type).toBe('payment.unauthorised')
    expect(event.data).toEqual({
      refs: [
        { kind: 'stripe_pi', value: 'pi_3SampleIntent0001' },
        { kind: 'stripe_ch', value: 'ch_3SampleCharge0001' },
      ],
      payment: { id: 'pi_3SampleIntent0001', rail: 'stripe' },
      extra: {},
    })
    // Older charges have no intent, and a listener may have asked for the charge itself.
    const bare = stripeWarning({ payment_intent: null, charge: { id: 'ch_9', object: 'charge' } })
    expect(eventOf(stripeEvent('radar.early_fraud_warning.created', bare)).data).toMatchObject({
      refs: [{ kind: 'stripe_ch', value: 'ch_9' }],
      payment: { id: 'ch_9' },
    })
  })

  test('a dispute tells of an unauthorised payment only when the cardholder calls it fraud', () => {
    const disputed = (reason: string) =>
      eventOf(stripeEvent('charge.dispute.created', stripeDispute({ reason })))
    expect(disputed('fraudulent')).toMatchObject({
      type: 'payment.unauthorised',
      subject: 'du_1SampleDispute0001',
      data: {
        refs: [{ kind: 'stripe_pi' }, { kind: 'stripe_ch' }],
        payment: { id: 'pi_3SampleIntent0001', amount: { minor: 1999, currency: 'USD' } },
      },
    })
    for (const reason of ['product_not_received', 'duplicate', 'general', 'unrecognized'])
      expect(disputed(reason).type).toBe('stripe.charge.dispute.created')
  })

  test('of test mode and of a connected account says so', () => {
    const event = eventOf(
      stripeEvent('payment_intent.created', stripeIntent(), { livemode: false, account: 'acct_1' }),
    )
    expect(event.source).toBe('stripe/acct_1')
    expect(event.data.extra).toEqual({ livemode: false })
  })

  test('keeps an odd mail address as it is: it costs the mails, not the payment', () => {
    const event = eventOf(
      stripeEvent('payment_intent.succeeded', stripeIntent({ receipt_email: 'not an address' })),
    )
    expect(event.type).toBe('order.paid')
    expect(event.data.customer).toEqual({ email: 'not an address' })
    expect(event.data.extra ?? {}).not.toHaveProperty('left_out')
  })

  test('without id or type is unreadable, and the field is named', () => {
    const receive = (body: object) => stripe.receive(settings, signed(JSON.stringify(body)), now)
    expect(receive({ ...stripeEvent('x', {}), id: undefined })).toMatchObject({
      kind: 'unreadable',
      path: 'id',
    })
    expect(receive({ ...stripeEvent('x', {}), type: 'a b' })).toMatchObject({
      kind: 'unreadable',
      path: 'type',
    })
    expect(stripe.receive(settings, signed('{"id":'), now)).toMatchObject({
      kind: 'unreadable',
      path: 'body',
    })
  })
})
