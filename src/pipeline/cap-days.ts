import { type CapUse, reserveCaps } from '../db/caps.ts'
import type { Tx } from '../db/connect.ts'
import { personDay } from '../domain/gate/verdict.ts'
import type { CustomerId, ShopId } from '../domain/ids.ts'

/** Slots by person and local day. */
export type CapUses = Map<CustomerId, Map<string, number>>

/** One slot more; of nobody none is counted. */
export function count(uses: CapUses, customer: CustomerId | null, day: string): void {
  if (customer === null) return
  const own = uses.get(customer) ?? new Map<string, number>()
  uses.set(customer, own.set(day, (own.get(day) ?? 0) + 1))
}

export const listed = (uses: CapUses): readonly CapUse[] =>
  [...uses].flatMap(([customer, days]) => [...days].map(([day, n]) => ({ customer, day, n })))

/** Takes them; gives the names of those that were full after all. */
export async function takeDays(
  tx: Tx,
  shop: ShopId,
  uses: CapUses,
  perDay: number,
): Promise<ReadonlySet<string>> {
  if (uses.size === 0) return new Set()
  const wanted = listed(uses)
  const got = await reserveCaps(tx, shop, wanted, perDay)
  const lost = new Set(wanted.map(personDay))
  for (const { customer_id, day } of got) lost.delete(personDay({ customer: customer_id, day }))
  return lost
}
