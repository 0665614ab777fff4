import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Event } from '../domain/event.ts'
import { factsOf } from '../domain/order/event-facts.ts'
import { emptyFacts, joinFacts, type OrderFacts } from '../domain/order/facts.ts'
import { refsOf } from '../domain/order/refs.ts'
import { viewOrder } from '../domain/order/view.ts'
import { stripeEvent, stripeIntent, wooOrder } from './samples.ts'
import { stripe } from './stripe.ts'
import { woocommerce } from './woocommerce.ts'

const now = Date.UTC(2026, 10, 22, 9)
const secret = 'woo webhook secret'
const settings = woocommerce.settings.parse({ secrets: [secret] })

function receive(body: object, topic = 'order.updated', headers: Record<string, string> = {}) {
  const bytes = Buffer.from(JSON.stringify(body))
  const signature = createHmac('sha256', secret).update(bytes).digest('base64')
  const all = { 'x-wc-webhook-topic': topic, 'x-wc-webhook-signature': signature, ...headers }
  return woocommerce.receive(settings, { method: 'POST', query: {}, headers: all, body: bytes }, now)
}

function eventsOf(body: object, topic?: string) {
  const received = receive(body, topic)
  if (received.kind !== 'events') throw new Error(JSON.stringify(received))
  return received.events
}

/** The names Stripe gives the order of a paid intent, as the order's references are read. */
function stripeRefsOf(intent: object) {
  const body = Buffer.from(JSON.stringify(stripeEvent('payment_intent.succeeded', intent)))
  const v1 = createHmac('sha256', 'whsec_sample')
    .update(`${now / 1000}.`)
    .update(body)
    .digest('hex')
  const headers = { 'stripe-signature': `t=${now / 1000},v1=${v1}` }
  const options = stripe.settings.parse({ secrets: ['whsec_sample'] })
  const received = stripe.receive(options, { method: 'POST', query: {}, headers, body }, now)
  if (received.kind !== 'events') throw new Error(JSON.stringify(received))
  return refsOf({ data: received.events[0]!.data, trust: 'signed' })
}

const known = {
  shop: 1 as Event['shop'],
  key: 'k' as Event['key'],
  connection: 'c' as Event['connection'],
  trust: 'signed' as const,
}

const typesOf = (more: object, topic?: string) => eventsOf(wooOrder(more), topic).map((event) => event.type)
const paid = { date_paid_gmt: '2026-11-22T08:30:00' }

