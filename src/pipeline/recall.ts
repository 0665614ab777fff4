import type { Event } from '../domain/event.ts'
import type { ContactId, CustomerId, EventId, OrderId } from '../domain/ids.ts'
import type { OrderView } from '../domain/order/view.ts'
import type { Clock, Instant } from '../domain/time.ts'
import type { FreshPeople } from './people.ts'
import { createRecent, type Recent } from './recent.ts'

/**
 * What one stage of this process hands to the next in memory. Never the truth: each value is either unchangeable or is
 * used only while its row still says that it holds, and whatever is missing is read and opened anew.
 */
export interface Recall {
  /** Kept events never change. */
  readonly events: Recent<EventId, Event>
  /** An order's view holds as long as its row has this `updated_at`, which grows with every write. */
  readonly orders: Recent<OrderId, { readonly view: OrderView; readonly updatedAt: Instant }>
  /** The address of a contact never changes. */
  readonly addresses: Recent<ContactId, string>
  /** How a new customer called themselves a moment ago. */
  readonly names: Recent<CustomerId, string | null>
}

/** A few batches of each: some ten megabytes in a busy process, nothing in an idle one. */
const MOST = 5_000

export const createRecall = (clock: Clock): Recall => ({
  events: createRecent(clock, MOST),
  orders: createRecent(clock, MOST),
  addresses: createRecent(clock, MOST),
  names: createRecent(clock, MOST),
})

/** What a transaction has in clear and the next stage may use, once it is committed. */
export interface Recalled {
  readonly orders: readonly { readonly id: OrderId; readonly view: OrderView; readonly updatedAt: Instant }[]
  readonly people: FreshPeople
}

/** Call it only once the transaction is committed: before, none of it is true. */
export function keepRecalled(recall: Recall, { orders, people }: Recalled): void {
  for (const { id, view, updatedAt } of orders) recall.orders.keep(id, { view, updatedAt })
  for (const [contact, address] of people.addresses) recall.addresses.keep(contact, address)
  for (const [customer, name] of people.names) recall.names.keep(customer, name)
}

/** Leaves nothing in memory and no timer behind. */
export function forgetAll(recall: Recall): void {
  for (const each of Object.values(recall)) each.clear()
}
