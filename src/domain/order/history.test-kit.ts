import * as fc from 'fast-check'
import type { Event, EventData, OrderRef, Trust } from '../event.ts'
import type { ConnectionId, EventId, ShopId } from '../ids.ts'
import type { Money } from '../money.ts'
import type { Instant, Millis } from '../time.ts'
import { HOUR, MINUTE, SECOND } from '../time.ts'
import type { OrderStatus } from './view.ts'

/** Numbers in [0, 1), the same for the same seed. */
export type Prng = () => number

/** One sale as it truly went, and what four systems told of it. */
export interface History {
  /** What was told, each event once, in order of time. */
  readonly events: readonly Event[]
  /** The same events as they arrive: shuffled or late, some more than once, by ascending `receivedAt` of their first arrival. */
  readonly arrivals: readonly Event[]
  readonly truth: Truth
}

/** What an order's view must say after all events, worked out from the sale itself and not from the fold. */
export interface Truth {
  readonly status: OrderStatus
  readonly paidAt: Instant | null
  readonly total: Money
  readonly paid: number
  readonly refunded: number
  readonly failedAttempts: readonly string[]
  readonly deliveries: number
  readonly paidAfterExpiry: boolean
}

/**
 * How payments fail here, in Stripe's words (docs.stripe.com/declines/codes, read 2026-11): every class of failure, and
 * such as are no fault of the buyer's.
 */
const FAILURES: readonly { readonly code: string; readonly declineCode?: string }[] = [
  { code: 'card_declined', declineCode: 'insufficient_funds' },
  { code: 'card_declined', declineCode: 'do_not_honor' },
  { code: 'card_declined', declineCode: 'fraudulent' },
  { code: 'card_declined', declineCode: 'issuer_not_available' },
  { code: 'processing_error' },
  { code: 'api_error' },
  { code: 'incorrect_cvc' },
  { code: 'authentication_required' },
  { code: 'expired_card' },
]

/** Orders that may be given up, after so long. */
const LIVES: readonly (Millis | null)[] = [null, HOUR, 26 * HOUR, 72 * HOUR]

/** Connections of every history's shop, and how far each is believed. */
export const STRIPE = connection(1)
export const WOO = connection(2)
export const API = connection(3)
export const BROWSER_SDK = connection(4)
const TRUSTS = new Map<ConnectionId, Trust>([
  [STRIPE, 'signed'],
  [WOO, 'signed'],
  [API, 'authenticated'],
  [BROWSER_SDK, 'browser'],
])

