import { readdirSync, readFileSync } from 'node:fs'
import { beforeEach, describe, expect, it } from 'vitest'
import { testRandom } from '../../test/kit/engine.ts'
import { MONDAY, type TestShop } from '../../test/kit/world.ts'
import { signStripe, signWoo } from '../app/demo-sign.ts'
import { type ConnectionId, newId } from '../domain/ids.ts'
import type { OrderFacts } from '../domain/order/facts.ts'
import { viewOrder } from '../domain/order/view.ts'
import { DAY, HOUR, MINUTE, type Millis, SECOND, toIso } from '../domain/time.ts'
import { stripeDeclined, stripeEvent, stripeIntent, stripeSession, wooOrder } from '../sources/samples.ts'
import type { Received } from '../sources/source.ts'
import { stripe } from '../sources/stripe.ts'
import { woocommerce } from '../sources/woocommerce.ts'
import { mailScene } from './mail-scene.test-kit.ts'

// From callbacks as the outside systems send them to what the buyer reads, by the program's own flows.

const scene = mailScene('callbacks')
const FLOWS = new URL('../../flows/', import.meta.url)
const preset = (name: string) =>
  readFileSync(new URL(name, FLOWS), 'utf8').replace(/template: \w+/g, 'template: hello')
const LADDERS = readdirSync(FLOWS)
  .filter((name) => name.startsWith('payment-failed-'))
  .map(preset)

const SECRET = 'whsec_of_the_callbacks'
const STRIPE = newId('conn', MONDAY, testRandom)
const WOO = newId('conn', MONDAY + 1, testRandom)
let count = 0

beforeEach(() => scene.world.clock.set(MONDAY))

const open = (...flows: readonly string[]) => scene.newShop(flows, { ordersApart: 'never' })

async function keep(shop: TestShop, connection: ConnectionId, received: Received): Promise<void> {
  if (received.kind !== 'events') throw new Error(JSON.stringify(received))
  await shop.keep(received.events, { connection })
  await scene.drain()
}

/** Stripe calls back, now. */
function stripeTells(shop: TestShop, type: string, object: object, more: object = {}): Promise<void> {
  const now = scene.world.clock.now()
  const created = Math.floor(now / SECOND)
  const body = JSON.stringify(stripeEvent(type, object, { id: `evt_${++count}`, created, ...more }))
  const request = {
    method: 'POST',
    query: {},
    headers: signStripe(SECRET, created, body),
    body: Buffer.from(body),
  }
  const settings = stripe.settings.parse({ secrets: [SECRET] })
  return keep(shop, STRIPE, stripe.receive(settings, request, now))
}

/** WooCommerce tells of the order as it is now. */
function wooTells(shop: TestShop, order: object, topic = 'order.updated'): Promise<void> {
  const now = scene.world.clock.now()
  const whole = wooOrder({ date_modified_gmt: toIso(now).slice(0, 19), ...order })
  const body = JSON.stringify(topic === 'order.deleted' ? order : whole)
  const headers = signWoo(SECRET, topic, body)
  const settings = woocommerce.settings.parse({ secrets: [SECRET] })
  const request = { method: 'POST', query: {}, headers, body: Buffer.from(body) }
  return keep(shop, WOO, woocommerce.receive(settings, request, now))
}

async function go(...moments: readonly Millis[]): Promise<void> {
  for (const moment of moments) {
    scene.world.clock.set(MONDAY + moment)
    await scene.drain()
  }
}

const said = async (shop: TestShop) =>
  (await scene.rows.messages(shop)).map(({ flow, step, state }) => `${flow} ${step} ${state}`)

/** The shop's orders as their facts show them. */
async function orders(shop: TestShop) {
  const { sealer } = await scene.world.engine.keyring.open(shop.id)
  const rows = (await scene.rows.orders(shop)).filter((order) => order.merged_into === null)
  return rows.map(({ id, facts }) =>
    viewOrder(
      JSON.parse(
        sealer.openText(facts, { shop: shop.id, column: 'orders.facts', row: id as never }),
      ) as OrderFacts,
    ),
  )
}

