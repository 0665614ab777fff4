import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Event, EventData } from '../event.ts'
import { TRUST } from '../event.ts'
import type { ConnectionId } from '../ids.ts'
import { factsOf, KEY_CHARACTERS } from './event-facts.ts'
import { emptyFacts, joinFacts, moneyKey, type OrderFacts, RULES } from './facts.ts'
import { prngOf, randomHistory, STRIPE } from './history.test-kit.ts'
import { viewOrder } from './view.ts'

const [sample] = randomHistory(prngOf(1)).events

/** A signed event of Stripe's connection unless told otherwise. */
function event(type: string, data: Partial<EventData>, more: Partial<Event> = {}): Event {
  const plain = {
    ...sample!,
    type,
    time: 1_000,
    receivedAt: 9_000,
    connection: STRIPE,
    trust: 'signed' as const,
  }
  return { ...plain, data: { refs: [], ...data }, ...more }
}

const TYPES = [
  'order.created', 'order.paid', 'order.cancelled', 'order.expired', 'order.delivered', 'order.partly_delivered',
  'order.refunded', 'payment.started', 'payment.failed', 'aftersale.opened', 'aftersale.closed', 'shop.own',
] // biome-ignore format: a list

/** Hostile on purpose: few moments, few event ids and few keys collide, and the wide keys overrun every bound. */
const anyEvent: fc.Arbitrary<Event> = fc
  .record({
    type: fc.constantFrom(...TYPES),
    trust: fc.constantFrom(...TRUST),
    time: fc.nat(3),
    key: fc.constantFrom('e1', 'e2', 'e3'),
    connection: fc.constantFrom('c1', 'c2'),
    id: fc.oneof(fc.nat(2), fc.nat(500)).map(String),
    minor: fc.nat(4),
    currency: fc.constantFrom('JPY', 'USD', 'KWD'),
    no: fc.option(fc.constantFrom('A', 'B'), { nil: undefined }),
  })
  .map(({ type, trust, time, key, connection, id, minor, currency, no }) => {
    const amount = { minor, currency }
    const data: EventData = {
      refs: [],
      order: { total: amount, reason: `reason ${minor}`, ...(no === undefined ? {} : { no }) },
      payment: { id, amount, failure: { code: `code ${minor}` } },
      refund: { id, amount },
      delivery: { id, keys: Array.from({ length: minor }, (_, at) => `key ${at}`) },
    }
    const named = { connection: connection as ConnectionId, key: key as Event['key'], subject: id }
    return event(type, data, { trust, time, ...named })
  })

const fold = (events: readonly Event[]): OrderFacts =>
  events.reduce<OrderFacts>((facts, one) => joinFacts(facts, factsOf(one)), emptyFacts())

/** Facts of up to some 150 events, most of one type, so that bounds are reached. */
const anyFacts: fc.Arbitrary<OrderFacts> = fc
  .tuple(
    fc.constantFrom(...TYPES),
    fc.array(anyEvent, { maxLength: 12 }),
    fc.array(anyEvent, { maxLength: 150, size: 'max' }),
  )
  .map(([type, few, many]) => fold([...few, ...many.map((one) => ({ ...one, type }))]))

