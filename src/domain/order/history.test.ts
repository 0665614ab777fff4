import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Event } from '../event.ts'
import { factsOf } from './event-facts.ts'
import type { OrderFacts } from './facts.ts'
import { emptyFacts, joinFacts } from './facts.ts'
import type { History, Truth } from './history.test-kit.ts'
import { histories, prngOf, randomHistory } from './history.test-kit.ts'
import { viewOrder } from './view.ts'

const fold = (events: readonly Event[]): OrderFacts =>
  events.reduce<OrderFacts>((facts, event) => joinFacts(facts, factsOf(event)), emptyFacts())

/** The part of a view that `Truth` speaks about. */
function toldBy(facts: OrderFacts): Truth {
  const view = viewOrder(facts)
  return {
    status: view.status,
    paidAt: view.paidAt,
    total: view.total ?? { minor: -1, currency: '???' },
    paid: view.paid[0]?.minor ?? 0,
    refunded: view.refunded[0]?.minor ?? 0,
    failedAttempts: view.failedAttempts,
    deliveries: view.deliveryCount,
    paidAfterExpiry: view.paidAfterExpiry,
  }
}

describe('an order told by four systems', () => {
  it('shows the sale as it truly went, however late, shuffled and repeated the events arrive', () => {
    fc.assert(
      fc.property(histories(), ({ arrivals, truth }: History) => {
        expect(toldBy(fold(arrivals))).toEqual(truth)
      }),
      { numRuns: 3_000 },
    )
  })

  it('keeps the very same facts for any order of arrival', () => {
    const shuffled = histories().chain((history) =>
      fc
        .shuffledSubarray([...history.arrivals], { minLength: history.arrivals.length })
        .map((arrivals) => ({ history, arrivals })),
    )
    fc.assert(
      fc.property(shuffled, ({ history, arrivals }) => {
        expect(JSON.stringify(sortedKinds(fold(arrivals)))).toBe(
          JSON.stringify(sortedKinds(fold(history.events))),
        )
      }),
      { numRuns: 1_000 },
    )
  })

  it('keeps the same facts for all interleavings of every small history', () => {
    let checked = 0
    for (let seed = 1; checked < 40; seed++) {
      const { events, truth } = randomHistory(prngOf(seed))
      if (events.length > 6) continue
      checked++
      for (const order of permutations(events)) expect(toldBy(fold(order))).toEqual(truth)
    }
  })

  it('survives being stored: facts read back from JSON join and show the same', () => {
    fc.assert(
      fc.property(histories(), ({ arrivals, truth }) => {
        const stored = arrivals.reduce<OrderFacts>(
          (facts, event) => JSON.parse(JSON.stringify(joinFacts(facts, factsOf(event)))),
          emptyFacts(),
        )
        expect(toldBy(stored)).toEqual(truth)
      }),
      { numRuns: 300 },
    )
  })
})

describe('the kit of histories', () => {
  it('makes the same history from the same seed, and every status among a thousand', () => {
    expect(randomHistory(prngOf(7), { number: 7 })).toEqual(randomHistory(prngOf(7), { number: 7 }))
    const statuses = new Set<string>()
    for (let seed = 0; seed < 1_000; seed++) statuses.add(randomHistory(prngOf(seed)).truth.status)
    expect([...statuses].sort()).toEqual([
      'cancelled', 'delivered', 'expired', 'open', 'paid', 'partly_delivered', 'partly_refunded', 'payment_failed', 'refunded',
    ]) // biome-ignore format: a list
  })
})

function sortedKinds(facts: OrderFacts): unknown {
  return Object.entries(facts).sort(([a], [b]) => (a < b ? -1 : 1))
}

function* permutations<T>(items: readonly T[]): Generator<T[]> {
  if (items.length === 0) yield []
  for (const [at, item] of items.entries()) {
    for (const rest of permutations(items.toSpliced(at, 1))) yield [item, ...rest]
  }
}
