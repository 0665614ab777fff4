import type { OrderRow } from '../db/orders.ts'
import type { ContactId, OrderId, ShopId } from '../domain/ids.ts'
import type { OrderFacts } from '../domain/order/facts.ts'
import { type OrderView, viewOrder } from '../domain/order/view.ts'
import type { ShopVault } from './keyring.ts'

/** The order a review is about, as those who decide must see it. */
export interface ReviewedOrder {
  readonly id: OrderId
  readonly view: OrderView
  readonly contacts: readonly ContactId[]
}

/** An order's row opened for a review. */
export function reviewedOrder(
  { shop, vault }: { readonly shop: ShopId; readonly vault: ShopVault },
  row: OrderRow,
): ReviewedOrder {
  const facts = vault.sealer.openText(row.facts, { shop, column: 'orders.facts', row: row.id })
  return { id: row.id, view: viewOrder(JSON.parse(facts) as OrderFacts), contacts: row.contact_ids }
}
