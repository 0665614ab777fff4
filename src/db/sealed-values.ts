import type { ContactId, CustomerId, OrderId, ShopId } from '../domain/ids.ts'
import { columns } from './columns.ts'
import { type Queryable, run, sql } from './connect.ts'

/** What a message's words need, still sealed. `null`: there is no such row, or nothing was asked for. */
export interface SealedValues {
  readonly facts: Buffer | null
  readonly address: Buffer | null
  readonly profile: Buffer | null
}

export interface Wanted {
  readonly order: OrderId | null
  readonly contact: ContactId | null
  readonly customer: CustomerId | null
}

const read = sql<SealedValues>(
  'sealed_values',
  `select (select facts from orders where shop_id = $1 and id = t.order_id) as facts,
     (select address from contact where shop_id = $1 and id = t.contact_id) as address,
     (select profile from customer where shop_id = $1 and id = t.customer_id) as profile
   from unnest($2::uuid[], $3::uuid[], $4::uuid[]) with ordinality as t (order_id, contact_id, customer_id, nr)
   order by t.nr`,
)

/** The sealed facts, address and profile of each, in the order asked for; each a look-up by primary key. */
export function readSealedValues(
  db: Queryable,
  shop: ShopId,
  wanted: readonly Wanted[],
): Promise<readonly SealedValues[]> {
  return run(db, read, [
    shop,
    ...columns(
      wanted,
      (w) => w.order,
      (w) => w.contact,
      (w) => w.customer,
    ),
  ])
}