describe('WooCommerce', () => {
  test('its unsigned ping on saving a webhook is answered 200 and says nothing', () => {
    const ping = { method: 'POST', query: {}, headers: {}, body: Buffer.from('webhook_id=12') }
    expect(woocommerce.receive(settings, ping, now)).toMatchObject({
      kind: 'nothing',
      reply: { status: 200 },
    })
    const other = { ...ping, body: Buffer.from('webhook_id=12&status=completed') }
    expect(woocommerce.receive(settings, other, now).kind).toBe('forged')
  })

  test('an order says number, amount, goods, buyer and where to pay', () => {
    const [event, ...rest] = eventsOf(wooOrder(), 'order.created')
    expect(rest).toEqual([])
    expect(event).toMatchObject({
      type: 'order.created',
      subject: '727',
      source: 'https://shop.example',
      time: Date.UTC(2026, 10, 22, 8, 28, 2),
    })
    expect(event!.data).toEqual({
      refs: [
        { kind: 'woo_id', value: '727' },
        { kind: 'order_no', value: 'W-727' },
      ],
      order: {
        no: 'W-727',
        total: { minor: 2935, currency: 'CNY' },
        title: '年度会员 × 2, 礼品卡',
        items: [
          { name: '年度会员', quantity: 2, sku: 'VIP-1Y' },
          { name: '礼品卡', quantity: 1 },
        ],
        placedAt: Date.UTC(2026, 10, 22, 8, 28, 2),
        payUrl: 'https://shop.example/checkout/order-pay/727/?pay_for_order=true&key=wc_order_58d2d042d1d',
      },
      payment: { id: 'woo:727', rail: 'alipay', method: '支付宝', amount: { minor: 2935, currency: 'CNY' } },
      customer: { externalId: '26', name: '李雷', email: 'buyer@example.com', phone: '+8613800138000' },
      extra: { status: 'pending' },
    })
  })

  test.each([
    ['order.created', { status: 'pending' }, ['order.created']],
    ['order.updated', { status: 'pending' }, ['order.created']],
    // A block checkout's cart is no order yet; its pending update is.
    ['order.created', { status: 'checkout-draft' }, ['woocommerce.order.created']],
    ['order.created', { status: 'processing', ...paid }, ['order.created', 'order.paid']],
    ['order.updated', { status: 'processing', ...paid }, ['order.paid']],
    ['order.updated', { status: 'completed', ...paid }, ['order.paid', 'order.delivered']],
    // A bank transfer on its way: neither abandoned nor failed nor paid.
    ['order.created', { status: 'on-hold', payment_method: 'bacs' }, ['payment.started']],
    ['order.updated', { status: 'on-hold', payment_method: 'bacs' }, ['payment.started']],
    // Cash on delivery is dated as paid before any money moved.
    ['order.updated', { status: 'processing', payment_method: 'cod', ...paid }, ['payment.started']],
    [
      'order.updated',
      { status: 'completed', payment_method: 'cod', ...paid },
      ['order.paid', 'order.delivered'],
    ],
    ['order.updated', { status: 'failed' }, ['payment.failed']],
    ['order.updated', { status: 'cancelled' }, ['order.cancelled']],
    ['order.updated', { status: 'cancelled', ...paid }, ['order.paid', 'order.cancelled']],
    ['order.updated', { status: 'refunded', ...paid }, ['order.paid', 'order.refunded']],
    ['order.restored', { status: 'cancelled' }, ['order.cancelled']],
    ['order.updated', { status: 'trash' }, ['order.expired']],
    ['order.restored', { status: 'pending' }, ['order.created', 'order.reopened']],
    ['order.restored', { status: 'processing', ...paid }, ['order.paid']],
    ['order.updated', { status: 'shipped' }, ['woocommerce.order.updated']],
  ])('%s with %j says %j', (topic, more, types) => {
    expect(typesOf(more, topic)).toEqual(types)
  })

  test.each([
    [{ status: 'on-hold', payment_method: 'bacs' }, true],
    [{ status: 'processing', payment_method: 'cod' }, true],
    [{ status: 'pending' }, undefined],
    [{ status: 'failed' }, undefined],
  ])('of %j the money is on its way: %j', (more, underWay) => {
    expect(eventsOf(wooOrder(more))[0]!.data.payment?.underWay).toBe(underWay)
  })

  test('an order in the bin has only its id: it is over if it was not paid, and open again once it is restored', () => {
    const told = (body: object, topic: string, time: number) =>
      eventsOf(body, topic).map((event): Event => ({ ...known, ...event, time, receivedAt: time }))
    const view = (...events: readonly Event[]) =>
      viewOrder(events.reduce<OrderFacts>((facts, one) => joinFacts(facts, factsOf(one)), emptyFacts()))
    const placed = told(wooOrder(), 'order.created', now)
    const binned = told({ id: 727 }, 'order.deleted', now + 1)
    expect(binned).toMatchObject([
      { type: 'order.expired', data: { refs: [{ kind: 'woo_id', value: '727' }] } },
    ])
    expect(view(...placed, ...binned).status).toBe('expired')
    const restored = told(wooOrder(), 'order.restored', now + 2)
    expect(view(...placed, ...binned, ...restored).status).toBe('open')
    const done = told(wooOrder({ status: 'completed', ...paid }), 'order.updated', now)
    expect(view(...done, ...binned).status).toBe('delivered')
  })

  test('an update that changes nothing we read is the same event; a new refund is another', () => {
    const before = wooOrder({ status: 'processing', ...paid })
    const touched = { ...before, date_modified_gmt: '2026-11-23T01:00:00', customer_note: 'please hurry' }
    const ids = (body: object) => eventsOf(body).map((event) => event.id)
    expect(ids(touched)).toEqual(ids(before))
    const refunded = { ...before, refunds: [{ id: 801, reason: 'one too many', total: '-3.00' }] }
    expect(ids(refunded)).toEqual([...ids(before), expect.stringContaining('order:727:order.refunded:')])
    expect(eventsOf(refunded)[1]!.data.refund).toEqual({
      id: 'woo:801',
      amount: { minor: 300, currency: 'CNY' },
      reason: 'one too many',
    })
  })

  test('two orders changed within one second, which share their delivery id, are two events', () => {
    const headers = { 'x-wc-webhook-delivery-id': 'same' }
    const idOf = (body: object) => {
      const received = receive(body, 'order.updated', headers)
      return received.kind === 'events' ? received.events[0]!.id : null
    }
    expect(idOf(wooOrder())).not.toBe(idOf(wooOrder({ id: 728, number: 'W-728' })))
  })

  test('and Stripe name one sale by the same intent, wherever the plugin keeps it', () => {
    const stripeRefs = stripeRefsOf(
      stripeIntent({ id: 'pi_3Shared', metadata: {}, latest_charge: 'ch_3Shared' }),
    )
    const wooPayments = wooOrder({ transaction_id: 'pi_3Shared' })
    const stripePlugin = wooOrder({
      transaction_id: 'ch_3Shared',
      meta_data: [{ id: 1, key: '_stripe_intent_id', value: 'pi_3Shared' }],
    })
    for (const order of [wooPayments, stripePlugin]) {
      const refs = refsOf({ data: eventsOf(order)[0]!.data, trust: 'signed' })
      expect(stripeRefs).toContainEqual(refs.find((ref) => ref.kind === 'stripe_pi'))
    }
    expect(eventsOf(stripePlugin)[0]!.data.refs).toContainEqual({ kind: 'stripe_ch', value: 'ch_3Shared' })
  })

  test('tells of one payment, also when the gateway’s id of it comes later or changes', () => {
    const ids = ['', 'tr_1', 'tr_2'].flatMap((transaction_id) =>
      eventsOf(wooOrder({ status: 'processing', ...paid, transaction_id })).map(
        ({ data }) => data.payment?.id,
      ),
    )
    expect(ids).toEqual(['woo:727', 'woo:727', 'woo:727'])
  })

  test.each([
    ['JPY', '500.00', 500],
    ['KWD', '5.125', 5125],
    ['USD', '0.00', 0],
  ])('amounts in %s have that currency’s decimals', (currency, total, minor) => {
    expect(eventsOf(wooOrder({ currency, total }))[0]!.data.order?.total).toEqual({ minor, currency })
  })

  test('a signed body that is no order is unreadable', () => {
    expect(receive([], 'order.updated')).toMatchObject({ kind: 'unreadable', path: 'id' })
  })
})
