import type { Queryable } from '../db/connect.ts'
import { readOrderRows } from '../db/orders.ts'
import { formatId, type OrderId, type ShopId } from '../domain/ids.ts'
import type { OtherOrder } from '../domain/review/words.ts'
import { attempt } from './attempt.ts'
import type { ShopVault } from './keyring.ts'
import { reviewedOrder } from './reviewed-order.ts'

export interface OrderNamed extends OtherOrder {
  readonly id: OrderId
}

/**
 * These orders as they stand, in that order; what has become part of another order is left out, and what cannot be
 * opened: another order's damage must not stop this one.
 */
export async function otherOrders(
  db: Queryable,
  scene: { readonly shop: ShopId; readonly vault: ShopVault },
  ids: readonly string[],
): Promise<readonly OrderNamed[]> {
  if (ids.length === 0) return []
  const rows = await readOrderRows(db, scene.shop, ids as readonly OrderId[])
  const known = new Map(
    rows.flatMap((row): readonly [string, OrderNamed][] => {
      const read = attempt(() => reviewedOrder(scene, row).view)
      if (!('ok' in read)) return []
      const { no, total, status } = read.ok
      return [[row.id, { id: row.id, no: no ?? formatId('ord', row.id), total, status }]]
    }),
  )
  return ids.flatMap((id) => known.get(id) ?? [])
}
