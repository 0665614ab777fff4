import {
  type ConnectionId,
  type ContactId,
  type CustomerId,
  type EventId,
  type Id,
  type MessageId,
  newId,
  type OrderId,
  type ShopId,
} from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import { type Queryable, run, sql, type Tx } from './connect.ts'
import type { MessageToPlan } from './messages.ts'
import type { OrderRow } from './orders.ts'
import type { KeptRow } from './todo.ts'

/** What people look at when something went wrong: rare reads, newest first. */

export interface StuckRow {
  readonly event_id: EventId
  readonly type: string
  readonly received_at: Instant
  readonly tries: number
  readonly error: string
  readonly since: Instant
}

const stuck = sql<StuckRow>(
  'shown_stuck',
  `select s.event_id, e.type, e.received_at, s.tries, s.error, s.since
   from event_stuck as s join event as e on e.shop_id = $1 and e.id = s.event_id
   where s.shop_id = $1 and ($2::uuid is null or s.event_id < $2) order by s.event_id desc limit $3`,
)

/** Events that could not be applied. */
export function listStuck(
  db: Queryable,
  shop: ShopId,
  before: EventId | null,
  limit: number,
): Promise<readonly StuckRow[]> {
  return run(db, stuck, [shop, before, limit])
}

export interface ConflictRow {
  readonly event_id: EventId
  readonly connection_id: ConnectionId
  readonly received_at: Instant
  readonly body: Buffer
  /** `null` of those that came when this was not kept. */
  readonly type: string | null
  readonly occurred_at: Instant | null
  readonly first: KeptRow
}

type FirstOfConflict = { readonly [K in keyof KeptRow as `first_${K}`]: KeptRow[K] }

const conflicts = sql<Omit<ConflictRow, 'first'> & FirstOfConflict>(
  'shown_conflicts',
  `select c.event_id, c.connection_id, c.received_at, c.body, c.type, c.occurred_at, e.id as first_id,
     e.connection_id as first_connection_id, e.type as first_type, e.trust as first_trust,
     e.occurred_at as first_occurred_at, e.received_at as first_received_at, e.body as first_body
   from event_conflict as c join event as e on e.shop_id = $1 and e.id = c.first_event_id
   where c.shop_id = $1 and ($2::uuid is null or c.first_event_id < $2)
   order by c.first_event_id desc, c.received_at limit $3`,
)

/** Events that came again under the same id with another body, each with the first one. */
export async function listConflicts(
  db: Queryable,
  shop: ShopId,
  before: EventId | null,
  limit: number,
): Promise<readonly ConflictRow[]> {
  const rows = await run(db, conflicts, [shop, before, limit])
  return rows.map((row) => ({
    ...row,
    first: {
      id: row.first_id,
      connection_id: row.first_connection_id,
      type: row.first_type,
      trust: row.first_trust,
      occurred_at: row.first_occurred_at,
      received_at: row.first_received_at,
      body: row.first_body,
    },
  }))
}

export interface RefusalRow {
  readonly id: Id<'evt'>
  readonly connection_id: ConnectionId | null
  readonly at: Instant
  readonly why: string
  readonly remote_address: string
  readonly body_bytes: number
}

const refusals = sql<RefusalRow>(
  'shown_refusals',
  `select id, connection_id, at, why, remote_address, body_bytes from intake_refusal
   where shop_id = $1 and ($2::uuid is null or id < $2) order by id desc limit $3`,
)

/** Callbacks that were not authentic or not readable. */
export function listRefusals(
  db: Queryable,
  shop: ShopId,
  before: EventId | null,
  limit: number,
): Promise<readonly RefusalRow[]> {
  return run(db, refusals, [shop, before, limit])
}

export interface InboxOfShopRow {
  readonly message_id: MessageId
  readonly contact_id: ContactId
  /** Sealed { title, text, link }. */
  readonly body: Buffer
  readonly created_at: Instant
}

const inboxOfShop = sql<InboxOfShopRow>(
  'shown_inbox',
  `select message_id, contact_id, body, created_at from inbox_item
   where shop_id = $1 order by message_id desc limit $2`,
)

