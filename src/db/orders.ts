import type { OrderRef } from '../domain/event.ts'
import type { ContactId, CustomerId, OrderId, ShopId } from '../domain/ids.ts'
import type { OrderStatus } from '../domain/order/view.ts'
import type { Instant } from '../domain/time.ts'
import { columns } from './columns.ts'
import { type Queryable, run, sql, type Tx } from './connect.ts'
import { freeReserved } from './free-reserved.ts'
import { withdrawal } from './withdraw.ts'

export interface ClaimedRef {
  readonly kind: string
  readonly value: string
  readonly order_id: OrderId
  readonly paid_at: Instant | null
}

// The row lock on the name is what serialises all work on one order: whoever applies an event of it holds its
// names until commit. `order by` keeps every batch locking in the same order.
const claimRefs = sql<ClaimedRef>(
  'order_claim_refs',
  `insert into order_ref (shop_id, kind, value, order_id)
   select $1, kind, value, order_id from unnest($2::text[], $3::text[], $4::uuid[]) as t (kind, value, order_id)
   order by kind, value
   on conflict (shop_id, kind, value) do update set order_id = coalesce(order_ref.order_id, excluded.order_id)
   returning kind, value, order_id, paid_at`,
)

/** Binds each name to the order proposed for it, unless it has one; gives the binding that holds. Names must be distinct. */
export function claimOrderRefs(
  tx: Tx,
  shop: ShopId,
  refs: readonly { readonly ref: OrderRef; readonly proposed: OrderId }[],
): Promise<readonly ClaimedRef[]> {
  return run(tx, claimRefs, [
    shop,
    ...columns(
      refs,
      (r) => r.ref.kind,
      (r) => r.ref.value,
      (r) => r.proposed,
    ),
  ])
}

export interface OrderRow {
  readonly id: OrderId
  readonly no: string | null
  readonly status: string
  readonly customer_id: CustomerId | null
  readonly contact_ids: readonly ContactId[]
  readonly paid_at: Instant | null
  readonly expires_at: Instant | null
  readonly facts: Buffer
  readonly held_by_review: boolean
  readonly merged_into: OrderId | null
  readonly created_at: Instant
  readonly updated_at: Instant
}

const lockOrders = sql<OrderRow>(
  'order_lock',
  `select id, no, status, customer_id, contact_ids, paid_at, expires_at, facts, held_by_review, merged_into, created_at, updated_at
   from orders where shop_id = $1 and id = any($2::uuid[]) order by id for update`,
)

/** Locks and reads orders, in the order of their ids; those that do not exist yet are missing from the answer. */
export function lockOrderRows(tx: Tx, shop: ShopId, ids: readonly OrderId[]): Promise<readonly OrderRow[]> {
  return run(tx, lockOrders, [shop, ids])
}

const readOrders = sql<OrderRow>(
  'order_read',
  `select id, no, status, customer_id, contact_ids, paid_at, expires_at, facts, held_by_review, merged_into, created_at, updated_at
   from orders where shop_id = $1 and id = any($2::uuid[])`,
)

/** Reads orders without locking them. */
export function readOrderRows(
  db: Queryable,
  shop: ShopId,
  ids: readonly OrderId[],
): Promise<readonly OrderRow[]> {
  return run(db, readOrders, [shop, ids])
}

// Whoever writes an order holds its names, so nobody else can be adding it: no `on conflict`, which would cost a
// speculative insert and a second log record each.
const add = sql(
  'order_add',
  `insert into orders (shop_id, id, no, status, customer_id, contact_ids, paid_at, expires_at, facts, created_at, updated_at)
   select $1, id, no, status, customer_id, string_to_array(contacts, ',')::uuid[], paid_at, expires_at, facts, at, at
   from unnest($2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::bigint[], $8::bigint[], $9::bytea[], $10::bigint[])
     as t (id, no, status, customer_id, contacts, paid_at, expires_at, facts, at)`,
)

const update = sql(
  'order_update',
  `update orders as o set
     no = t.no, status = t.status, customer_id = t.customer_id, contact_ids = string_to_array(t.contacts, ',')::uuid[],
     paid_at = t.paid_at, expires_at = t.expires_at, facts = t.facts, updated_at = t.at
   from unnest($2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::bigint[], $8::bigint[], $9::bytea[], $10::bigint[])
     with ordinality as t (id, no, status, customer_id, contacts, paid_at, expires_at, facts, at, nr)
   where t.nr * 0 = 0 and o.shop_id = $1 and o.id = t.id`,
)

