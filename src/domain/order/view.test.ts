import { describe, expect, it } from 'vitest'
import type { Event, EventData } from '../event.ts'
import { factsOf } from './event-facts.ts'
import { emptyFacts, joinFacts, type OrderFacts } from './facts.ts'
import { API, BROWSER_SDK, prngOf, randomHistory, STRIPE, WOO } from './history.test-kit.ts'
import { deliveredKeys, viewOrder } from './view.ts'

const [sample] = randomHistory(prngOf(1)).events
const CNY = (minor: number) => ({ minor, currency: 'CNY' })

/** A signed event of Stripe's at `time`; `more` says otherwise. */
function event(type: string, time: number, data: Partial<EventData> = {}, more: Partial<Event> = {}): Event {
  const plain = {
    ...sample!,
    type,
    time,
    receivedAt: 1_000_000,
    connection: STRIPE,
    trust: 'signed' as const,
  }
  return { ...plain, key: `${type}@${time}` as Event['key'], data: { refs: [], ...data }, ...more }
}

const browser = { trust: 'browser', connection: BROWSER_SDK } as const
const woo = { connection: WOO } as const
const view = (...events: Event[]) => viewOrder(facts(...events))

/** Folds the events in the given and in the reverse order and holds both to the same outcome. */
function facts(...events: Event[]): OrderFacts {
  const fold = (list: readonly Event[]) =>
    list.reduce<OrderFacts>((known, one) => joinFacts(known, factsOf(one)), emptyFacts())
  expect(fold(events.toReversed())).toEqual(fold(events))
  return fold(events)
}

describe('payment', () => {
  it('wins over a failure that is later in time', () => {
    const paid = event('order.paid', 10, { payment: { id: 'ch_2', amount: CNY(100) } })
    const failed = event('payment.failed', 20, {
      payment: { id: 'ch_1', failure: { code: 'card_declined' } },
    })
    expect(view(paid, failed)).toMatchObject({ status: 'paid', paidAt: 10, attempts: 1 })
  })

  it('wins over expiry and cancellation, and flags money that came after them', () => {
    expect(view(event('order.expired', 10), event('order.paid', 20))).toMatchObject({
      status: 'paid', paidAfterExpiry: true, paidAfterCancel: false, expiredAt: 10,
    }) // biome-ignore format: short
    expect(view(event('order.cancelled', 10), event('order.paid', 20))).toMatchObject({
      status: 'paid', paidAfterExpiry: false, paidAfterCancel: true,
    }) // biome-ignore format: short
    expect(view(event('order.paid', 10), event('order.expired', 20), event('order.cancelled', 20))).toMatchObject({
      status: 'paid', paidAfterExpiry: false, paidAfterCancel: false,
    }) // biome-ignore format: short
  })

  it('is not proved by a browser, which can neither cancel, expire, deliver nor refund', () => {
    const types = [
      'order.paid',
      'order.cancelled',
      'order.expired',
      'order.delivered',
      'order.refunded',
      'aftersale.opened',
    ]
    const claims = types.map((type) =>
      event(type, 5, { payment: { id: 'x', amount: CNY(1) }, delivery: { id: 'd', keys: ['K'] } }, browser),
    )
    const shown = view(...claims)
    expect(shown).toMatchObject({
      status: 'open',
      paidAt: null,
      paidClaimedAt: 5,
      deliveryCount: 0,
      hasKeys: false,
    })
    expect(shown).toMatchObject({
      paid: [],
      refunded: [],
      cancelledAt: null,
      expiredAt: null,
      aftersaleOpen: false,
    })
    expect(deliveredKeys(facts(...claims))).toEqual([])
    expect(view(...claims, event('order.paid', 9))).toMatchObject({ paidAt: 9, paidClaimedAt: 5 })
  })

  it('is dated by the strongest evidence, and by the earliest of equals', () => {
    const inferred = event('order.paid', 1, { payment: { id: 'a' } }, { trust: 'inferred', connection: API })
    const signed = event('order.paid', 8, { payment: { id: 'b' } })
    expect(view(inferred).paidAt).toBe(1)
    expect(view(inferred, signed, event('order.paid', 9, { payment: { id: 'c' } }))).toMatchObject({
      paidAt: 8,
    })
  })

  it('counts a sale that Stripe and WooCommerce report under two ids once, and a double payment twice', () => {
    const stripe = event('order.paid', 10, { payment: { id: 'ch_1', amount: CNY(100) } })
    const shop = event('order.paid', 12, { payment: { id: '4711', amount: CNY(100) } }, woo)
    expect(view(stripe, shop).paid).toEqual([CNY(100)])
    const again = event('order.paid', 30, { payment: { id: 'ch_2', amount: CNY(100) } })
    expect(view(stripe, shop, again).paid).toEqual([CNY(200)])
  })

  it.each([
    ['JPY', 1_500], ['USD', 1_999], ['KWD', 12_345],
  ])('sums %s in its minor units and falls back to the total where no amount was named', (currency, minor) => {
    const total = { minor, currency }
    const created = event('order.created', 1, { order: { total } })
    expect(view(created).paid).toEqual([])
    expect(view(created, event('order.paid', 2)).paid).toEqual([total])
    expect(view(created, event('order.paid', 2, { payment: { id: 'a', amount: total } })).paid).toEqual([total])
  }) // biome-ignore format: a table

  it('leaves out what a browser claims beside a real payment', () => {
    const stripe = event('order.paid', 10, { payment: { id: 'ch_1', amount: CNY(100) } })
    const claims = event('order.paid', 11, { payment: { id: 'b', amount: CNY(9_999) } }, browser)
    expect(view(stripe, claims).paid).toEqual([CNY(100)])
  })

  it('counts a report without an id only while its connection has given none with one', () => {
    const bare = event('order.paid', 10, { order: { total: CNY(100) } })
    expect(view(bare).paid).toEqual([CNY(100)])
    expect(view(bare, event('order.paid', 11, { payment: { id: 'ch_1', amount: CNY(100) } })).paid).toEqual([
      CNY(100),
    ])
  })

  it('keeps currencies apart', () => {
    const usd = { minor: 5, currency: 'USD' }
    const paid = [
      event('order.paid', 1, { payment: { id: 'a', amount: usd } }),
      event('order.paid', 2, { payment: { id: 'b', amount: CNY(7) } }),
    ]
    expect(view(...paid).paid).toEqual([CNY(7), usd])
    expect(view(...paid, event('order.refunded', 3, { refund: { id: 'r', amount: usd } })).status).toBe(
      'partly_refunded',
    )
  })
})