/** The newest inbox items of everybody: for the demo shop's outbox page. */
export function latestInboxItems(
  db: Queryable,
  shop: ShopId,
  limit: number,
): Promise<readonly InboxOfShopRow[]> {
  return run(db, inboxOfShop, [shop, limit])
}

export type CopiedMessage = Pick<
  MessageToPlan,
  | 'customerId'
  | 'flow'
  | 'flowVersion'
  | 'step'
  | 'channel'
  | 'purpose'
  | 'category'
  | 'audience'
  | 'template'
> & {
  readonly orderId: OrderId | null
  readonly contactId: ContactId | null
  readonly stops: readonly string[]
  readonly createdAt: Instant
  readonly expiresAt: Instant
  readonly vars: Buffer | null
}

const copy = sql<CopiedMessage>(
  'shown_message_copy',
  `select order_id as "orderId", customer_id as "customerId", contact_id as "contactId", flow,
     flow_version as "flowVersion", step, channel, purpose, category, audience, template, stops,
     created_at as "createdAt", expires_at as "expiresAt", vars
   from message where shop_id = $1 and id = $2`,
)

/** Everything a second copy of this message needs. */
export async function readMessageToCopy(
  db: Queryable,
  shop: ShopId,
  id: MessageId,
): Promise<CopiedMessage | null> {
  return (await run(db, copy, [shop, id]))[0] ?? null
}

const lockOriginal = sql<object>(
  'shown_message_lock',
  'select from message where shop_id = $1 and id = $2 for update',
)

// Ids sort by time, so the primary key leads to the few messages of the span.
const youngCopy = sql<object>(
  'shown_message_young_copy',
  'select from message where shop_id = $1 and id >= $3 and resend_of = $2 limit 1',
)

/**
 * Whether a copy of this message was made at `since` or later. The message stays locked until the transaction ends,
 * so of two at once the second sees the copy of the first: a statement of its own, since the lock is waited for.
 */
export async function hasCopySince(tx: Tx, shop: ShopId, id: MessageId, since: Instant): Promise<boolean> {
  await run(tx, lockOriginal, [shop, id])
  const lowest = newId('msg', since, (bytes) => new Uint8Array(bytes))
  return (await run(tx, youngCopy, [shop, id, lowest])).length > 0
}

const verdicts = sql<{ at: Instant; verdict: string }>(
  'shown_verdicts',
  'select at, verdict from verdict_history where shop_id = $1 and message_id = $2 order by at',
)

/** What the gate said before its last word. */
export function earlierVerdicts(
  db: Queryable,
  shop: ShopId,
  id: MessageId,
): Promise<readonly { readonly at: Instant; readonly verdict: string }[]> {
  return run(db, verdicts, [shop, id])
}

/** Of the newest orders so many are looked through, whatever they are: a shop has far more paid ones. */
const NEWEST_ORDERS = 2_000

const unpaid = sql<Pick<OrderRow, 'id' | 'no' | 'facts'>>(
  'shown_unpaid',
  `select id, no, facts from (
     select id, no, status, facts, merged_into, created_at from orders
     where shop_id = $1 order by id desc limit ${NEWEST_ORDERS}) as newest
   where status in ('open', 'payment_failed') and merged_into is null and created_at >= $2
   order by id desc limit $3`,
)

/** The newest orders whose payment is still to come, or has failed. */
export function recentUnpaidOrders(
  db: Queryable,
  shop: ShopId,
  since: Instant,
  limit: number,
): Promise<readonly Pick<OrderRow, 'id' | 'no' | 'facts'>[]> {
  return run(db, unpaid, [shop, since, limit])
}

const ofCustomer = sql<OrderOfCustomerRow>(
  'shown_of_customer',
  `select id, no, status, created_at from orders
   where shop_id = $1 and customer_id = $2 and merged_into is null order by id desc limit $3`,
)

export interface OrderOfCustomerRow {
  readonly id: OrderId
  readonly no: string | null
  readonly status: string
  readonly created_at: Instant
}

/** A buyer's orders, newest first, by `orders_customer`. */
export function ordersOfCustomer(
  db: Queryable,
  shop: ShopId,
  customer: CustomerId,
  limit: number,
): Promise<readonly OrderOfCustomerRow[]> {
  return run(db, ofCustomer, [shop, customer, limit])
}
