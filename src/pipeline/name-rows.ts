import type { Queryable } from '../db/connect.ts'
import { readOrderRows } from '../db/orders.ts'
import { formatId, type OrderId, type ShopId } from '../domain/ids.ts'
import type { Evidence, Match, RowOrder } from '../domain/review/judge.ts'
import type { ShopVault } from './keyring.ts'
import { reviewedOrder } from './review-events.ts'

/**
 * What each match goes by, with the number and the amount of each order of its row. One statement for all, and none
 * where no rule asks for a row; an order that has become part of another is left out.
 */
export async function nameRows(
  db: Queryable,
  scene: { readonly shop: ShopId; readonly vault: ShopVault },
  matches: readonly Match[],
): Promise<readonly Evidence[]> {
  const ids = [...new Set(matches.flatMap(({ row }) => row))] as OrderId[]
  if (ids.length === 0) return matches.map(({ evidence }) => evidence)
  const rows = await readOrderRows(db, scene.shop, ids)
  const orders = new Map(
    rows.map((row): [string, RowOrder] => {
      const { no, total } = reviewedOrder(scene, row).view
      return [row.id, { no: no ?? formatId('ord', row.id), total }]
    }),
  )
  return matches.map(({ evidence, row }) =>
    row.length === 0 ? evidence : { ...evidence, row: row.flatMap((id) => orders.get(id) ?? []) },
  )
}
