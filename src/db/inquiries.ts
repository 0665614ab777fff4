import type { ConnectionId, OrderId, ShopId } from '../domain/ids.ts'
import type { Instant, Millis } from '../domain/time.ts'
import { columns } from './columns.ts'
import { type Queryable, run, runCount, type Statement, sql, type Tx } from './connect.ts'

/** What `outcome` says of a row that waits for its connection. */
export const WAITS = 'waits'
/** And of one that is due because of somebody's word. */
export const WORD = 'word'

export type InquiryKind = 'unpaid' | 'platform' | 'unknown'

/** `[when, what, code]`. */
export type InquiryLogEntry = readonly [at: Instant, what: string, code: string | null]

export interface InquiryRow {
  readonly order_id: OrderId
  readonly connection_id: ConnectionId
  readonly kind: InquiryKind
  readonly started_at: Instant
  readonly due_at: Instant | null
  readonly asks: number
  readonly asked_at: Instant | null
  readonly answer: string | null
  readonly again_at: Instant | null
  readonly payment: string | null
  readonly act_at: Instant | null
  readonly act_by: string | null
  readonly act_outcome: string | null
  readonly act_code: string | null
  readonly concluded_at: Instant | null
  readonly outcome: string | null
  readonly fence: number
  readonly log: readonly InquiryLogEntry[]
}

const FIELDS = `order_id, connection_id, kind, started_at, due_at, asks, asked_at, answer, again_at, payment, act_at,
  act_by, act_outcome, act_code, concluded_at, outcome, fence, log`

export interface InquiryToStart {
  readonly order: OrderId
  readonly connection: ConnectionId
  readonly kind: InquiryKind
  readonly startedAt: Instant
  readonly dueAt: Instant
  readonly payment: string | null
}

const ROWS = `insert into inquiry (shop_id, order_id, connection_id, kind, started_at, due_at, payment)
   select $1, order_id, connection_id, kind, started_at, due_at, payment
   from unnest($2::uuid[], $3::uuid[], $4::text[], $5::bigint[], $6::bigint[], $7::text[]) as t
     (order_id, connection_id, kind, started_at, due_at, payment)
   order by order_id, connection_id, kind
   on conflict (shop_id, order_id, connection_id, kind) do update set`

// The primary key decides races. A later payment sets the clock of `unpaid` back to zero; healing is never begun a
// second time for one order and connection.
const start = sql(
  'inquiry_start',
  `${ROWS} started_at = excluded.started_at, due_at = greatest(excluded.due_at, inquiry.asked_at + $8),
     asks = 0, answer = null, concluded_at = null, outcome = null,
     -- whoever is asking about the payment before must not write its answer over the new one's clock
     fence = inquiry.fence + 1, lease_until = null
   where inquiry.kind = 'unpaid' and inquiry.started_at < excluded.started_at`,
)
// Somebody's word brings the next question forward, or one more where all have been asked, but never within $8 ms of the
// last one, however often it comes.
const hurry = sql(
  'inquiry_hurry',
  `${ROWS} due_at = greatest(excluded.due_at, inquiry.asked_at + $8),
     outcome = case when inquiry.outcome = '${WAITS}' then inquiry.outcome else '${WORD}' end
   where inquiry.due_at > excluded.due_at or inquiry.due_at is null`,
)

/** Starts inquiries; a row must not be named twice. The caller holds their orders' locks. */
export const startInquiries = starter(start)
/** Starts inquiries, or has those that are under way ask at once. */
export const hurryInquiries = starter(hurry)

function starter(statement: Statement<unknown>) {
  return async (tx: Tx, shop: ShopId, inquiries: readonly InquiryToStart[], gap: Millis): Promise<void> => {
    if (inquiries.length === 0) return
    const values = columns(
      inquiries,
      (i) => i.order,
      (i) => i.connection,
      (i) => i.kind,
      (i) => i.startedAt,
      (i) => i.dueAt,
      (i) => i.payment,
    )
    await run(tx, statement, [shop, ...values, gap])
  }
}

// `for update skip locked`: each worker takes different rows, and a row whose lease ran out is taken by whoever comes
// first. The row stays as it is but for lease and fence: a question that nobody answered has said nothing.
const claim = sql<InquiryRow>(
  'inquiry_claim',
  `with due as materialized (
     select order_id as due_order, kind as due_kind from inquiry
     where shop_id = $1 and connection_id = $2 and due_at <= $3
       and (lease_until is null or lease_until < clock_timestamp())
     order by due_at limit $4 for update skip locked)
   update inquiry as i set fence = i.fence + 1, lease_until = clock_timestamp() + $5 * interval '1 ms'
   from due where i.shop_id = $1 and i.connection_id = $2 and i.order_id = due_order and i.kind = due_kind
   returning ${FIELDS}`,
)

/** Takes up to `limit` due rows of one connection for `lease` ms. */
export function claimInquiries(
  db: Queryable,
  shop: ShopId,
  connection: ConnectionId,
  now: Instant,
  limit: number,
  lease: Millis,
): Promise<readonly InquiryRow[]> {
  return run(db, claim, [shop, connection, now, limit, lease])
}

/** A row in our hands: the fence says whether it still is. */
export type HeldInquiry = Pick<InquiryRow, 'order_id' | 'connection_id' | 'kind' | 'fence'>

// The fence decides: a worker whose lease was taken over settles nothing. A browser's word that came while we asked is
// answered by our answer, which is as new as the one it wants.
const settle = sql(
  'inquiry_settle',
  `update inquiry set lease_until = null, due_at = $6, outcome = $7, asks = $8, asked_at = $9, answer = $10,
     again_at = $11, act_outcome = $12, act_code = $13, concluded_at = $14, log = log || $15::jsonb
   where shop_id = $1 and order_id = $2 and connection_id = $3 and kind = $4 and fence = $5`,
)

