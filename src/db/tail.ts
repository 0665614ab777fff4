import type { EventId, OrderId, ShopId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import { type Queryable, run, sql } from './connect.ts'

export interface SeenEvent {
  readonly id: EventId
  readonly type: string
  readonly trust: string
  /** Of the connection it came by. */
  readonly source: string | null
  readonly name: string | null
  readonly received_at: Instant
}

const since = sql<SeenEvent>(
  'tail_events',
  `select e.id, e.type, e.trust, e.received_at, c.source, c.name
   from event as e left join connection as c on c.shop_id = $1 and c.id = e.connection_id
   where e.shop_id = $1 and e.id > $2 order by e.id desc limit $3`,
)

/** The shop's newest events with ids above `after` (ids begin with the time they were made), newest first. */
export function eventsAfter(
  db: Queryable,
  shop: ShopId,
  after: string,
  limit: number,
): Promise<readonly SeenEvent[]> {
  return run(db, since, [shop, after, limit])
}

const nos = sql<{ id: OrderId; no: string }>(
  'tail_order_nos',
  'select id, no from orders where shop_id = $1 and id = any($2::uuid[]) and no is not null',
)

/** The numbers of these orders; one that has none yet is left out. */
export async function orderNos(
  db: Queryable,
  shop: ShopId,
  orders: readonly OrderId[],
): Promise<ReadonlyMap<OrderId, string>> {
  if (orders.length === 0) return new Map()
  return new Map((await run(db, nos, [shop, orders])).map(({ id, no }) => [id, no]))
}
