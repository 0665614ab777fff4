import type { AccountId, ContactId, CustomerId, MessageId, OrderId, RunId, ShopId } from '../domain/ids.ts'
import type { Channel, MessageState, Purpose } from '../domain/message.ts'
import type { Instant } from '../domain/time.ts'
import { columns } from './columns.ts'
import { type Queryable, run, sql, type Tx } from './connect.ts'
import { freeReserved } from './free-reserved.ts'
import { withdrawal } from './withdraw.ts'

/** A message as a flow, an API call or a resend plans it. */
export interface MessageToPlan {
  readonly id: MessageId
  readonly orderId: OrderId | null
  readonly customerId: CustomerId | null
  readonly contactId: ContactId | null
  readonly runId: RunId | null
  readonly flow: string | null
  readonly flowVersion: number | null
  readonly step: string | null
  readonly channel: Channel
  readonly purpose: Purpose
  readonly category: string
  readonly audience: 'buyer' | 'member'
  readonly template: string
  /** `paid`, `closed`, `any_hour`: what the gate must heed. */
  readonly stops: readonly string[]
  readonly inSessionUntil: Instant | null
  readonly dueAt: Instant
  readonly expiresAt: Instant
  readonly dedupeKey: Buffer | null
  readonly collapseKey: string | null
  readonly resendOf: MessageId | null
  readonly vars: Buffer | null
  /** 0 is most urgent; `null` comes after everything that has one. */
  readonly priority: number | null
}

// The unique dedupe key decides: a message that exists already is not planned again, and gets no work row. `= true` keeps
// the second half from becoming a join, which the planner, who knows no lengths of arrays, makes a loop in a loop.
const plan = sql<{ message_id: MessageId }>(
  'message_plan',
  `with planned as (
     insert into message (shop_id, id, order_id, customer_id, contact_id, run_id, flow, flow_version, step, channel,
       purpose, category, audience, template, stops, in_session_until, created_at, due_at, expires_at, dedupe_key,
       collapse_key, resend_of, vars)
     select $1, id, order_id, customer_id, contact_id, run_id, flow, flow_version, step, channel,
       purpose, category, audience, template, string_to_array(stops, ','), in_session_until, $22, due_at, expires_at,
       dedupe_key, collapse_key, resend_of, vars
     from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::text[], $8::int[], $9::text[],
       $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::bigint[], $17::bigint[],
       $18::bytea[], $19::text[], $20::uuid[], $21::bytea[], $23::bigint[])
       as t (id, order_id, customer_id, contact_id, run_id, flow, flow_version, step, channel, purpose, category,
         audience, template, stops, in_session_until, expires_at, dedupe_key, collapse_key, resend_of, vars, due_at)
     on conflict (shop_id, dedupe_key) where dedupe_key is not null do nothing
     returning id)
   insert into message_work (shop_id, message_id, channel, due_at, priority)
   select $1, id, channel, due_at, priority
   from unnest($2::uuid[], $10::text[], $23::bigint[], $24::int[]) as t (id, channel, due_at, priority)
   where (id in (select id from planned)) = true
   returning message_id`,
)

/** Plans messages; one whose dedupe key exists is left out. Gives the ids that were planned. */
export async function planMessages(
  tx: Queryable,
  shop: ShopId,
  messages: readonly MessageToPlan[],
  now: Instant,
): Promise<readonly MessageId[]> {
  if (messages.length === 0) return []
  const values = columns(
    messages,
    (m) => m.id,
    (m) => m.orderId,
    (m) => m.customerId,
    (m) => m.contactId,
    (m) => m.runId,
    (m) => m.flow,
    (m) => m.flowVersion,
    (m) => m.step,
    (m) => m.channel,
    (m) => m.purpose,
    (m) => m.category,
    (m) => m.audience,
    (m) => m.template,
    (m) => m.stops.join(','),
    (m) => m.inSessionUntil,
    (m) => m.expiresAt,
    (m) => m.dedupeKey,
    (m) => m.collapseKey,
    (m) => m.resendOf,
    (m) => m.vars,
  )
  const rows = await run(tx, plan, [
    shop,
    ...values,
    now,
    messages.map((m) => m.dueAt),
    messages.map((m) => m.priority),
  ])
  return rows.map((row) => row.message_id)
}

const stopForOrders = withdrawal('message_stop_for_orders', {
  found: `
     select m.id from unnest($2::uuid[]) as t (order_id) cross join lateral (
       select id from message where shop_id = $1 and order_id = t.order_id and state = 'waiting'
         and $3 = any(stops) offset 0) as m`,
  verdict: '$4',
  at: '$5',
  gateKnows: true,
})

