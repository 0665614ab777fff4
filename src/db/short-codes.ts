import type { OrderId, ShopId } from '../domain/ids.ts'
import type { Instant, Millis } from '../domain/time.ts'
import { type Queryable, run, runCount, sql } from './connect.ts'

export interface ShortCodeRow {
  readonly order_id: OrderId
  readonly salt: number
}

export interface ShortCodeToKeep {
  readonly order: OrderId
  readonly salt: number
  readonly index: Buffer
  readonly expiresAt: Instant
}

// Two unique keys decide: an order has one code, a code one order. Whoever loses either race keeps nothing here.
const keep = sql(
  'short_code_keep',
  `insert into order_short_code (shop_id, order_id, salt, code_index, expires_at)
   select $1, n.order_id, n.salt, n.code_index, n.expires_at
   from unnest($2::uuid[], $3::smallint[], $4::bytea[], $5::bigint[]) as n(order_id, salt, code_index, expires_at)
   on conflict do nothing`,
)
const prolong = sql<ShortCodeRow>(
  'short_code_prolong',
  `update order_short_code as s set expires_at = greatest(s.expires_at, n.expires_at)
   from unnest($2::uuid[], $3::bigint[]) as n(order_id, expires_at)
   where s.shop_id = $1 and s.order_id = n.order_id returning s.order_id, s.salt`,
)

/** Keeps a code for each order that has none and lengthens the life of those that have; gives the codes there are now. */
export async function keepShortCodes(
  db: Queryable,
  shop: ShopId,
  codes: readonly ShortCodeToKeep[],
): Promise<readonly ShortCodeRow[]> {
  const orders = codes.map(({ order }) => order)
  const ends = codes.map(({ expiresAt }) => expiresAt)
  const salts = codes.map(({ salt }) => salt)
  const indexes = codes.map(({ index }) => index)
  await run(db, keep, [shop, orders, salts, indexes, ends])
  return run(db, prolong, [shop, orders, ends])
}

// By the unique index over (shop_id, code_index): the time it takes says nothing about the characters of a code.
const find = sql<{ order_id: OrderId }>(
  'short_code_find',
  'select order_id from order_short_code where shop_id = $1 and code_index = $2 and expires_at > $3',
)

/** The order whose code has this index and has not run out. */
export async function findShortCode(
  db: Queryable,
  shop: ShopId,
  index: Buffer,
  now: Instant,
): Promise<OrderId | null> {
  return (await run(db, find, [shop, index, now]))[0]?.order_id ?? null
}

// One statement counts before anybody looks; the row's lock lines parallel tries up. A window that begins after now
// stems from a clock that was set back.
const take = sql<{ used: number }>(
  'short_code_try_take',
  `insert into short_code_try as t (shop_id, bucket, since, used) values ($1, $2, $3, 1)
   on conflict (shop_id, bucket) do update set
     used = case when t.since between $3 - $4::bigint + 1 and $3 then t.used + 1 else 1 end,
     since = case when t.since between $3 - $4::bigint + 1 and $3 then t.since else $3 end
   where t.shop_id = $1 returning used`,
)

/** Counts one try in a bucket; gives how many its present window has seen with this one. */
export async function takeShortCodeTry(
  db: Queryable,
  shop: ShopId,
  bucket: Buffer,
  window: Millis,
  now: Instant,
): Promise<number> {
  return (await run(db, take, [shop, bucket, now, window]))[0]!.used
}

const giveBack = sql(
  'short_code_try_back',
  'update short_code_try set used = used - 1 where shop_id = $1 and bucket = $2 and used > 0',
)

/** Takes a try back that turned out to be right. */
export async function giveShortCodeTryBack(db: Queryable, shop: ShopId, bucket: Buffer): Promise<void> {
  await runCount(db, giveBack, [shop, bucket])
}

const forgetCodes = sql(
  'short_code_forget',
  'delete from order_short_code where shop_id = $1 and expires_at < $2',
)
const forgetTries = sql(
  'short_code_try_forget',
  'delete from short_code_try where shop_id = $1 and since < $2',
)

/** Deletes codes and counts that ended before this instant; gives how many rows. */
export async function forgetShortCodes(db: Queryable, shop: ShopId, before: Instant): Promise<number> {
  return (await runCount(db, forgetCodes, [shop, before])) + (await runCount(db, forgetTries, [shop, before]))
}