export interface OrderToSave {
  readonly id: OrderId
  /** Not written before. */
  readonly isNew: boolean
  readonly updatedAt: Instant
  readonly no: string | null
  readonly status: string
  readonly customer: CustomerId | null
  readonly contacts: readonly ContactId[]
  readonly paidAt: Instant | null
  readonly expiresAt: Instant | null
  readonly facts: Buffer
}

/** Writes orders as they now are. The caller holds their locks or their names. */
export async function saveOrders(tx: Tx, shop: ShopId, orders: readonly OrderToSave[]): Promise<void> {
  const write = async (statement: typeof add, some: readonly OrderToSave[]) => {
    if (some.length > 0) await run(tx, statement, [shop, ...orderColumns(some)])
  }
  await Promise.all([
    write(
      add,
      orders.filter((order) => order.isNew),
    ),
    write(
      update,
      orders.filter((order) => !order.isNew),
    ),
  ])
}

const orderColumns = (orders: readonly OrderToSave[]) =>
  columns(
    orders,
    (o) => o.id,
    (o) => o.no,
    (o) => o.status,
    (o) => o.customer,
    // Arrays of arrays cannot be ragged in SQL, so a list travels as one text.
    (o) => o.contacts.join(','),
    (o) => o.paidAt,
    (o) => o.expiresAt,
    (o) => o.facts,
    (o) => o.updatedAt,
  )