/** Drops messages of these orders that heed `stop` and have not left; slots that a gate had reserved for them are free again. */
export async function stopMessages(
  tx: Tx,
  shop: ShopId,
  orders: readonly OrderId[],
  stop: 'paid' | 'closed',
  verdict: string,
  now: Instant,
): Promise<void> {
  await freeReserved(tx, shop, await run(tx, stopForOrders, [shop, orders, stop, verdict, now]))
}

const stopOfRuns = withdrawal('message_stop_of_runs', {
  found: `
     select m.id from unnest($2::uuid[], $3::uuid[]) as t (order_id, run_id) cross join lateral (
       select id from message where shop_id = $1 and order_id = t.order_id and run_id = t.run_id
         and state = 'waiting' offset 0) as m`,
  verdict: "'drop:moved_on'",
  at: '$4',
  gateKnows: false,
})

/** Drops what these runs planned and has not left: their reason is gone. The caller holds the runs' locks. */
export async function stopMessagesOfRuns(
  tx: Tx,
  shop: ShopId,
  runs: readonly { readonly id: RunId; readonly order: OrderId }[],
  now: Instant,
): Promise<void> {
  if (runs.length === 0) return
  const [orders, ids] = columns(
    runs,
    (r) => r.order,
    (r) => r.id,
  )
  await freeReserved(tx, shop, await run(tx, stopOfRuns, [shop, orders, ids, now]))
}

// By message_order; the event says that it was a person's decision, and not the flow for what nobody has paid.
const stopCancels_ = withdrawal('message_stop_cancels', {
  found: `
     select m.id from unnest($2::uuid[]) as t (order_id) cross join lateral (
       select id, run_id from message where shop_id = $1 and order_id = t.order_id and state = 'waiting'
         and channel = 'command' and template = 'cancel_order' offset 0) as m
     join run as r on r.shop_id = $1 and r.id = m.run_id
     join event as e on e.shop_id = $1 and e.id = r.event_id and e.type = 'review.decided'
     where not exists (
       select from review as v where v.shop_id = $1 and v.order_id = t.order_id and v.state = 'rejected')`,
  verdict: "'drop:decision_undone'",
  at: '$3',
  gateKnows: false,
})

/** Takes back what reviews have asked the shop to cancel, of those orders that nobody rejects any more. The caller holds their locks. */
export async function stopCancels(
  tx: Tx,
  shop: ShopId,
  orders: readonly OrderId[],
  now: Instant,
): Promise<void> {
  if (orders.length > 0) await freeReserved(tx, shop, await run(tx, stopCancels_, [shop, orders, now]))
}

interface FateOfRun {
  readonly run_id: RunId
  readonly step: string
  readonly channel: Channel
  readonly state: MessageState
  readonly fate_code: string | null
  readonly delivered_at: Instant | null
}

const fatesOfRuns_ = sql<FateOfRun>(
  'message_fates_of_runs',
  `select m.run_id, m.step, m.channel, coalesce(w.state, m.state) as state, m.fate_code, m.delivered_at
   from unnest($2::uuid[], $3::uuid[], $4::text[]) as t (order_id, run_id, step)
   cross join lateral (
     select id, run_id, step, channel, state, fate_code, delivered_at from message
     where shop_id = $1 and order_id = t.order_id and run_id = t.run_id and step = t.step offset 0) as m
   left join message_work as w on w.shop_id = $1 and w.message_id = m.id
   order by m.id`,
)

/** In which state the messages are that these runs' steps have planned, oldest first. Reads only, locks nothing. */
export async function fatesOfRuns(
  tx: Queryable,
  shop: ShopId,
  runs: readonly { readonly id: RunId; readonly order: OrderId; readonly step: string }[],
): Promise<readonly FateOfRun[]> {
  if (runs.length === 0) return []
  const [orders, ids, steps] = columns(
    runs,
    (r) => r.order,
    (r) => r.id,
    (r) => r.step,
  )
  return run(tx, fatesOfRuns_, [shop, orders, ids, steps])
}

const collapse = withdrawal('message_collapse', {
  found: `
     select m.id from unnest($2::uuid[], $3::text[]) as t (order_id, key) cross join lateral (
       select id from message where shop_id = $1 and order_id = t.order_id and collapse_key = t.key
         and state = 'waiting' and id <> all($4::uuid[]) offset 0) as m`,
  verdict: "'drop:replaced'",
  at: '$5',
  gateKnows: false,
})

/** Newer messages replace those of the same order with the same collapse key that have not left. */
export async function collapseMessages(
  tx: Tx,
  shop: ShopId,
  newer: readonly { readonly id: MessageId; readonly order: OrderId; readonly key: string }[],
  now: Instant,
): Promise<void> {
  const [ids, orders, keys] = columns(
    newer,
    (n) => n.id,
    (n) => n.order,
    (n) => n.key,
  )
  await freeReserved(tx, shop, await run(tx, collapse, [shop, orders, keys, ids, now]))
}