/** Writes a claimed row as it now stands, with what is new in its log; `false` when somebody else has taken it over. */
export async function settleInquiry(
  db: Queryable,
  shop: ShopId,
  row: InquiryRow,
  log: readonly InquiryLogEntry[],
): Promise<boolean> {
  const values = [
    shop,
    row.order_id,
    row.connection_id,
    row.kind,
    row.fence,
    row.due_at,
    row.outcome,
    row.asks,
    row.asked_at,
    row.answer,
    row.again_at,
    row.act_outcome,
    row.act_code,
    row.concluded_at,
    JSON.stringify(log),
  ]
  return (await runCount(db, settle, values)) > 0
}

// The write that makes a second try impossible: whoever finds `act_at` set only asks from then on. One statement with
// the paid marker, so that no try begins after a payment is known. A refused try by the source was none, and the shop
// may still be asked.
const act = sql(
  'inquiry_act',
  `update inquiry as i set act_at = $6, act_by = $7, act_outcome = 'begun', act_code = null,
     lease_until = clock_timestamp() + $8 * interval '1 ms', log = i.log || $9::jsonb
   where i.shop_id = $1 and i.order_id = $2 and i.connection_id = $3 and i.kind = $4 and i.fence = $5
     and i.lease_until > clock_timestamp()
     and (i.act_at is null or i.act_outcome = 'refused' and i.act_by = 'source' and $7 = 'shop')
     -- one try an order, also where a merge has brought two healings together; the order's lock makes it certain
     and not exists (
       select from inquiry as o where o.shop_id = $1 and o.order_id = $2 and o.act_at is not null
         and o.act_outcome <> 'refused' and (o.connection_id, o.kind) <> ($3, $4))
     and not exists (
       select from order_ref as r where r.shop_id = $1 and r.order_id = $2 and r.paid_at is not null)`,
)

/** Commits "we are about to try the payment". `false`: not ours any more, tried before, or paid. */
export async function beginAct(
  db: Queryable,
  shop: ShopId,
  held: HeldInquiry,
  by: 'source' | 'shop',
  now: Instant,
  lease: Millis,
): Promise<boolean> {
  const { order_id, connection_id, kind, fence } = held
  const log = JSON.stringify([[now, 'retry', by]])
  const values = [shop, order_id, connection_id, kind, fence, now, by, lease, log]
  return (await runCount(db, act, values)) > 0
}

const ofOrder = sql<InquiryRow>(
  'inquiry_of_order',
  `select ${FIELDS} from inquiry where shop_id = $1 and order_id = $2 order by started_at, connection_id, kind`,
)

/** Everything that was asked about an order, for people. */
export function inquiriesOf(db: Queryable, shop: ShopId, order: OrderId): Promise<readonly InquiryRow[]> {
  return run(db, ofOrder, [shop, order])
}

const countOpen = sql<{ open: number }>(
  'inquiry_count_open',
  'select count(*)::int as open from inquiry where shop_id = $1 and connection_id = $2 and due_at is not null',
)

/** How many orders are still asked about through a connection. */
export async function openInquiries(db: Queryable, shop: ShopId, connection: ConnectionId): Promise<number> {
  return (await run(db, countOpen, [shop, connection]))[0]!.open
}

// Whoever is asking just now loses the row to the fence. A healing stays: its try belongs to the connection's own account.
const passOn = sql(
  'inquiry_pass_on',
  `update inquiry as i set connection_id = $3, fence = i.fence + 1, lease_until = null,
     due_at = case when i.outcome = '${WAITS}' then $4 else i.due_at end,
     outcome = case when i.outcome = '${WAITS}' then null else i.outcome end
   where i.shop_id = $1 and i.connection_id = $2 and i.due_at is not null and i.kind <> 'platform'
     and not exists (
       select from inquiry as o where o.shop_id = $1 and o.order_id = i.order_id and o.connection_id = $3
         and o.kind = i.kind)`,
)

/** Has the questions through one connection asked through another of its kind, but for orders that it asks about anyway. */
export function passOnInquiries(
  tx: Queryable,
  shop: ShopId,
  from: ConnectionId,
  to: ConnectionId,
  now: Instant,
): Promise<number> {
  return runCount(tx, passOn, [shop, from, to, now])
}

// Whoever is asking just now loses the row to the fence. A healing is only made due: its buyer must hear how it ended.
const close = sql(
  'inquiry_close',
  `update inquiry set due_at = case when kind = 'platform' then $3::bigint end,
     outcome = case when kind = 'platform' then outcome else 'no_answer' end,
     fence = case when kind = 'platform' then fence else fence + 1 end,
     lease_until = case when kind = 'platform' then lease_until end,
     log = case when kind = 'platform' then log else log || jsonb_build_array(jsonb_build_array($3::bigint, 'ended', $4::text)) end
   where shop_id = $1 and connection_id = $2 and due_at is not null`,
)

/** Ends all questions through a connection that is gone; `code`: why, for people. */
export function closeInquiries(
  tx: Queryable,
  shop: ShopId,
  connection: ConnectionId,
  code: string,
  now: Instant,
): Promise<number> {
  return runCount(tx, close, [shop, connection, now, code])
}

const resume = sql(
  'inquiry_resume',
  `update inquiry set due_at = $3, outcome = null
   where shop_id = $1 and connection_id = $2 and outcome = '${WAITS}' and lease_until is null`,
)

/** Has everything that waits on a connection looked at now: after a person has repaired it. */
export function resumeInquiries(
  db: Queryable,
  shop: ShopId,
  connection: ConnectionId,
  now: Instant,
): Promise<number> {
  return runCount(db, resume, [shop, connection, now])
}