const OF_WOO = { metadata: { order_id: 'W-727' } }
const AFTERWARDS = [HOUR, DAY, DAY + HOUR, 2 * DAY]

describe('a declined card of a WooCommerce order', () => {
  it('is of the class that Stripe names, though WooCommerce says after it that the payment failed', async () => {
    const shop = await open(...LADDERS)
    await stripeTells(shop, 'payment_intent.payment_failed', { ...stripeDeclined(), ...OF_WOO })
    await go(3 * SECOND)
    await wooTells(shop, { status: 'failed', payment_method: 'stripe' })
    await go(...AFTERWARDS)
    expect(await orders(shop)).toMatchObject([
      { no: 'W-727', attempts: 1, lastFailure: { declineCode: 'insufficient_funds' } },
    ])
    expect(await said(shop)).toEqual(['payment-failed-funds first sent', 'payment-failed-funds day sent'])
  })

  it('counts, too, where WooCommerce alone tells of it, or of a card that another gateway declined', async () => {
    const shop = await open(...LADDERS)
    await stripeTells(shop, 'payment_intent.payment_failed', { ...stripeDeclined(), ...OF_WOO })
    await go(3 * SECOND)
    await wooTells(shop, { status: 'failed', payment_method: 'ppcp-gateway' })
    const alone = await open(...LADDERS)
    await wooTells(alone, { status: 'failed', payment_method: 'stripe_klarna' })
    expect(await orders(shop)).toMatchObject([{ attempts: 2, lastFailure: { code: 'woocommerce_failed' } }])
    expect(await orders(alone)).toMatchObject([{ attempts: 1, lastFailure: { code: 'woocommerce_failed' } }])
  })
})

describe('a paid WooCommerce order', () => {
  it('was paid once, whatever id of the payment somebody enters later', async () => {
    const shop = await open()
    const paid = { status: 'processing', date_paid_gmt: toIso(MONDAY - MINUTE).slice(0, 19) }
    await wooTells(shop, paid)
    await wooTells(shop, { ...paid, transaction_id: 'bank-9' })
    expect(await orders(shop)).toMatchObject([{ status: 'paid', paid: [{ minor: 2935, currency: 'CNY' }] }])
    const refunds = [{ id: 801, total: '-29.35' }]
    await wooTells(shop, { ...paid, status: 'refunded', transaction_id: 'bank-9', refunds })
    expect(await orders(shop)).toMatchObject([{ status: 'refunded' }])
  })
})

describe('a buyer whose card was declined, and who has found another way since', () => {
  const FIRST = ['payment-failed-funds first sent']
  const stripeIntents: readonly (readonly [string, string, object])[] = [
    ['a bank debit', 'payment_intent.processing', stripeIntent({ status: 'processing' })],
    [
      'a card that the shop captures later',
      'payment_intent.amount_capturable_updated',
      stripeIntent({ status: 'requires_capture', amount_capturable: 1999 }),
    ],
    [
      'a voucher',
      'payment_intent.requires_action',
      stripeIntent({ status: 'requires_action', next_action: { type: 'konbini_display_details' } }),
    ],
    ['a debit in Checkout', 'checkout.session.completed', stripeSession({ payment_status: 'unpaid' })],
  ]

  it.each(stripeIntents)('%s is not reminded while the money is on its way', async (_, type, object) => {
    const shop = await open(...LADDERS)
    await stripeTells(shop, 'payment_intent.payment_failed', stripeDeclined())
    await go(HOUR)
    expect(await said(shop)).toEqual(FIRST)
    await stripeTells(shop, type, object)
    expect(await orders(shop)).toMatchObject([{ status: 'open', underWay: true }])
    await go(DAY, DAY + HOUR, 2 * DAY)
    expect(await said(shop)).toEqual(FIRST)
    // The bank says no after all.
    await stripeTells(shop, 'payment_intent.payment_failed', stripeDeclined({ charge: 'ch_returned' }))
    await go(2 * DAY + HOUR)
    expect((await said(shop)).slice(1)).toEqual(FIRST)
  })

  it.each([
    ['cash on delivery', { status: 'processing', payment_method: 'cod' }],
    ['a bank transfer', { status: 'on-hold', payment_method: 'bacs' }],
  ])('%s at WooCommerce is not reminded', async (_, order) => {
    const shop = await open(...LADDERS)
    await wooTells(shop, { status: 'failed', payment_method: 'stripe' })
    await go(HOUR)
    await wooTells(shop, order)
    await go(DAY, DAY + 2 * HOUR, 2 * DAY)
    expect(await said(shop)).toEqual(['payment-failed-other first sent'])
  })
})

