import type { Trust } from '../event.ts'
import type { CustomerId, OrderId } from '../ids.ts'

export interface MergePlan<Id> {
  readonly survivor: Id
  readonly absorbed: readonly Id[]
}

/**
 * Which order survives when one event's references found several: the oldest (smallest uuid v7), so that
 * the outcome is the references' connected components, whatever the order of arrival. `null`: none found.
 */
export function planMerge(found: readonly OrderId[]): MergePlan<OrderId> | null {
  return oldestFirst(found)
}

/** A customer that an event's claim led to, by the shop's own id or by an address. */
export interface FoundCustomer {
  readonly id: CustomerId
  /** The shop's own id of that customer; `null` while a guest. */
  readonly externalId: string | null
  /** False when it was found only by an address nobody vouches for (`verification: 'none'`). */
  readonly proven: boolean
}

/**
 * Which customer an event belongs to and whom that customer absorbs; `null`: none fits, a new one is made.
 * - Only signed and authenticated events merge. Queried and inferred ones go to one customer and merge nobody.
 * - A browser's claim finds nobody, and what it left is found by nobody: else a stranger who types a
 *   buyer's mail address next to a phone of his own would get that buyer's messages.
 * - The shop's own id decides: customers with different ones are different people, though a family
 *   shares a phone. An address joins guests to each other, and to the one known buyer it can mean.
 */
export function planCustomerMerge(
  found: readonly FoundCustomer[],
  externalId: string | null,
  trust: Trust,
): MergePlan<CustomerId> | null {
  if (trust === 'browser') return null
  const proven = found.filter((customer) => customer.proven)
  const guests = proven.filter((customer) => customer.externalId === null)
  const known = proven.filter((customer) => customer.externalId !== null)
  const people = new Set(known.map((customer) => customer.externalId))
  const same = known.filter((customer) =>
    externalId === null ? people.size === 1 : customer.externalId === externalId,
  )
  const ids = [...same, ...guests].map(({ id }) => id)
  if (mayMerge(trust)) return oldestFirst(ids)
  const one = oldestFirst(same.length > 0 ? same.map(({ id }) => id) : ids)
  return one === null ? null : { survivor: one.survivor, absorbed: [] }
}

/** Whose word may make one customer of two. */
function mayMerge(trust: Trust): boolean {
  return trust === 'signed' || trust === 'authenticated'
}

function oldestFirst<Id extends string>(found: readonly Id[]): MergePlan<Id> | null {
  const ids = [...new Set(found)].sort()
  const survivor = ids[0]
  return survivor === undefined ? null : { survivor, absorbed: ids.slice(1) }
}
