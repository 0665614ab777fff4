import type { Event } from '../event.ts'
import type { Money } from '../money.ts'
import { factsOf, healingOf, paymentKey } from './event-facts.ts'
import { emptyFacts, joinFacts, type OrderFacts } from './facts.ts'
import { newlyRefunded } from './refunds.ts'
import { type OrderView, viewOrder } from './view.ts'

/** One event of an order, with the order as it was known once it had come. */
export interface Chapter {
  readonly event: Event
  readonly view: OrderView
  /** Of a refund: what it adds to what was known to have gone back. */
  readonly gaveBack?: readonly Money[]
}

/** An order's life again: its events in the order of their arrival. `known`: all that is known of it today. */
export function storyOf(known: OrderFacts, events: readonly Event[]): readonly Chapter[] {
  const healed = new Set((known.h ?? []).map(([payment]) => payment))
  let facts = emptyFacts()
  return events.map((event) => {
    const before = facts
    facts = joinFacts(facts, factsOf(event))
    // That a failure was to be healed was decided when it came, and is kept with the order.
    if (event.type === 'payment.failed' && healed.has(paymentKey(event)))
      facts = joinFacts(facts, healingOf(event))
    const chapter = { event, view: viewOrder(facts) }
    return event.type === 'order.refunded' ? { ...chapter, gaveBack: newlyRefunded(before, facts) } : chapter
  })
}
