import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Event } from '../event.ts'
import type { CustomerId, OrderId } from '../ids.ts'
import { newId } from '../ids.ts'
import { factsOf } from './event-facts.ts'
import { emptyFacts, joinFacts, type OrderFacts } from './facts.ts'
import { histories, prngOf, randomHistory } from './history.test-kit.ts'
import { type FoundCustomer, planCustomerMerge, planMerge } from './merge.ts'
import { refsOf } from './refs.ts'
import { viewOrder } from './view.ts'

/** A shop's orders in memory: what the database does with `refsOf`, `planMerge` and `joinFacts`. */
function createShop() {
  const owners = new Map<string, OrderId>()
  const orders = new Map<OrderId, OrderFacts>()
  let clock = 0
  return {
    orders,
    owners,
    take(event: Event): void {
      const names = refsOf(event).map(({ kind, value }) => `${kind} ${value}`)
      if (names.length === 0) return
      const found = names.flatMap((name) => owners.get(name) ?? [])
      const plan = planMerge(found) ?? {
        survivor: newId('ord', ++clock, (n) => new Uint8Array(n)),
        absorbed: [],
      }
      let facts = joinFacts(orders.get(plan.survivor) ?? emptyFacts(), factsOf(event))
      for (const absorbed of plan.absorbed) {
        facts = joinFacts(facts, orders.get(absorbed) ?? emptyFacts())
        orders.delete(absorbed)
        for (const [name, owner] of owners) if (owner === absorbed) owners.set(name, plan.survivor)
      }
      orders.set(plan.survivor, facts)
      for (const name of names) owners.set(name, plan.survivor)
    },
  }
}

/** Connected components of reference names, by the textbook's union-find: the oracle. */
function components(events: readonly Event[]): string[][] {
  const parent = new Map<string, string>()
  const find = (name: string): string => {
    const up = parent.get(name) ?? name
    return up === name ? name : find(up)
  }
  for (const event of events) {
    const names = refsOf(event).map(({ kind, value }) => `${kind} ${value}`)
    for (const name of names) {
      parent.set(name, parent.get(name) ?? name)
      parent.set(find(name), find(names[0]!))
    }
  }
  return grouped([...parent.keys()].map((name) => [name, find(name)]))
}

function grouped(pairs: readonly (readonly [name: string, owner: string])[]): string[][] {
  const groups = new Map<string, string[]>()
  for (const [name, owner] of pairs) groups.set(owner, [...(groups.get(owner) ?? []), name])
  return [...groups.values()].map((names) => names.sort()).sort((a, b) => (a[0]! < b[0]! ? -1 : 1))
}

const [sample] = randomHistory(prngOf(1)).events
const ref = fc.record({
  kind: fc.constantFrom('order_no', 'stripe_pi', 'cart'),
  value: fc.nat(9).map(String),
})
const linked: fc.Arbitrary<Event> = fc
  .record({
    refs: fc.array(ref, { maxLength: 3 }),
    trust: fc.constantFrom('signed', 'authenticated', 'browser'),
    at: fc.nat(1_000),
  })
  .map(({ refs, trust, at }) => ({
    ...sample!,
    type: 'payment.failed',
    trust,
    key: `e${at}` as Event['key'],
    data: { refs, payment: { id: `ch_${at}` } },
  }))

