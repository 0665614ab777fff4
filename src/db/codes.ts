import type { Id, OrderId, ShopId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import { type Queryable, run, runCount, type Statement, sql, type Tx } from './connect.ts'

/** What a one-time code opens: an order's card keys, or a member's log-in. At most one is alive for each. */
export type CodeHolder =
  | { readonly kind: 'order'; readonly id: OrderId }
  | { readonly kind: 'member'; readonly id: Id<'mem'> }

interface Statements {
  readonly open: Statement<unknown>
  readonly lock: Statement<{ sent: readonly Instant[] }>
  readonly save: Statement<unknown>
  readonly takeTry: Statement<{ code_hash: Buffer }>
  readonly spend: Statement<unknown>
}

function statementsOf(kind: CodeHolder['kind']): Statements {
  const table = `${kind}_code`
  const mine = `shop_id = $1 and ${kind}_id = $2`
  return {
    open: sql(
      `${table}_open`,
      `insert into ${table} (shop_id, ${kind}_id) values ($1, $2) on conflict do nothing`,
    ),
    lock: sql(`${table}_lock`, `select sent from ${table} where ${mine} for update`),
    save: sql(
      `${table}_save`,
      `update ${table} set code_hash = $3, tries = 0, sent = $4, expires_at = $5 where ${mine}`,
    ),
    // One statement counts the try before anybody compares: parallel guesses cannot share one.
    takeTry: sql(
      `${table}_try`,
      `update ${table} set tries = tries + 1
       where ${mine} and code_hash is not null and tries < $3 and expires_at > $4
       returning code_hash`,
    ),
    spend: sql(`${table}_spend`, `update ${table} set code_hash = null where ${mine} and code_hash = $3`),
  }
}

const STATEMENTS = { order: statementsOf('order'), member: statementsOf('member') }

/** When codes were sent for it within the last day; the row stays locked until the transaction ends. */
export async function lockCode(tx: Tx, shop: ShopId, { kind, id }: CodeHolder): Promise<readonly Instant[]> {
  await run(tx, STATEMENTS[kind].open, [shop, id])
  return (await run(tx, STATEMENTS[kind].lock, [shop, id]))[0]!.sent
}

/** Makes this the one code that is alive. The caller holds the row's lock. */
export async function saveCode(
  tx: Tx,
  shop: ShopId,
  { kind, id }: CodeHolder,
  code: { readonly hash: Buffer; readonly sent: readonly Instant[]; readonly expiresAt: Instant },
): Promise<void> {
  await run(tx, STATEMENTS[kind].save, [shop, id, code.hash, code.sent, code.expiresAt])
}

/** Uses up one of the code's tries and gives its hash; `null` when there is no code alive, or no try left. */
export async function takeCodeTry(
  db: Queryable,
  shop: ShopId,
  { kind, id }: CodeHolder,
  maxTries: number,
  now: Instant,
): Promise<Buffer | null> {
  return (await run(db, STATEMENTS[kind].takeTry, [shop, id, maxTries, now]))[0]?.code_hash ?? null
}

/** Ends a code that was entered rightly; `false` when another request was quicker. */
export async function spendCode(
  db: Queryable,
  shop: ShopId,
  { kind, id }: CodeHolder,
  hash: Buffer,
): Promise<boolean> {
  return (await runCount(db, STATEMENTS[kind].spend, [shop, id, hash])) > 0
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