export interface MessageRow {
  readonly id: MessageId
  readonly order_id: OrderId | null
  readonly customer_id: CustomerId | null
  readonly contact_id: ContactId | null
  readonly run_id: RunId | null
  readonly flow: string | null
  readonly flow_version: number | null
  readonly step: string | null
  readonly channel: Channel
  readonly purpose: Purpose
  readonly category: string
  readonly audience: 'buyer' | 'member'
  readonly template: string
  readonly stops: readonly string[]
  readonly in_session_until: Instant | null
  readonly created_at: Instant
  readonly expires_at: Instant
  readonly due_at: Instant | null
  readonly state: MessageState
  readonly verdict: string | null
  readonly attempts: number
  readonly account_id: AccountId | null
  readonly provider_ref: string | null
  readonly fate_code: string | null
  readonly settled_at: Instant | null
  readonly delivered_at: Instant | null
  readonly clicked_at: Instant | null
  readonly resend_of: MessageId | null
}

// The work row, while there is one, knows better than the message what state it is in.
const SHOWN = `m.id, m.order_id, m.customer_id, m.contact_id, m.run_id, m.flow, m.flow_version, m.step, m.channel,
  m.purpose, m.category, m.audience, m.template, m.stops, m.in_session_until, m.created_at, m.expires_at, w.due_at, coalesce(w.state, m.state) as state,
  coalesce(w.verdict, m.verdict) as verdict, greatest(m.attempts, w.tries) as attempts,
  coalesce(m.account_id, w.account_id) as account_id, m.provider_ref, m.fate_code, m.settled_at, m.delivered_at,
  m.clicked_at, m.resend_of
  from message as m left join message_work as w on w.shop_id = $1 and w.message_id = m.id`

const ofOrder = sql<MessageRow>(
  'message_of_order',
  `select ${SHOWN} where m.shop_id = $1 and m.order_id = $2 order by m.id`,
)

/** Every message about an order, sent or not, oldest first. */
export function messagesOfOrder(db: Queryable, shop: ShopId, order: OrderId): Promise<readonly MessageRow[]> {
  return run(db, ofOrder, [shop, order])
}

const one = sql<MessageRow>('message_one', `select ${SHOWN} where m.shop_id = $1 and m.id = $2`)

export async function readMessage(db: Queryable, shop: ShopId, id: MessageId): Promise<MessageRow | null> {
  return (await run(db, one, [shop, id]))[0] ?? null
}

const latest = sql<MessageRow>(
  'message_latest',
  `select ${SHOWN} where m.shop_id = $1 and ($2::uuid is null or m.id < $2) order by m.id desc limit $3`,
)

/** The shop's messages, newest first, below `before`. */
export function latestMessages(
  db: Queryable,
  shop: ShopId,
  before: MessageId | null,
  limit: number,
): Promise<readonly MessageRow[]> {
  return run(db, latest, [shop, before, limit])
}

const body = sql<{ body: Buffer }>(
  'message_body_one',
  'select body from message_body where shop_id = $1 and message_id = $2',
)

/** The sealed words that were handed over, once there are any. */
export async function readBody(db: Queryable, shop: ShopId, id: MessageId): Promise<Buffer | null> {
  return (await run(db, body, [shop, id]))[0]?.body ?? null
}

const bodies = sql<{ message_id: MessageId; body: Buffer }>(
  'message_bodies',
  'select message_id, body from message_body where shop_id = $1 and message_id = any($2::uuid[])',
)

/** The sealed words of messages that were tried before: a repeat must say the same. */
export function readBodies(
  db: Queryable,
  shop: ShopId,
  ids: readonly MessageId[],
): Promise<readonly { readonly message_id: MessageId; readonly body: Buffer }[]> {
  return run(db, bodies, [shop, ids])
}

const attempts = sql<{
  n: number
  account_id: AccountId
  started_at: Instant
  ended_at: Instant
  fate: string
  code: string | null
  provider_ref: string | null
}>(
  'message_attempts',
  `select n, account_id, started_at, ended_at, fate, code, provider_ref
   from attempt where shop_id = $1 and message_id = $2 order by n`,
)

/** Every try of a message, in order. */
export function attemptsOf(db: Queryable, shop: ShopId, id: MessageId) {
  return run(db, attempts, [shop, id])
}

const clicked = sql(
  'message_clicked',
  'update message set clicked_at = coalesce(clicked_at, $3) where shop_id = $1 and id = $2',
)

/** Notes the first click on a message's link. */
export async function markClicked(db: Queryable, shop: ShopId, id: MessageId, at: Instant): Promise<void> {
  await run(db, clicked, [shop, id, at])
}
