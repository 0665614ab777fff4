import type { Event, OrderRef } from '../event.ts'

/** The names under which `event` knows its order, normalised, each once, sorted; empty when it is about no order. */
export function refsOf(_event: Pick<Event, 'data' | 'trust'>): readonly OrderRef[] {
  throw new Error('refsOf: body follows')
}