describe('joining facts', () => {
  it('is commutative, associative and idempotent, also beyond the bounds', () => {
    fc.assert(
      fc.property(anyFacts, anyFacts, anyFacts, (a, b, c) => {
        expect(joinFacts(a, b)).toEqual(joinFacts(b, a))
        expect(joinFacts(joinFacts(a, b), c)).toEqual(joinFacts(a, joinFacts(b, c)))
        expect(joinFacts(a, a)).toBe(a)
        expect(joinFacts(joinFacts(a, b), b)).toEqual(joinFacts(a, b))
        expect(joinFacts(a, emptyFacts())).toBe(a)
        expect(joinFacts(emptyFacts(), a)).toEqual(a)
      }),
      { numRuns: 300 },
    )
  })

  it('keeps what a bound lets through independent of how the events were grouped', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 200, size: 'max' }), fc.nat(200), (events, cut) => {
        expect(joinFacts(fold(events.slice(0, cut)), fold(events.slice(cut)))).toEqual(fold(events))
        expect(fold([...events].reverse())).toEqual(fold(events))
      }),
      { numRuns: 300 },
    )
  })

  it('keeps no more facts of a kind than its rule says, one a key', () => {
    fc.assert(
      fc.property(anyFacts, anyFacts, (a, b) => {
        for (const [kind, facts] of Object.entries(joinFacts(a, b))) {
          expect(facts.length).toBeLessThanOrEqual(RULES[kind as keyof typeof RULES].keep)
          expect(new Set(facts.map(([key]) => key)).size).toBe(facts.length)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('changes neither of its arguments', () => {
    fc.assert(
      fc.property(anyFacts, anyFacts, (a, b) => {
        const before = JSON.stringify([a, b])
        joinFacts(a, b)
        expect(JSON.stringify([a, b])).toBe(before)
      }),
      { numRuns: 50 },
    )
  })

  it('returns the same object when an event is heard again, so that nothing need be written', () => {
    const failed = event('payment.failed', { payment: { id: 'ch_1', failure: { code: 'card_declined' } } })
    const facts = fold([event('order.created', { order: { no: '1' } }), failed])
    expect(joinFacts(facts, factsOf(structuredClone(failed)))).toBe(facts)
  })

  it('does not let a flood from a browser push out one signed failure or payment', () => {
    const flood = Array.from({ length: 500 }, (_, at) => [
      event('payment.failed', { payment: { id: `b${at}` } }, { trust: 'browser', time: 8_000 }),
      event('order.paid', { payment: { id: `b${at}` } }, { trust: 'browser', time: 1 }),
    ]).flat()
    const facts = fold([
      ...flood,
      event('payment.failed', { payment: { id: 'ch_1' } }),
      event('order.paid', {}),
    ])
    expect(viewOrder(facts)).toMatchObject({ status: 'paid', paidAt: 1_000, failedAttempts: ['ch_1'] })
    expect(JSON.stringify(facts).length).toBeLessThan(10_000)
  })

  it('stays below 4 MB whatever one hostile signed sender says within the contract', () => {
    const long = (length: number, at: number) => `${at}`.padEnd(length, '喵')
    const events = Array.from({ length: 100 }, (_, at) => [
      event('order.delivered', {
        delivery: { id: long(200, at), keys: Array.from({ length: 50 }, (_, key) => long(4_000, key)) },
      }),
      event('order.refunded', { refund: { id: long(200, at), amount: { minor: at, currency: 'CNY' } } }),
      event('payment.failed', { payment: { id: long(200, at), failure: { code: long(120, at) } } }),
    ]).flat()
    expect(JSON.stringify(fold(events)).length).toBeLessThan(4_000_000)
  })
})

describe('facts of one event', () => {
  it('are in the form the join keeps: taken apart and joined again they are the same', () => {
    fc.assert(
      fc.property(anyEvent, (one) => {
        const facts = factsOf(one)
        const apart = Object.entries(facts).flatMap(([kind, list]) =>
          list.map((fact) => ({ [kind]: [fact] })),
        )
        expect(apart.reverse().reduce<OrderFacts>(joinFacts, emptyFacts())).toEqual(facts)
      }),
    )
    const customer = { name: '王小明', locale: 'zh-CN', timeZone: 'Asia/Shanghai' }
    const order = {
      no: '1', total: { minor: 1, currency: 'CNY' }, title: '卡', items: [{ name: '卡', quantity: 1 }],
      placedAt: 1, expiresAt: 2, payUrl: 'https://a.example/pay', pageUrl: 'https://a.example/o',
    } // biome-ignore format: every word there is
    const fields = factsOf(event('order.created', { order, customer })).w!.map(([field]) => field)
    expect(fields).toEqual([...fields].sort())
    expect(fields.length).toBe(11)
  })

  it('never lie in the future of the moment we heard them', () => {
    const facts = factsOf(event('order.paid', {}, { time: 99_999_999, receivedAt: 9_000 }))
    expect(facts.p![0]![2]).toBe(9_000)
  })

  it('take no title, price, link or name from a browser, but its language', () => {
    const order = {
      no: '1',
      title: 'Call +1 900',
      payUrl: 'https://evil.example/',
      total: { minor: 1, currency: 'USD' },
    }
    const said = { order, customer: { name: 'evil.example', locale: 'en' } }
    const facts = factsOf(event('payment.failed', said, { trust: 'browser' }))
    expect(facts.w!.map(([field]) => field)).toEqual(['locale', 'no'])
  })

  it('hold no free text of a payment provider', () => {
    const failure = { code: 'card_declined', message: 'Card 4242 of Wang was declined' }
    const facts = factsOf(event('payment.failed', { payment: { id: 'ch_1', failure } }))
    expect(JSON.stringify(facts)).not.toContain('Wang')
  })

  it('keep the card keys that fit and count the others', () => {
    const keys = Array.from({ length: 20 }, (_, at) => `${at}`.padEnd(4_000, 'x'))
    const facts = factsOf(event('order.delivered', { delivery: { id: 'd', keys } }))
    const kept = Math.floor(KEY_CHARACTERS / 4_000)
    expect(facts.d![0]![4].k.length).toBe(kept)
    expect(viewOrder(facts)).toMatchObject({ hasKeys: true, keysLeftOut: 20 - kept })
  })

  it('tell two connections apart even where their payments have the same id', () => {
    expect(moneyKey('01900000-0000-7000-8000-000000000001', '7')).not.toBe(
      moneyKey('01900000-0000-7000-8000-000000000002', '7'),
    )
  })
})
