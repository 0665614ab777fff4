import type { Event } from '../event.ts'
import type { OrderFacts } from './facts.ts'

/** What one event says about its order, as facts: `apply = joinFacts(order, factsOf(event))`. */
export function factsOf(_event: Event): OrderFacts {
  throw new Error('factsOf: body follows')
}