describe('failed attempts', () => {
  const failed = (id: string, time: number, code: string, more: Partial<Event> = {}) =>
    event(
      'payment.failed',
      time,
      {
        payment: {
          id,
          rail: 'card',
          method: 'visa',
          scheme: 'mastercard',
          card: 'fp_1',
          failure: { code, declineCode: `${code}!`, networkAdviceCode: '24' },
        },
      },
      more,
    )

  it('are counted by payment id, latest first, and the latest is told in the rail’s own codes', () => {
    const shown = view(
      failed('ch_1', 1, 'card_declined'),
      failed('ch_2', 2, 'expired_card'),
      failed('ch_1', 1, 'card_declined', { key: 'again' as Event['key'] }),
    )
    expect(shown).toMatchObject({ status: 'payment_failed', attempts: 2, failedAttempts: ['ch_2', 'ch_1'] })
    expect(shown.lastFailure).toEqual({
      paymentId: 'ch_2', code: 'expired_card', declineCode: 'expired_card!', adviceCode: null, networkCode: null,
      networkAdviceCode: '24', rail: 'card', scheme: 'mastercard', method: 'visa', card: 'fp_1', amount: null, at: 2,
      trust: 'signed',
    }) // biome-ignore format: short
  })

  it('told by a browser count only until the rail speaks, and say whose word they are', () => {
    const claim = failed('b', 9, 'said_the_page', browser)
    expect(view(claim)).toMatchObject({
      status: 'payment_failed',
      attempts: 0,
      lastFailure: { trust: 'browser' },
    })
    expect(view(claim, failed('ch_1', 1, 'card_declined'))).toMatchObject({
      attempts: 1,
      lastFailure: { paymentId: 'ch_1' },
    })
  })

  it('do not hide that the buyer is trying again', () => {
    expect(
      view(failed('ch_1', 1, 'x'), event('payment.started', 7, { payment: { id: 'ch_2' } })).startedAt,
    ).toBe(7)
  })
})