/** mulberry32: 32 bits of state, about 5 ns a number; good enough to choose test cases. */
export function prngOf(seed: number): Prng {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Random histories for fast-check: each one is reproduced from its seed. */
export function histories(): fc.Arbitrary<History> {
  return fc.nat(0x7fffffff).map((seed) => randomHistory(prngOf(seed), { number: seed }))
}

interface Sale {
  readonly random: Prng
  readonly number: number
  readonly shop: ShopId
  readonly currency: string
  readonly total: Money
  readonly start: Instant
  /** When the shop says it gives the order up. */
  readonly expiresAt: Instant | null
  readonly events: Event[]
  readonly no: string
  readonly intent: string
  /** Which systems report payments and refunds: at least one. */
  readonly stripe: boolean
  readonly woo: boolean
  now: Instant
}

/**
 * A random sale, 2 to about 20 events. `number` names it: order number, provider's ids and event ids derive
 * from it, so a million histories in one shop do not collide. `start` is the sale's first moment, `livesFrom` the one
 * from which its life is counted, where a story of the past is told today.
 */
export function randomHistory(
  random: Prng,
  options: {
    readonly number?: number
    readonly shop?: ShopId
    readonly start?: Instant
    readonly livesFrom?: Instant
  } = {},
): History {
  const number = options.number ?? 1
  const currency = pick(random, ['CNY', 'USD', 'JPY', 'KWD'])
  const reporters = pick(random, ['stripe', 'woo', 'both'])
  const start = options.start ?? 1_790_000_000_000
  const sale: Sale = {
    random,
    number,
    shop: options.shop ?? (1 as ShopId),
    currency,
    total: { minor: 1 + Math.floor(random() * pick(random, [100_000, 800_000])), currency },
    start,
    expiresAt: expiryOf(random, options.livesFrom ?? start),
    events: [],
    no: `N${number}`,
    intent: `pi_${number}`,
    stripe: reporters !== 'woo',
    woo: reporters !== 'stripe',
    now: start,
  }
  const truth = live(sale)
  return { ...arrive(sale), truth }
}

/** The sale's life: created, attempts that fail, an end or a payment, deliveries, refunds. */
function live(sale: Sale): Truth {
  const { random, total } = sale
  create(sale)
  const failedAttempts: string[] = []
  const again = random() < 0.1 ? 0.9 : 0.4
  for (let attempt = 1; random() < again && attempt <= 6; attempt++)
    failedAttempts.unshift(fail(sale, attempt))
  if (random() < 0.1) failedAttempts.unshift(infer(sale))
  if (random() < 0.15) browserClaims(sale, 'order.paid')
  if (random() < 0.05) browserClaims(sale, 'order.cancelled')
  const end = random() < 0.25 ? pick(random, ['order.expired', 'order.cancelled'] as const) : null
  if (end !== null) tell(sale, API, end, { order: { no: sale.no } })
  const paidAt = random() < 0.6 ? pay(sale) : null
  // The rail reports an earlier attempt only now: a late failure must not unpay the order.
  if (paidAt !== null && random() < 0.15) failedAttempts.push(fail(sale, 9, paidAt - SECOND))
  const delivered = paidAt === null ? { count: 0, whole: false } : deliver(sale)
  const refunds = paidAt !== null && random() < 0.3 ? refund(sale) : 0
  const refunded = refunds >= total.minor ? 'refunded' : 'partly_refunded'
  const sold = delivered.count === 0 ? 'paid' : delivered.whole ? 'delivered' : 'partly_delivered'
  const unpaid = failedAttempts.length > 0 ? 'payment_failed' : 'open'
  const ended = end === 'order.expired' ? 'expired' : 'cancelled'
  const status = paidAt !== null ? (refunds > 0 ? refunded : sold) : end !== null ? ended : unpaid
  return {
    status,
    paidAt,
    total,
    paid: paidAt === null ? 0 : total.minor,
    refunded: refunds,
    failedAttempts: byTimeDescending(sale, failedAttempts),
    deliveries: delivered.count,
    paidAfterExpiry: paidAt !== null && end === 'order.expired',
  }
}

function create(sale: Sale): void {
  const words = {
    no: sale.no,
    total: sale.total,
    title: 'Steam 充值卡 100 元',
    placedAt: sale.start,
    ...(sale.expiresAt === null ? {} : { expiresAt: sale.expiresAt }),
  }
  // Three orders have one buyer, who is told of all of them.
  const customer = { email: `buyer${sale.number - (sale.number % 3)}@example.com`, name: '王小明' }
  // One event ties the shop's number to the rail's id; all others may know only one of the two.
  const tied = sale.random() < 0.7
  const refs = tied ? stripeRefs(sale) : []
  tell(sale, sale.woo ? WOO : API, 'order.created', { refs, order: words, customer })
  if (!tied) tell(sale, API, 'shop.checkout_linked', { refs: stripeRefs(sale), order: { no: sale.no } })
}

function fail(sale: Sale, attempt: number, at?: Instant): string {
  const id = `ch_${sale.number}_${attempt}`
  const payment = {
    id,
    rail: 'stripe',
    amount: sale.total,
    failure: pick(sale.random, FAILURES),
  }
  if (sale.random() < 0.3) tell(sale, BROWSER_SDK, 'payment.failed', { order: { no: sale.no }, payment })
  if (sale.random() < 0.5)
    tell(sale, STRIPE, 'payment.started', { refs: stripeRefs(sale), payment: { id } }, at)
  tell(sale, STRIPE, 'payment.failed', { refs: stripeRefs(sale), payment }, at)
  return id
}

/** The payment did not come, and nobody said why: the program tells itself that it has failed. */
function infer(sale: Sale): string {
  const id = `unpaid:${sale.number}`
  const payment = { id, rail: 'inferred', failure: { code: 'unpaid_timeout' } }
  tell(sale, API, 'payment.failed', { order: { no: sale.no }, payment }, undefined, 'inferred')
  return id
}

/** Money arrives; each reporter tells it under an id of its own, WooCommerce a little later. */
function pay(sale: Sale): Instant {
  const { random, total } = sale
  const refs = stripeRefs(sale)
  sale.now += 1 + Math.floor(random() * HOUR)
  const paidAt = sale.now
  if (sale.stripe) {
    tell(
      sale,
      STRIPE,
      'order.paid',
      { refs, payment: { id: `ch_${sale.number}_ok`, rail: 'stripe', amount: total } },
      paidAt,
    )
  }
  if (sale.woo) {
    const at = sale.stripe ? paidAt + 2 * SECOND : paidAt
    tell(
      sale,
      WOO,
      'order.paid',
      { order: { no: sale.no, total }, payment: { id: `woo_${sale.number}` } },
      at,
    )
  }
  return paidAt
}

/** No delivery, all at once, or in two parts of which the second may never come. */
function deliver(sale: Sale): { readonly count: number; readonly whole: boolean } {
  const parts = pick(sale.random, [0, 1, 1, 2])
  const count = parts === 2 && sale.random() < 0.4 ? 1 : parts
  for (let part = 1; part <= count; part++) {
    const type = part === parts ? 'order.delivered' : 'order.partly_delivered'
    const delivery = { id: `d${part}`, keys: [`KEY-${sale.number}-${part}`] }
    tell(sale, API, type, { order: { no: sale.no }, delivery })
  }
  return { count, whole: count === parts }
}

/** Gives back all, or one to three parts; each reporter numbers the same refunds in its own way. Returns the sum. */
function refund(sale: Sale): number {
  const { random, total } = sale
  const parts = 1 + Math.floor(random() * 3)
  let left = total.minor
  for (let part = 1; part <= parts && left > 0; part++) {
    const minor = random() < 0.3 ? left : 1 + Math.floor(random() * left)
    const amount = { minor, currency: sale.currency }
    if (sale.stripe)
      tell(sale, STRIPE, 'order.refunded', { refs: stripeRefs(sale), refund: { id: `re_${part}`, amount } })
    if (sale.woo)
      tell(sale, WOO, 'order.refunded', { order: { no: sale.no }, refund: { id: `${part}`, amount } })
    left -= minor
  }
  return total.minor - left
}

function browserClaims(sale: Sale, type: 'order.paid' | 'order.cancelled'): void {
  tell(sale, BROWSER_SDK, type, {
    order: { no: sale.no },
    payment: { id: `b${sale.number}`, amount: sale.total },
  })
}

function stripeRefs(sale: Sale): OrderRef[] {
  return [{ kind: 'stripe_pi', value: sale.intent }]
}

/** One system tells one thing; without `at` it happens a while after the last. */
function tell(
  sale: Sale,
  by: ConnectionId,
  type: string,
  data: Omit<EventData, 'refs'> & { readonly refs?: OrderRef[] },
  at?: Instant,
  trust: Trust = TRUSTS.get(by) ?? 'browser',
): void {
  if (at === undefined) sale.now += 1 + Math.floor(sale.random() * 20 * MINUTE)
  const time = at ?? sale.now
  const index = sale.events.length
  sale.events.push({
    id: `${sale.number}-${index}`,
    key: eventKey(sale.number, index),
    type,
    source: '/test',
    time,
    subject: null,
    data: { ...data, refs: data.refs ?? [] },
    shop: sale.shop,
    connection: by,
    trust,
    receivedAt: time,
  })
}

/** Puts events in order of time, then lets each arrive on time, a little late or very late, and one in five again. */
function arrive(sale: Sale): { readonly events: readonly Event[]; readonly arrivals: readonly Event[] } {
  const { random } = sale
  const events = sale.events
    .map((event) => ({ ...event, receivedAt: event.time + delay(random) }))
    .sort((a, b) => a.time - b.time || (a.key < b.key ? -1 : 1))
  const landings = events.map((event) => ({ at: event.receivedAt, event }))
  for (const event of events) {
    if (random() < 0.2) landings.push({ at: event.receivedAt + delay(random), event })
  }
  landings.sort((a, b) => a.at - b.at)
  return { events, arrivals: landings.map(({ event }) => event) }
}

function delay(random: Prng): number {
  const kind = random()
  return Math.floor(random() * (kind < 0.6 ? 2 * SECOND : kind < 0.9 ? HOUR : 72 * HOUR))
}

function expiryOf(random: Prng, from: Instant): Instant | null {
  const life = pick(random, LIVES)
  return life === null ? null : from + life
}

function byTimeDescending(sale: Sale, ids: readonly string[]): readonly string[] {
  const at = (id: string) =>
    sale.events.find((e) => e.trust !== 'browser' && e.type === 'payment.failed' && e.data.payment?.id === id)
      ?.time ?? 0
  return ids.toSorted((a, b) => at(b) - at(a) || (a < b ? -1 : 1))
}

function eventKey(number: number, index: number): EventId {
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0')
  return `01900000-${hex(index, 4)}-7000-8000-${hex(number, 12)}` as EventId
}

function connection(number: number): ConnectionId {
  return `01900000-0000-7000-8000-${String(number).padStart(12, '0')}` as ConnectionId
}

function pick<T>(random: Prng, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)]!
}