describe('an order that its shop moves to the bin', () => {
  it.each([
    ['unpaid, is reminded of no more', { status: 'failed', payment_method: 'stripe' }, 'expired'],
    ['delivered, stays so', { status: 'completed', date_paid_gmt: '2026-11-22T08:30:00' }, 'delivered'],
  ])('%s', async (_, order, status) => {
    const shop = await open(...LADDERS)
    await wooTells(shop, order)
    await go(HOUR)
    const before = await said(shop)
    await wooTells(shop, { id: 727 }, 'order.deleted')
    await go(DAY, DAY + 2 * HOUR, 2 * DAY)
    expect(await said(shop)).toEqual(before)
    expect(await orders(shop)).toMatchObject([{ no: 'W-727', status }])
  })
})

const charge = (amount_refunded: number, more: object = {}) => ({
  id: 'ch_3SampleCharge0001',
  object: 'charge',
  amount: 1999,
  amount_captured: 1999,
  amount_refunded,
  captured: true,
  currency: 'usd',
  payment_intent: 'pi_3SampleIntent0001',
  metadata: {},
  ...more,
})
const paidIntent = (more: object = {}) =>
  stripeIntent({ status: 'succeeded', amount_received: 1999, latest_charge: 'ch_3SampleCharge0001', ...more })

/** The sums that the buyer reads to have gone back, message by message. */
async function toldRefunds(shop: TestShop) {
  const { sealer } = await scene.world.engine.keyring.open(shop.id)
  const rows = await scene.world.rows<{ id: string; vars: Buffer }>(
    `select id, vars from message where shop_id = $1 and flow = 'order-refunded' order by created_at, id`,
    [shop.id],
  )
  return rows.map(({ id, vars }) => {
    const place = { shop: shop.id, column: 'message.vars', row: id }
    const { refund } = JSON.parse(sealer.openText(vars, place)) as { refund: { amount: { minor: number } } }
    return refund.amount.minor
  })
}

