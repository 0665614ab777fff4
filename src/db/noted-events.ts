import type { EventId, ShopId } from '../domain/ids.ts'
import { columns } from './columns.ts'
import { type Queryable, run, sql, type Tx } from './connect.ts'

export interface NotedEvent {
  /** Keyed hash of the order's number. */
  readonly name: Buffer
  readonly event: EventId
}

const note = sql(
  'noted_add',
  `insert into event_noted (shop_id, name, event_id)
   select $1, name, event_id from unnest($2::bytea[], $3::uuid[]) as t (name, event_id) order by name, event_id
   on conflict do nothing`,
)

/** Notes events under the order numbers that they may mean; again, it changes nothing. */
export async function noteEvents(tx: Tx, shop: ShopId, noted: readonly NotedEvent[]): Promise<void> {
  const pairs = columns(
    noted,
    (each) => each.name,
    (each) => each.event,
  )
  await run(tx, note, [shop, ...pairs])
}

const under = sql<{ event_id: EventId }>(
  'noted_under',
  `select distinct event_id from event_noted where shop_id = $1 and name = any($2::bytea[])
   order by event_id desc limit $3`,
)

/** The newest events noted under any of these names. */
export async function notedUnder(
  db: Queryable,
  shop: ShopId,
  names: readonly Buffer[],
  limit: number,
): Promise<readonly EventId[]> {
  return (await run(db, under, [shop, names, limit])).map(({ event_id }) => event_id)
}
