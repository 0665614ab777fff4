import type { ConnectionId, ShopId } from '../domain/ids.ts'
import type { Channel } from '../domain/message.ts'
import type { Instant } from '../domain/time.ts'
import { type Queryable, run, sql } from './connect.ts'

// The only statements that look over shops. They read, once a sweep, which shops have due work; all work is
// then claimed shop by shop. One index probe a shop: 5,000 shops take about 15 ms.
const todo = sql<{ shop: ShopId }>(
  'sweep_todo',
  'select s.id as shop from shop as s where exists (select from todo as t where t.shop_id = s.id)',
)
const runs = sql<{ shop: ShopId }>(
  'sweep_runs',
  'select s.id as shop from shop as s where exists (select from run as r where r.shop_id = s.id and r.due_at <= $1)',
)
const reviews = sql<{ shop: ShopId }>(
  'sweep_reviews',
  'select s.id as shop from shop as s where exists (select from review as r where r.shop_id = s.id and r.due_at <= $1)',
)
const messages = sql<{ shop: ShopId; channel: Channel }>(
  'sweep_messages',
  `select s.id as shop, c.channel from shop as s cross join unnest($2::text[]) as c (channel)
   where exists (
     select from message_work as w where w.shop_id = s.id and w.channel = c.channel and w.due_at <= $1
       and (w.lease_until is null or w.lease_until < clock_timestamp()))`,
)
// Which connections: the due rows are few, since what a paused connection holds up is put off by the hour.
const inquiries = sql<{ shop: ShopId; connection: ConnectionId }>(
  'sweep_inquiries',
  `select s.id as shop, d.connection_id as connection from shop as s cross join lateral (
     select distinct i.connection_id from (
       select connection_id from inquiry where inquiry.shop_id = s.id and inquiry.due_at <= $1
         and (lease_until is null or lease_until < clock_timestamp())
       order by due_at limit 1000) as i) as d`,
)

/** Shops with events that are not applied yet. */
export async function shopsWithTodo(db: Queryable): Promise<readonly ShopId[]> {
  return (await run(db, todo, [])).map((row) => row.shop)
}

/** Shops with runs whose timer has come. */
export async function shopsWithDueRuns(db: Queryable, now: Instant): Promise<readonly ShopId[]> {
  return (await run(db, runs, [now])).map((row) => row.shop)
}

/** Shops with reviews that nobody has answered in time. */
export async function shopsWithDueReviews(db: Queryable, now: Instant): Promise<readonly ShopId[]> {
  return (await run(db, reviews, [now])).map((row) => row.shop)
}

/** Shops and channels with messages to gate, abandoned claims included. */
export function shopsWithDueMessages(
  db: Queryable,
  now: Instant,
  channels: readonly Channel[],
): Promise<readonly { readonly shop: ShopId; readonly channel: Channel }[]> {
  return run(db, messages, [now, channels])
}

/** Connections through which something is to be asked. */
export function connectionsWithDueInquiries(
  db: Queryable,
  now: Instant,
): Promise<readonly { readonly shop: ShopId; readonly connection: ConnectionId }[]> {
  return run(db, inquiries, [now])
}