describe('refunds', () => {
  const paid = event('order.paid', 1, { payment: { id: 'ch_1', amount: CNY(100) } })
  const refund = (id: string, minor: number, more: Partial<Event> = {}) =>
    event(
      'order.refunded',
      5,
      { refund: { id, amount: CNY(minor) } },
      { key: `${id}${minor}` as Event['key'], ...more },
    )

  it('add up by refund id, each id once, until all is given back', () => {
    expect(view(paid, refund('re_1', 30))).toMatchObject({
      status: 'partly_refunded',
      refunded: [CNY(30)],
      paidAt: 1,
    })
    expect(
      view(paid, refund('re_1', 30), refund('re_1', 30, { key: 'twin' as Event['key'] })).refunded,
    ).toEqual([CNY(30)])
    expect(view(paid, refund('re_1', 30), refund('re_2', 70))).toMatchObject({
      status: 'refunded',
      refunded: [CNY(100)],
    })
  })

  it('reported by two systems under two ids are one refund', () => {
    expect(view(paid, refund('re_1', 50), refund('12', 50, woo))).toMatchObject({
      status: 'partly_refunded',
      refunded: [CNY(50)],
    })
  })

  it('reported as a growing sum under one id count once, with the greatest sum', () => {
    expect(view(paid, refund('ch_1', 30), refund('ch_1', 45)).refunded).toEqual([CNY(45)])
  })

  it('of the whole order give back what was paid, or the total while the payment is not known', () => {
    const whole = event('order.refunded', 9)
    expect(view(paid, whole)).toMatchObject({ status: 'refunded', refunded: [CNY(100)], refundedAt: 9 })
    const created = event('order.created', 1, { order: { total: CNY(80) } })
    expect(view(created, whole)).toMatchObject({ status: 'refunded', paidAt: null, refunded: [CNY(80)] })
    expect(view(created, refund('re_1', 80)).status).toBe('refunded')
    expect(view(refund('re_1', 80)).status).toBe('partly_refunded')
  })

  it('come after delivery in the order’s life', () => {
    const delivered = event('order.delivered', 3, { delivery: { id: 'd', keys: [] } })
    expect(view(paid, delivered, refund('re_1', 100))).toMatchObject({ status: 'refunded', deliveredAt: 3 })
  })
})

describe('delivery', () => {
  const part = event('order.partly_delivered', 2, { delivery: { id: 'd1', keys: ['AAA', 'BBB'] } })
  const rest = event('order.delivered', 4, { delivery: { id: 'd2', keys: ['CCC', 'AAA'] } })

  it('in parts is partly delivered until the last part', () => {
    expect(view(part)).toMatchObject({ status: 'partly_delivered', deliveryCount: 1, deliveredAt: null })
    expect(view(part, rest)).toMatchObject({ status: 'delivered', deliveryCount: 2, deliveredAt: 4 })
  })

  it('shows that there are keys, and the keys only when they are asked for, each once', () => {
    const known = facts(part, rest)
    expect(viewOrder(known).hasKeys).toBe(true)
    expect(JSON.stringify(viewOrder(known))).not.toContain('AAA')
    expect(deliveredKeys(known)).toEqual(['AAA', 'BBB', 'CCC'])
  })

  it('keeps the keys though another report of the same delivery, earlier or later, has none', () => {
    const bare = (time: number) => event('order.delivered', time, { delivery: { id: 'd2', keys: [] } })
    expect(deliveredKeys(facts(bare(1), rest, bare(9)))).toEqual(['CCC', 'AAA'])
  })
})