describe('a refund', () => {
  const REFUNDED = preset('order-refunded.yaml')

  it('that grows under one id is told each time, by what has gone back since', async () => {
    const shop = await open(REFUNDED)
    await stripeTells(shop, 'payment_intent.succeeded', paidIntent())
    await stripeTells(shop, 'charge.refunded', charge(500))
    await go(HOUR)
    await stripeTells(shop, 'charge.refunded', charge(1_999))
    // Told once more, and too late.
    await stripeTells(shop, 'charge.refunded', charge(1_999))
    await stripeTells(shop, 'charge.refunded', charge(500))
    expect(await toldRefunds(shop)).toEqual([500, 1_499])
    expect(await orders(shop)).toMatchObject([{ status: 'refunded' }])
  })

  it('that Stripe and WooCommerce both tell of is told once, whoever comes first', async () => {
    const shop = await open(REFUNDED)
    const order = {
      currency: 'USD',
      total: '19.99',
      status: 'processing',
      transaction_id: 'pi_3SampleIntent0001',
    }
    const paid = { ...order, date_paid_gmt: toIso(MONDAY - MINUTE).slice(0, 19) }
    const first = { id: 801, total: '-5.00' }
    await wooTells(shop, paid)
    await stripeTells(shop, 'payment_intent.succeeded', paidIntent(OF_WOO))
    await stripeTells(shop, 'charge.refunded', charge(500))
    await wooTells(shop, { ...paid, refunds: [first] })
    await go(MINUTE)
    await wooTells(shop, { ...paid, status: 'completed', refunds: [first, { id: 802, total: '-3.00' }] })
    await stripeTells(shop, 'charge.refunded', charge(800))
    expect(await orders(shop)).toMatchObject([{ no: 'W-727', refunded: [{ minor: 800, currency: 'USD' }] }])
    expect(await toldRefunds(shop)).toEqual([500, 300])
  })

  it('beside another is told by its own sum, also when both come at once', async () => {
    const shop = await open(REFUNDED)
    const refund = (id: number, total: string) => ({ id, total })
    const order = { status: 'processing', date_paid_gmt: toIso(MONDAY - MINUTE).slice(0, 19) }
    const both = [refund(801, '-5.00'), refund(802, '-7.00')]
    await wooTells(shop, { ...order, refunds: both })
    expect((await toldRefunds(shop)).toSorted()).toEqual([500, 700])
    await go(SECOND)
    await wooTells(shop, { ...order, refunds: [...both, refund(803, '-9.00')] })
    expect((await toldRefunds(shop)).at(-1)).toBe(900)
    expect(await orders(shop)).toMatchObject([{ refunded: [{ minor: 2_100, currency: 'CNY' }] }])
  })
})

it('an authorisation that is called off, or captured in part, gives nothing back, and nobody hears of a refund', async () => {
  const shop = await open(preset('order-refunded.yaml'))
  await stripeTells(shop, 'payment_intent.amount_capturable_updated', stripeIntent())
  const released = charge(1_999, { captured: false, amount_captured: 0 })
  await stripeTells(shop, 'charge.refunded', released, { api_version: '2024-06-20' })
  expect(await orders(shop)).toMatchObject([{ status: 'open', refunded: [] }])
  const part = await open(preset('order-refunded.yaml'))
  await stripeTells(part, 'payment_intent.succeeded', paidIntent({ amount_received: 1_200 }))
  const rest = charge(799, { amount_captured: 1_200 })
  await stripeTells(part, 'charge.refunded', rest, { api_version: '2024-06-20' })
  expect(await orders(part)).toMatchObject([{ status: 'paid', paid: [{ minor: 1_200 }], refunded: [] }])
  expect([...(await said(shop)), ...(await said(part))]).toEqual([])
})

describe('Stripe Checkout', () => {
  const unpaid = { payment_intent: null, payment_status: 'unpaid', status: 'expired' }

  it('reminds of a failed payment though an earlier session of the order expires', async () => {
    const shop = await open(...LADDERS)
    await stripeTells(shop, 'payment_intent.payment_failed', stripeDeclined())
    await go(5 * MINUTE)
    const metadata = { order_no: 'D20261122-17' }
    await stripeTells(
      shop,
      'checkout.session.expired',
      stripeSession({ ...unpaid, id: 'cs_live_first', metadata }),
    )
    await go(...AFTERWARDS)
    expect(await orders(shop)).toMatchObject([{ status: 'payment_failed' }])
    expect(await said(shop)).toEqual(['payment-failed-funds first sent', 'payment-failed-funds day sent'])
  })

  it('makes one order of an expired session and of the one by which the buyer came back', async () => {
    const shop = await open()
    await stripeTells(shop, 'checkout.session.expired', stripeSession(unpaid))
    const recovered_from = 'cs_live_a1SampleSession0001'
    const again = stripeSession({ id: 'cs_live_b2', payment_intent: 'pi_b2', recovered_from })
    await stripeTells(shop, 'checkout.session.completed', again)
    expect(await orders(shop)).toMatchObject([{ status: 'paid', paid: [{ minor: 1_999, currency: 'USD' }] }])
  })
})