const repointRefs = sql(
  'order_merge_refs',
  'update order_ref set order_id = $2 where shop_id = $1 and order_id = any($3::uuid[])',
)
// Of several absorbed orders that had the same run, one run moves: the active one, else the oldest.
const moveRuns = sql(
  'order_merge_runs',
  `update run as r set order_id = $2, subject_id = $2
   where r.shop_id = $1 and r.id in (
     select distinct on (a.flow, a.iteration) a.id from run as a
     where a.shop_id = $1 and a.subject_id = any($3::uuid[])
     order by a.flow, a.iteration, a.status <> 'active', a.id)
   and not exists (
     select from run as s where s.shop_id = $1 and s.subject_id = $2 and s.flow = r.flow and s.iteration = r.iteration)`,
)
const stopDoubleRuns = sql(
  'order_merge_stop_runs',
  `update run set order_id = $2, updated_at = $4,
     status = case when status = 'active' then 'stopped' else status end,
     stop_reason = coalesce(stop_reason, 'order_merged'), due_at = null, waiting_for = null
   where shop_id = $1 and subject_id = any($3::uuid[])`,
)
// Both halves of one sale may have planned the same message: of a run that both had, the survivor's stands, unless the
// other half has said it already. Other runs of the flow (a second refund) have messages of their own right.
const dropDoubleMessages = withdrawal('order_merge_drop_messages', {
  found: `
     select m.id from message_work as w join message as m on m.shop_id = $1 and m.id = w.message_id
     join run as own on own.shop_id = $1 and own.id = m.run_id
     where w.shop_id = $1 and m.order_id = any(array_append($3::uuid[], $2))
       and own.subject_id = any(array_append($3::uuid[], $2)) and exists (
         select from message as s join run as other on other.shop_id = $1 and other.id = s.run_id
         where s.shop_id = $1 and s.order_id = any(array_append($3::uuid[], $2)) and s.id <> m.id
           and other.flow = own.flow and other.iteration = own.iteration and s.step = m.step
           and s.contact_id is not distinct from m.contact_id
           and case when own.subject_id = $2 then other.subject_id = any($3::uuid[]) and s.state in ('sent', 'unknown')
             else other.subject_id = $2 and s.state not in ('dropped', 'failed', 'poison') end)`,
  verdict: "'drop:order_merged'",
  at: '$4',
  gateKnows: false,
})
// Gate and settling lock a message's work row before the message; whoever merges must, too, or both wait for good.
const holdWork = sql(
  'order_merge_hold_work',
  `select from message_work as w join message as m on m.shop_id = $1 and m.id = w.message_id
   where w.shop_id = $1 and (m.order_id = $2 or m.order_id = any($3::uuid[])) order by w.message_id for update of w`,
)
const moveMessages = sql(
  'order_merge_messages',
  'update message set order_id = $2 where shop_id = $1 and order_id = any($3::uuid[])',
)
// A try that either half has begun counts for both: where both had a row, the survivor's stands and keeps that memory.
// A row in somebody's hands is taken over when its lease ends.
const moveInquiries = sql(
  'order_merge_inquiries',
  `with gone as (
     delete from inquiry where shop_id = $1 and order_id = any($3::uuid[]) returning *)
   insert into inquiry (shop_id, order_id, connection_id, kind, started_at, due_at, asks, asked_at, answer, again_at,
     payment, act_at, act_by, act_outcome, act_code, concluded_at, outcome, fence, lease_until, log)
   select distinct on (connection_id, kind) $1, $2, connection_id, kind, started_at, due_at, asks, asked_at, answer,
     again_at, payment, act_at, act_by, act_outcome, act_code, concluded_at, outcome, fence, lease_until, log
   from gone order by connection_id, kind, act_at nulls last
   on conflict (shop_id, order_id, connection_id, kind) do update set
     started_at = greatest(inquiry.started_at, excluded.started_at),
     -- what is live in either half goes on (least: the earlier, and of one alone that one)
     due_at = least(inquiry.due_at, excluded.due_at),
     outcome = case when inquiry.due_at is null and excluded.due_at is null then inquiry.outcome end,
     concluded_at = case when excluded.started_at > inquiry.started_at then excluded.concluded_at else inquiry.concluded_at end,
     asks = least(inquiry.asks, excluded.asks),
     payment = case when inquiry.act_at is null and excluded.act_at is not null then excluded.payment else inquiry.payment end,
     act_at = coalesce(inquiry.act_at, excluded.act_at), act_by = coalesce(inquiry.act_by, excluded.act_by),
     act_outcome = coalesce(inquiry.act_outcome, excluded.act_outcome),
     act_code = coalesce(inquiry.act_code, excluded.act_code), log = inquiry.log || excluded.log,
     -- a worker that holds the row as it was must not settle what it does not know
     fence = greatest(inquiry.fence, excluded.fence) + 1, lease_until = null`,
)
// The same rule may have asked about both halves: the stricter answer stands (rejected, then what still waits), under the
// survivor's review. So neither a person's no nor a hold on the shop is lost by a merge.
const strictness = (review: string) =>
  `case ${review}.state when 'rejected' then 2 when 'open' then 1 when 'escalated' then 1 else 0 end`
/** Of each rule's reviews of the absorbed orders, the one that binds most. */
const STRICTEST = `select distinct on (a.rule, a.iteration) a.* from review as a
     where a.shop_id = $1 and a.order_id = any($3::uuid[])
     order by a.rule, a.iteration, ${strictness('a')} desc, a.id`
const keepStricterReviews = sql(
  'order_merge_stricter_reviews',
  `update review as s set state = x.state, action = x.action, due_at = x.due_at, decided_at = x.decided_at,
     decided_by = x.decided_by, log = s.log || (x.log - 0)
   from (${STRICTEST}) as x
   where s.shop_id = $1 and s.order_id = $2 and x.rule = s.rule and x.iteration = s.iteration
     and ${strictness('x')} > ${strictness('s')}`,
)
const moveReviews = sql(
  'order_merge_reviews',
  `update review as r set order_id = $2
   where r.shop_id = $1 and r.id in (select id from (${STRICTEST}) as x)
   and not exists (
     select from review as s
     where s.shop_id = $1 and s.order_id = $2 and s.rule = r.rule and s.iteration = r.iteration)`,
)
const endDoubleReviews = sql(
  'order_merge_end_reviews',
  `update review set state = 'expired', decided_at = $4, decided_by = 'merged', due_at = null,
     log = log || jsonb_build_array(jsonb_build_array($4::bigint, 'expired', 'merged', level))
   where shop_id = $1 and order_id = any($3::uuid[]) and state in ('open', 'escalated') and $2::uuid is not null`,
)
const holdMerged = sql(
  'order_merge_hold',
  `update orders set held_by_review = exists (
     select from review as r where r.shop_id = $1 and r.order_id = $2
       and (r.state = 'rejected' or r.action = 'hold' and r.state in ('open', 'escalated')))
   where shop_id = $1 and id = $2`,
)
const markMerged = sql(
  'order_merge_mark',
  'update orders set merged_into = $2, updated_at = greatest($4, updated_at + 1) where shop_id = $1 and id = any($3::uuid[])',
)