describe('words about an order', () => {
  const says = (time: number, title: string, more: Partial<Event> = {}) =>
    event('order.created', time, { order: { title } }, more)

  it('are taken from the better trusted, then the later, then the first-numbered event, field by field', () => {
    expect(view(says(9, 'api', { trust: 'authenticated' }), says(1, 'signed')).title).toBe('signed')
    expect(view(says(1, 'old'), says(2, 'new')).title).toBe('new')
    expect(
      view(says(1, 'b', { key: 'b' as Event['key'] }), says(1, 'a', { key: 'a' as Event['key'] })).title,
    ).toBe('a')
    expect(view(says(1, 'title'), event('order.created', 2, { order: { no: '7', total: CNY(5) } }))).toMatchObject({
      title: 'title', no: '7', total: CNY(5),
    }) // biome-ignore format: short
  })

  it('name the order’s number wherever it stands, and else what the outside system calls it', () => {
    const intent = { kind: 'stripe_pi', value: 'pi_1' }
    const charge = { kind: 'stripe_ch', value: 'ch_1' }
    const named = event('payment.failed', 2, {
      order: { title: 'x' },
      refs: [charge, intent, { kind: 'order_no', value: 'ST20' }],
    })
    const nameless = event(
      'payment.failed',
      1,
      { order: { title: 'x' }, refs: [charge, intent] },
      { subject: 'pi_1' },
    )
    expect(view(nameless)).toMatchObject({ no: null, ref: 'pi_1' })
    expect(view(named)).toMatchObject({ no: 'ST20', ref: null })
    expect(view(nameless, named)).toMatchObject({ no: 'ST20', ref: 'pi_1' })
    expect(view({ ...nameless, ...browser }).ref).toBeNull()
  })

  it('place an order when it was first announced unless somebody says when', () => {
    expect(view(event('order.created', 5), event('order.created', 3)).placedAt).toBe(3)
    expect(view(event('order.created', 5, { order: { placedAt: 1 } })).placedAt).toBe(1)
  })
})

describe('an after-sales case', () => {
  const opened = event('aftersale.opened', 2, {}, { subject: 'case-1' })
  const closed = event('aftersale.closed', 4, {}, { subject: 'case-1' })

  it('is open until it is closed, and again when it is opened later', () => {
    expect(view(opened).aftersaleOpen).toBe(true)
    expect(view(opened, closed).aftersaleOpen).toBe(false)
    expect(view(opened, closed, event('aftersale.opened', 6, {}, { subject: 'case-1' })).aftersaleOpen).toBe(
      true,
    )
    expect(view(closed, event('aftersale.opened', 2, {}, { subject: 'case-2' })).aftersaleOpen).toBe(true)
  })
})

it('an order of which nothing is known is open and empty', () => {
  expect(viewOrder(emptyFacts())).toMatchObject({
    status: 'open',
    no: null,
    total: null,
    items: [],
    attempts: 0,
    lastFailure: null,
  })
})

describe('an order that was opened again', () => {
  const expired = event('order.expired', 10)
  const reopened = event('order.reopened', 20, { order: { expiresAt: 90 } })

  it('is open until the end that the shop now names, whatever came first', () => {
    const failed = event('payment.failed', 5, { payment: { id: 'ch', failure: { code: 'x' } } })
    const old = event('order.created', 1, { order: { expiresAt: 10 } })
    expect(view(old, failed, expired, reopened)).toMatchObject({
      status: 'payment_failed', expiredAt: null, reopenedAt: 20, expiresAt: 90,
    }) // biome-ignore format: short
    expect(view(old, expired, event('order.reopened', 20))).toMatchObject({ status: 'open', expiresAt: null })
  })

  it('ends again, and a payment after the reopening is not late', () => {
    expect(view(expired, reopened, event('order.expired', 30)).status).toBe('expired')
    expect(view(event('order.cancelled', 30), expired, reopened).status).toBe('cancelled')
    expect(view(expired, reopened, event('order.paid', 40))).toMatchObject({
      status: 'paid',
      paidAfterExpiry: false,
    })
    expect(view(expired, event('order.paid', 40)).paidAfterExpiry).toBe(true)
  })

  it('is not opened by a browser', () => {
    expect(view(expired, event('order.reopened', 20, {}, browser)).status).toBe('expired')
  })
})

describe('a reservation', () => {
  const confirmed = event('reservation.confirmed', 10, { order: { reservedUntil: 500 } })
  it('is what the shop has confirmed, until it gives it up', () => {
    expect(view(confirmed).reservedUntil).toBe(500)
    expect(view(confirmed, event('reservation.released', 20)).reservedUntil).toBe(20)
  })
  it('is nothing that another event or a browser may claim', () => {
    expect(view(event('order.created', 10, { order: { reservedUntil: 500 } })).reservedUntil).toBeNull()
    expect(view({ ...confirmed, ...browser }).reservedUntil).toBeNull()
  })
})
