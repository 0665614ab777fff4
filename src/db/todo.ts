import type { Trust } from '../domain/event.ts'
import type { ConnectionId, EventId, ShopId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import { type Queryable, run, runCount, sql, type Tx } from './connect.ts'

// Locking: the rows are deleted by the transaction that applies them, and skipped by everybody else meanwhile.
// A crash rolls the delete back, so the events are simply due again. `any(array(…))` runs the subquery once; as `in (…)`
// a plan may run it again and again, taking more than the limit.
const claim = sql<{ event_id: EventId }>(
  'todo_claim',
  `delete from todo where shop_id = $1 and event_id = any(array(
     select event_id from todo where shop_id = $1 order by event_id limit $2 for update skip locked))
   returning event_id`,
)

/** Takes up to `limit` events of the shop to be applied in this transaction, oldest first. */
export async function claimTodo(tx: Tx, shop: ShopId, limit: number): Promise<readonly EventId[]> {
  return (await run(tx, claim, [shop, limit])).map((row) => row.event_id)
}

const claimOne = sql<{ event_id: EventId }>(
  'todo_claim_one',
  `delete from todo where shop_id = $1 and event_id in (
     select event_id from todo where shop_id = $1 and event_id = $2 for update skip locked)
   returning event_id`,
)

/** Takes one named event, if nobody else has it. */
export async function claimTodoOne(tx: Tx, shop: ShopId, event: EventId): Promise<boolean> {
  return (await run(tx, claimOne, [shop, event])).length > 0
}

const peek = sql<{ event_id: EventId }>(
  'todo_peek',
  'select event_id from todo where shop_id = $1 order by event_id limit $2',
)

/** The oldest waiting events, without taking them: to find the one that breaks a batch. */
export async function peekTodo(db: Queryable, shop: ShopId, limit: number): Promise<readonly EventId[]> {
  return (await run(db, peek, [shop, limit])).map((row) => row.event_id)
}

export interface KeptRow {
  readonly id: EventId
  readonly connection_id: ConnectionId
  readonly type: string
  readonly trust: Trust
  readonly occurred_at: Instant
  readonly received_at: Instant
  readonly body: Buffer
}

const read = sql<KeptRow>(
  'event_read',
  `select id, connection_id, type, trust, occurred_at, received_at, body
   from event where shop_id = $1 and id = any($2::uuid[]) order by id`,
)

/** Kept events by id, oldest first. */
export function readEvents(
  db: Queryable,
  shop: ShopId,
  ids: readonly EventId[],
): Promise<readonly KeptRow[]> {
  return run(db, read, [shop, ids])
}

const setAside = sql(
  'event_set_aside',
  `insert into event_stuck (shop_id, event_id, error, since) values ($1, $2, $3, $4)
   on conflict (shop_id, event_id) do update set tries = event_stuck.tries + 1, error = excluded.error`,
)

/** Puts an event that cannot be applied aside, with the reason; it stays visible and can be tried again. */
export async function setEventAside(
  tx: Tx,
  shop: ShopId,
  event: EventId,
  error: string,
  now: Instant,
): Promise<void> {
  await run(tx, setAside, [shop, event, error.slice(0, 2_000), now])
}

const unstick = sql(
  'event_unstick',
  `with stuck as (delete from event_stuck where shop_id = $1 and event_id = any($2::uuid[]) returning event_id)
   insert into todo (shop_id, event_id, received_at) select $1, event_id, $3 from stuck on conflict do nothing`,
)

/** Queues events that were set aside again; gives how many. */
export function retryStuck(
  db: Queryable,
  shop: ShopId,
  events: readonly EventId[],
  now: Instant,
): Promise<number> {
  return runCount(db, unstick, [shop, events, now])
}
