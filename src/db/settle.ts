import type { AccountId, ContactId, MessageId, ShopId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import { columns } from './columns.ts'
import { type Db, type Queryable, run, sql } from './connect.ts'

interface Tried {
  readonly id: MessageId
  readonly fence: number
  readonly account: AccountId
  /** Which try this was, from 1. */
  readonly n: number
  readonly startedAt: Instant
  readonly endedAt: Instant
  readonly fate: string
  readonly code: string | null
  readonly providerRef: string | null
}

/** A message whose fate is final. */
export interface Settled extends Tried {
  readonly state: 'sent' | 'failed' | 'unknown'
}

/** A message that will be gated and tried again at `dueAt`. */
export interface Postponed extends Tried {
  readonly dueAt: Instant
}

// The fence decides: a worker whose lease was taken over deletes nothing and settles nothing.
const settle = sql<{ id: MessageId }>(
  'settle_final',
  `with gone as (
     delete from message_work as w
     using unnest($2::uuid[], $3::int[], $4::uuid[], $5::int[], $6::bigint[], $7::bigint[], $8::text[], $9::text[],
       $10::text[], $11::text[]) with ordinality as t (id, fence, account_id, n, started_at, ended_at, fate, code, provider_ref, state, nr)
     where w.shop_id = $1 + (t.nr * 0)::int and w.message_id = t.id and w.fence = t.fence and w.state <> 'waiting'
     returning t.*, w.verdict, w.gate_snapshot),
   logged as (
     insert into attempt (shop_id, message_id, n, account_id, started_at, ended_at, fate, code, provider_ref)
     select $1, id, n, account_id, started_at, ended_at, fate, code, provider_ref from gone
     on conflict do nothing)
   update message as m set
     -- a receipt that was quicker has proved it already
     state = case when gone.state = 'unknown' and m.delivered_at is not null then 'sent' else gone.state end, verdict = gone.verdict, gate_snapshot = gone.gate_snapshot,
     attempts = gone.n, account_id = gone.account_id, provider_ref = gone.provider_ref, fate_code = coalesce(gone.code, m.fate_code),
     settled_at = gone.ended_at
   from gone where m.shop_id = $1 and m.id = gone.id
   returning m.id`,
)

const tried = (items: readonly Tried[]) =>
  columns(
    items,
    (i) => i.id,
    (i) => i.fence,
    (i) => i.account,
    (i) => i.n,
    (i) => i.startedAt,
    (i) => i.endedAt,
    (i) => i.fate,
    (i) => i.code,
    (i) => i.providerRef,
  )

/** Records final fates; gives the messages that were still ours. */
export async function settleMessages(
  db: Queryable,
  shop: ShopId,
  messages: readonly Settled[],
): Promise<ReadonlySet<MessageId>> {
  if (messages.length === 0) return new Set()
  const rows = await run(db, settle, [shop, ...tried(messages), messages.map((m) => m.state)])
  return new Set(rows.map((row) => row.id))
}

const postpone = sql<{ message_id: MessageId }>(
  'settle_retry',
  `with back as (
     update message_work as w set state = 'waiting', lease_until = null, due_at = t.due_at
     from unnest($2::uuid[], $3::int[], $4::uuid[], $5::int[], $6::bigint[], $7::bigint[], $8::text[], $9::text[],
       $10::text[], $11::bigint[]) with ordinality as t (id, fence, account_id, n, started_at, ended_at, fate, code, provider_ref, due_at, nr)
     where w.shop_id = $1 + (t.nr * 0)::int and w.message_id = t.id and w.fence = t.fence and w.state = 'calling'
     returning t.*),
   logged as (
     insert into attempt (shop_id, message_id, n, account_id, started_at, ended_at, fate, code, provider_ref)
     select $1, id, n, account_id, started_at, ended_at, fate, code, provider_ref from back
     on conflict do nothing)
   select id as message_id from back`,
)

/** Puts messages back for another try, with the try recorded; gives the messages that were still ours. */
export async function postponeMessages(
  db: Queryable,
  shop: ShopId,
  messages: readonly Postponed[],
): Promise<ReadonlySet<MessageId>> {
  if (messages.length === 0) return new Set()
  const rows = await run(db, postpone, [shop, ...tried(messages), messages.map((m) => m.dueAt)])
  return new Set(rows.map((row) => row.message_id))
}

const suppress = sql(
  'settle_suppress',
  `update contact set state = 'suppressed', state_reason = t.reason, state_at = $4
   from unnest($2::uuid[], $3::text[]) with ordinality as t (id, reason, nr)
   where t.nr * 0 = 0 and contact.shop_id = $1 and contact.id = t.id and contact.state = 'ok'`,
)

/** Addresses that a provider has called dead get nothing more. */
export async function suppressContacts(
  db: Queryable,
  shop: ShopId,
  contacts: readonly { readonly id: ContactId; readonly reason: string }[],
  now: Instant,
): Promise<void> {
  if (contacts.length === 0) return
  await run(db, suppress, [
    shop,
    ...columns(
      contacts,
      (c) => c.id,
      (c) => c.reason,
    ),
    now,
  ])
}

interface EarlyReceipt {
  readonly message_id: MessageId
  readonly status: string | null
  readonly status_at: Instant | null
  readonly code: string | null
}

const expectReceipts = sql<EarlyReceipt>(
  'receipt_expect',
  `insert into receipt_ref (shop_id, account_id, provider_ref, message_id)
   select $1, account_id, provider_ref, message_id
   from unnest($2::uuid[], $3::text[], $4::uuid[]) as t (account_id, provider_ref, message_id)
   on conflict (shop_id, account_id, provider_ref) do update set message_id = excluded.message_id
   returning message_id, status, status_at, code`,
)
// Receipts may come in any order and more than once: delivered stands, whatever comes after or came before, and
// proves that a call of unknown outcome arrived.
const markReceipt = sql(
  'receipt_mark',
  `update message set delivered_at = case when t.status = 'delivered' then coalesce(delivered_at, t.at) else delivered_at end,
     state = case when t.status = 'delivered' and state = 'unknown' then 'sent' else state end,
     fate_code = case when t.status = 'delivered' then null when delivered_at is null then coalesce(t.code, 'receipt_failed')
       else fate_code end
   from unnest($2::uuid[], $3::text[], $4::bigint[], $5::text[]) with ordinality as t (id, status, at, code, nr)
   where t.nr * 0 = 0 and message.shop_id = $1 and message.id = t.id`,
)

/** Remembers the provider's references; a receipt that was quicker than the answer takes effect now. */
export async function rememberReceiptRefs(
  db: Db,
  shop: ShopId,
  refs: readonly { readonly account: AccountId; readonly providerRef: string; readonly message: MessageId }[],
): Promise<void> {
  if (refs.length === 0) return
  // A gateway may give one reference to several messages; one statement may touch a row once only.
  const distinct = [...new Map(refs.map((ref) => [`${ref.account} ${ref.providerRef}`, ref])).values()]
  const rows = await run(db, expectReceipts, [
    shop,
    ...columns(
      distinct,
      (r) => r.account,
      (r) => r.providerRef,
      (r) => r.message,
    ),
  ])
  const early = rows.filter((row) => row.status !== null)
  if (early.length > 0) {
    await run(db, markReceipt, [
      shop,
      ...columns(
        early,
        (e) => e.message_id,
        (e) => e.status,
        (e) => e.status_at,
        (e) => e.code,
      ),
    ])
  }
}

const keepReceipt = sql<{ message_id: MessageId | null }>(
  'receipt_keep',
  `insert into receipt_ref (shop_id, account_id, provider_ref, status, status_at, code) values ($1, $2, $3, $4, $5, $6)
   on conflict (shop_id, account_id, provider_ref) do update set
     status = case when receipt_ref.status = 'delivered' then receipt_ref.status else excluded.status end,
     code = excluded.code,
     status_at = coalesce(receipt_ref.status_at, excluded.status_at)
   returning message_id`,
)

/** Keeps a delivery receipt; gives the message it is about once that is known. `delivered` is never taken back. */
export async function keepReceiptStatus(
  db: Queryable,
  shop: ShopId,
  account: AccountId,
  providerRef: string,
  status: 'delivered' | 'failed',
  code: string | null,
  at: Instant,
): Promise<MessageId | null> {
  const message =
    (await run(db, keepReceipt, [shop, account, providerRef, status, at, code]))[0]?.message_id ?? null
  if (message !== null) await run(db, markReceipt, [shop, [message], [status], [at], [code]])
  return message
}

/** A delivery receipt that names the message itself. */
export async function markReceiptOf(
  db: Queryable,
  shop: ShopId,
  message: MessageId,
  status: 'delivered' | 'failed',
  code: string | null,
  at: Instant,
): Promise<void> {
  await run(db, markReceipt, [shop, [message], [status], [at], [code]])
}