describe('orders that share a reference', () => {
  it('become one: the shop’s orders are the connected components of all references, in any order of arrival', () => {
    fc.assert(
      fc.property(fc.array(linked, { maxLength: 25 }), (events) => {
        const expected = components(events)
        for (const arrivals of [events, events.toReversed(), [...events, ...events]]) {
          const shop = createShop()
          for (const event of arrivals) shop.take(event)
          expect(grouped([...shop.owners])).toEqual(expected)
          expect(shop.orders.size).toBe(expected.length)
        }
      }),
      { numRuns: 1_000 },
    )
  })

  it('have the same facts however they came together', () => {
    const folded = (events: readonly Event[]) => {
      const shop = createShop()
      for (const event of events) shop.take(event)
      return [...shop.orders.values()].map((facts) => JSON.stringify(Object.entries(facts).sort())).sort()
    }
    fc.assert(
      fc.property(fc.array(linked, { maxLength: 20 }), (events) => {
        expect(folded(events.toReversed())).toEqual(folded(events))
      }),
      { numRuns: 500 },
    )
  })

  it('told by Stripe under its ids and by WooCommerce under its number are one order with the sale’s truth', () => {
    fc.assert(
      fc.property(histories(), ({ arrivals, truth }) => {
        const shop = createShop()
        for (const event of arrivals) shop.take(event)
        expect(shop.orders.size).toBe(1)
        const view = viewOrder([...shop.orders.values()][0]!)
        expect([view.status, view.paidAt, view.failedAttempts]).toEqual([
          truth.status,
          truth.paidAt,
          truth.failedAttempts,
        ])
      }),
      { numRuns: 1_000 },
    )
  })

  it('are absorbed by the oldest of them', () => {
    const [first, second, third] = [1, 2, 3].map((at) => newId('ord', at, (n) => new Uint8Array(n)))
    expect(planMerge([third!, first!, second!, first!])).toEqual({
      survivor: first,
      absorbed: [second, third],
    })
    expect(planMerge([second!])).toEqual({ survivor: second, absorbed: [] })
    expect(planMerge([])).toBeNull()
  })
})

describe('customers', () => {
  const customer = (id: string, externalId: string | null, proven = true): FoundCustomer => ({
    id: id as CustomerId,
    externalId,
    proven,
  })

  it('that a signed event names by one shop id or one address become the oldest of them', () => {
    const found = [customer('3', 'u1'), customer('1', null), customer('2', null)]
    expect(planCustomerMerge(found, 'u1', 'signed')).toEqual({ survivor: '1', absorbed: ['2', '3'] })
    expect(planCustomerMerge(found, null, 'authenticated')).toEqual({ survivor: '1', absorbed: ['2', '3'] })
  })

  it('with different ids at the shop stay two people though they share an address', () => {
    const family = [customer('1', 'mother'), customer('2', 'son'), customer('3', null)]
    expect(planCustomerMerge(family, 'son', 'signed')).toEqual({ survivor: '2', absorbed: ['3'] })
    expect(planCustomerMerge(family, 'father', 'signed')).toEqual({ survivor: '3', absorbed: [] })
    expect(planCustomerMerge(family.slice(0, 2), null, 'signed')).toBeNull()
    expect(planCustomerMerge(family, null, 'signed')).toEqual({ survivor: '3', absorbed: [] })
  })

  it('are never merged on weaker word: queried and inferred facts go to one of them', () => {
    const found = [customer('1', null), customer('2', 'u1'), customer('3', null)]
    for (const trust of ['queried', 'inferred'] as const) {
      expect(planCustomerMerge(found, 'u1', trust)).toEqual({ survivor: '2', absorbed: [] })
      expect(planCustomerMerge([found[2]!, found[0]!], 'u9', trust)).toEqual({ survivor: '1', absorbed: [] })
    }
  })

  it('are never found by a browser, nor by what a browser left', () => {
    expect(planCustomerMerge([customer('1', 'u1'), customer('2', null)], 'u1', 'browser')).toBeNull()
    const planted = [customer('1', null, false), customer('2', null)]
    expect(planCustomerMerge(planted, null, 'signed')).toEqual({ survivor: '2', absorbed: [] })
  })

  it('get the same plan in whatever order they were found', () => {
    const people = fc.uniqueArray(
      fc.record({
        id: fc.nat(9).map((n) => String(n) as CustomerId),
        externalId: fc.constantFrom('u1', 'u2', null),
        proven: fc.boolean(),
      }),
      { selector: ({ id }) => id },
    )
    fc.assert(
      fc.property(people, fc.constantFrom('u1', 'u3', null), (found, externalId) => {
        const plan = planCustomerMerge(found, externalId, 'signed')
        expect(planCustomerMerge(found.toReversed(), externalId, 'signed')).toEqual(plan)
        const ids = [plan?.survivor, ...(plan?.absorbed ?? [])]
        const people = new Set(
          found.filter(({ id }) => ids.includes(id)).flatMap((one) => one.externalId ?? []),
        )
        expect(people.size).toBeLessThanOrEqual(1)
      }),
    )
  })
})
