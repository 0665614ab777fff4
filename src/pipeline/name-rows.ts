import type { Queryable } from '../db/connect.ts'
import type { ShopId } from '../domain/ids.ts'
import type { Evidence, Match } from '../domain/review/judge.ts'
import type { ShopVault } from './keyring.ts'
import { otherOrders } from './other-orders.ts'

/**
 * What each match goes by, with the number and the amount of each order of its row. One statement for all, and none
 * where no rule asks for a row.
 */
export async function nameRows(
  db: Queryable,
  scene: { readonly shop: ShopId; readonly vault: ShopVault },
  matches: readonly Match[],
): Promise<readonly Evidence[]> {
  const orders = await otherOrders(db, scene, [...new Set(matches.flatMap(({ row }) => row))])
  const known = new Map(orders.map(({ id, no, total }) => [id as string, { no, total }]))
  return matches.map(({ evidence, row }) =>
    row.length === 0 ? evidence : { ...evidence, row: row.flatMap((id) => known.get(id) ?? []) },
  )
}
