import type { Id, OrderId, ShopId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import { type Queryable, run, runCount, sql, type Tx } from './connect.ts'

/** What a one-time code opens: an order's card keys, or a member's log-in. */
export type CodeHolder =
  | { readonly kind: 'order'; readonly id: OrderId }
  | { readonly kind: 'member'; readonly id: Id<'mem'> }

function sentBy(kind: CodeHolder['kind']) {
  const table = `${kind}_code`
  const mine = `shop_id = $1 and ${kind}_id = $2`
  return {
    open: sql(
      `${table}_open`,
      `insert into ${table} (shop_id, ${kind}_id) values ($1, $2) on conflict do nothing`,
    ),
    lock: sql<{ sent: readonly Instant[] }>(
      `${table}_lock`,
      `select sent from ${table} where ${mine} for update`,
    ),
    keep: sql(`${table}_sent`, `update ${table} set sent = $3 where ${mine}`),
  }
}

const SENT = { order: sentBy('order'), member: sentBy('member') }

const sentTo = sql<{ sent_at: Instant }>(
  'code_ask_sent',
  'select sent_at from code_ask where shop_id = $1 and holder_id = $2 and asker = $3',
)
const forgetOver = sql(
  'code_ask_over',
  'delete from code_ask where shop_id = $1 and holder_id = $2 and expires_at <= $3',
)
const save = sql(
  'code_ask_save',
  `insert into code_ask (shop_id, holder_id, asker, code_hash, sent_at, expires_at) values ($1, $2, $3, $4, $5, $6)
   on conflict (shop_id, holder_id, asker) do update
     set code_hash = excluded.code_hash, tries = 0, sent_at = excluded.sent_at, expires_at = excluded.expires_at`,
)
// One statement counts the try before anybody compares: parallel guesses cannot share one. By the primary key: a
// browser that did not ask touches nothing.
const takeTry = sql<{ code_hash: Buffer }>(
  'code_ask_try',
  `update code_ask set tries = tries + 1
   where shop_id = $1 and holder_id = $2 and asker = $3 and code_hash is not null and tries < $4 and expires_at > $5
   returning code_hash`,
)
const spend = sql(
  'code_ask_spend',
  'update code_ask set code_hash = null where shop_id = $1 and holder_id = $2 and asker = $3 and code_hash = $4',
)

/** When codes were sent within the last day, to anybody and to this browser; the holder's row stays locked. */
export async function lockCode(
  tx: Tx,
  shop: ShopId,
  { kind, id }: CodeHolder,
  asker: Buffer,
): Promise<{ readonly sent: readonly Instant[]; readonly toAsker: Instant | null }> {
  await run(tx, SENT[kind].open, [shop, id])
  const [{ sent }] = (await run(tx, SENT[kind].lock, [shop, id])) as [{ sent: readonly Instant[] }]
  return { sent, toAsker: (await run(tx, sentTo, [shop, id, asker]))[0]?.sent_at ?? null }
}

/** Makes this the one code of this browser that is alive. The caller holds the row's lock. */
export async function saveCode(
  tx: Tx,
  shop: ShopId,
  { kind, id }: CodeHolder,
  code: {
    readonly asker: Buffer
    readonly hash: Buffer
    readonly sent: readonly Instant[]
    readonly sentAt: Instant
    readonly expiresAt: Instant
  },
): Promise<void> {
  await run(tx, SENT[kind].keep, [shop, id, code.sent])
  await run(tx, forgetOver, [shop, id, code.sentAt])
  await run(tx, save, [shop, id, code.asker, code.hash, code.sentAt, code.expiresAt])
}

/** Uses up one try of the code this browser asked for and gives its hash; `null` when none is alive, or no try left. */
export async function takeCodeTry(
  db: Queryable,
  shop: ShopId,
  { id }: CodeHolder,
  asker: Buffer,
  maxTries: number,
  now: Instant,
): Promise<Buffer | null> {
  return (await run(db, takeTry, [shop, id, asker, maxTries, now]))[0]?.code_hash ?? null
}

/** Ends a code that was entered rightly; `false` when another request was quicker. */
export async function spendCode(
  db: Queryable,
  shop: ShopId,
  { id }: CodeHolder,
  asker: Buffer,
  hash: Buffer,
): Promise<boolean> {
  return (await runCount(db, spend, [shop, id, asker, hash])) > 0
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
