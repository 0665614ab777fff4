import type { OrderId, ShopId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import { type Queryable, run, runCount, sql, type Tx } from './connect.ts'

const open = sql(
  'order_code_open',
  'insert into order_code (shop_id, order_id) values ($1, $2) on conflict do nothing',
)
const lock = sql<{ sent: readonly Instant[] }>(
  'order_code_lock',
  'select sent from order_code where shop_id = $1 and order_id = $2 for update',
)

/** When codes were sent for this order within the last day; the row stays locked until the transaction ends. */
export async function lockOrderCode(tx: Tx, shop: ShopId, order: OrderId): Promise<readonly Instant[]> {
  await run(tx, open, [shop, order])
  return (await run(tx, lock, [shop, order]))[0]!.sent
}

const save = sql(
  'order_code_save',
  `update order_code set code_hash = $3, tries = 0, sent = $4, expires_at = $5
   where shop_id = $1 and order_id = $2`,
)

/** Makes this the one code that is alive. The caller holds the row's lock. */
export async function saveOrderCode(
  tx: Tx,
  shop: ShopId,
  order: OrderId,
  code: { readonly hash: Buffer; readonly sent: readonly Instant[]; readonly expiresAt: Instant },
): Promise<void> {
  await run(tx, save, [shop, order, code.hash, code.sent, code.expiresAt])
}

// One statement counts the try before anybody compares: parallel guesses cannot share one.
const takeTry = sql<{ code_hash: Buffer }>(
  'order_code_try',
  `update order_code set tries = tries + 1
   where shop_id = $1 and order_id = $2 and code_hash is not null and tries < $3 and expires_at > $4
   returning code_hash`,
)

/** Uses up one of the code's tries and gives its hash; `null` when there is no code alive, or no try left. */
export async function takeCodeTry(
  db: Queryable,
  shop: ShopId,
  order: OrderId,
  maxTries: number,
  now: Instant,
): Promise<Buffer | null> {
  return (await run(db, takeTry, [shop, order, maxTries, now]))[0]?.code_hash ?? null
}

const spend = sql(
  'order_code_spend',
  'update order_code set code_hash = null where shop_id = $1 and order_id = $2 and code_hash = $3',
)

/** Ends a code that was entered rightly; `false` when another request was quicker. */
export async function spendCode(db: Queryable, shop: ShopId, order: OrderId, hash: Buffer): Promise<boolean> {
  return (await runCount(db, spend, [shop, order, hash])) > 0
}

const byContact = sql<{ id: OrderId; contact_id: string }>(
  'order_by_contact',
  `select o.id, c.id as contact_id
   from order_ref as r
   join orders as o on o.shop_id = $1 and o.id = r.order_id
   join contact as c on c.shop_id = $1 and c.id = any(o.contact_ids)
   where r.shop_id = $1 and r.kind = 'order_no' and r.value = $2 and c.channel = $3 and c.address_index = $4`,
)

/** The order of this number whose own events named this address; one statement whether it exists or not. */
export async function findOrderByContact(
  db: Queryable,
  shop: ShopId,
  no: string,
  channel: 'email' | 'sms',
  index: Buffer,
): Promise<{ readonly id: OrderId; readonly contact_id: string } | null> {
  return (await run(db, byContact, [shop, no, channel, index]))[0] ?? null
}