/**
 * One sale was two orders: names, runs, messages and inquiries of the absorbed ones become the survivor's. Where both had
 * the same run or the same waiting message, the survivor's stands. The caller holds all their locks.
 */
export async function mergeOrders(
  tx: Tx,
  shop: ShopId,
  survivor: OrderId,
  absorbed: readonly OrderId[],
  now: Instant,
): Promise<void> {
  const values = [shop, survivor, absorbed]
  const [, , , , dropped] = await Promise.all([
    run(tx, repointRefs, values),
    run(tx, moveRuns, values),
    run(tx, stopDoubleRuns, [...values, now]),
    run(tx, holdWork, values),
    run(tx, dropDoubleMessages, [...values, now]),
    run(tx, moveMessages, values),
    run(tx, moveInquiries, values),
    run(tx, keepStricterReviews, values),
    run(tx, moveReviews, values),
    run(tx, endDoubleReviews, [...values, now]),
    run(tx, holdMerged, [shop, survivor]),
    run(tx, markMerged, [...values, now]),
  ])
  await freeReserved(tx, shop, dropped)
}

interface OrderForTry {
  readonly status: OrderStatus
  /** A person must decide about it. */
  readonly held: boolean
  /** A reminder about it was planned or left since then, and was not dropped. */
  readonly reminded: boolean
}

const lockForTry = sql<Omit<OrderForTry, 'reminded'>>(
  'order_lock_for_try',
  'select status, held_by_review as held from orders where shop_id = $1 and id = $2 for no key update',
)
// A statement of its own, whose snapshot is taken when the lock is held: flows plan under the same lock. By message_order.
const reminded = sql<Pick<OrderForTry, 'reminded'>>(
  'order_reminded',
  `select exists (
     select from message where shop_id = $1 and order_id = $2 and audience = 'buyer' and purpose = 'reminder'
       and state <> 'dropped' and (created_at >= $3 or settled_at >= $3)) as reminded`,
)

/** How the order stands, locked so that it does not change before the caller commits. */
export async function lockOrderForTry(
  tx: Tx,
  shop: ShopId,
  order: OrderId,
  since: Instant,
): Promise<OrderForTry | null> {
  const [row] = await run(tx, lockForTry, [shop, order])
  if (row === undefined) return null
  const [told] = await run(tx, reminded, [shop, order, since])
  return { ...row, reminded: told!.reminded }
}

const findByName = sql<{ order_id: OrderId }>(
  'order_find',
  'select order_id from order_ref where shop_id = $1 and kind = $2 and value = $3 and order_id is not null',
)

/** The order known by this name, or `null`. */
export async function findOrder(db: Queryable, shop: ShopId, ref: OrderRef): Promise<OrderId | null> {
  return (await run(db, findByName, [shop, ref.kind, ref.value]))[0]?.order_id ?? null
}

// By the primary key: ids rise with the time at which an order was first heard of.
const latestNumbers = sql<{ no: string }>(
  'order_latest_numbers',
  'select no from orders where shop_id = $1 and no is not null and merged_into is null order by id desc limit $2',
)

/** Numbers of the orders that came last, newest first. */
export async function latestOrderNumbers(
  db: Queryable,
  shop: ShopId,
  limit: number,
): Promise<readonly string[]> {
  return (await run(db, latestNumbers, [shop, limit])).map(({ no }) => no)
}

const namesOf = sql<{ kind: string; value: string; paid_at: Instant | null }>(
  'order_names',
  'select kind, value, paid_at from order_ref where shop_id = $1 and order_id = $2 order by kind, value',
)

/** Every name of an order, with its paid marker. */
export function orderNames(
  db: Queryable,
  shop: ShopId,
  order: OrderId,
): Promise<readonly { readonly kind: string; readonly value: string; readonly paid_at: Instant | null }[]> {
  return run(db, namesOf, [shop, order])
}
