import type { AccountId, ContactId, CustomerId, MessageId, OrderId, ShopId } from '../domain/ids.ts'
import type { Channel, Purpose } from '../domain/message.ts'
import type { Instant } from '../domain/time.ts'
import { columns } from './columns.ts'
import { run, sql, type Tx } from './connect.ts'
import type { CustomerRow } from './contacts.ts'
import { lostCalls } from './withdraw.ts'

/** A due message with everything its verdict depends on, read in one snapshot. */
export interface DueMessage {
  readonly id: MessageId
  /** `claimed` or `calling` here means that a lease ran out: somebody crashed or stood still. */
  readonly state: 'waiting' | 'claimed' | 'calling'
  readonly fence: number
  readonly tries: number
  readonly crashes: number
  readonly due_at: Instant
  readonly work_verdict: string | null
  /** Through which it was claimed last: a call that broke off was made there. */
  readonly account_id: AccountId | null
  /** Calls that were begun and of which nobody knows how they ended: somebody may have got it. */
  readonly lost: number
  /** What it is to end with: its reason went while it was being called. */
  readonly withdrawn: string | null
  readonly order_id: OrderId | null
  readonly customer_id: CustomerId | null
  readonly contact_id: ContactId | null
  readonly flow: string | null
  readonly purpose: Purpose
  readonly category: string
  readonly audience: 'buyer' | 'member'
  readonly template: string
  readonly stops: readonly string[]
  readonly in_session_until: Instant | null
  readonly created_at: Instant
  readonly expires_at: Instant
  readonly vars: Buffer | null
  readonly contact_state: string | null
  readonly verified: string | null
  readonly consent: readonly string[] | null
  readonly preferences: CustomerRow['preferences'] | null
  readonly time_zone: string | null
  readonly locale: string | null
  readonly segment: string | null
  /** The customer has become part of this one; its preferences and caps are read there. */
  readonly merged_into: CustomerId | null
  readonly order_status: string | null
  readonly order_expires_at: Instant | null
  /** Grows with every write of the order: what was opened under it still holds. */
  readonly order_updated_at: Instant | null
  readonly held_by_review: boolean | null
  readonly paid: boolean
  readonly used: Readonly<Record<string, number>> | null
  readonly snapshot: string
}

// Each join is a look-up by primary key: `lateral … limit 1` keeps it one whatever the planner believes about tables
// it has no statistics of yet.
// `for update skip locked` on the narrow row: each worker takes different messages, and a row whose lease ran
// out is taken by whoever comes first. All facts come from this statement's snapshot, the paid marker included:
// `snapshot` is stored and proves afterwards what the gate could see.
const DUE_FACTS = `select due.message_id as id, due.state, due.fence, due.tries, due.crashes, due.due_at, due.verdict as work_verdict,
     due.account_id, ${lostCalls('due')} as lost,
     m.*, c.*, u.*, o.*,
     m.order_id is not null and exists (
       select from order_ref as r where r.shop_id = $1 and r.order_id = m.order_id and r.paid_at is not null) as paid,
     case when m.purpose <> 'essential' then (
       select json_object_agg(cap.day, cap.used) from cap
       where cap.shop_id = $1 and cap.customer_id = m.customer_id and cap.day >= $5::date) end as used,
     (select pg_current_snapshot()::text) as snapshot
   from due
   cross join lateral (
     select order_id, customer_id, contact_id, flow, purpose, category, audience, template, stops, in_session_until,
       created_at, expires_at, vars, verdict as withdrawn
     from message where shop_id = $1 and id = due.message_id limit 1) as m
   left join lateral (
     select state as contact_state, verified, consent
     from contact where shop_id = $1 and id = m.contact_id limit 1) as c on true
   left join lateral (
     select preferences, time_zone, locale, segment, merged_into
     from customer where shop_id = $1 and id = m.customer_id limit 1) as u on true
   left join lateral (
     select status as order_status, expires_at as order_expires_at, updated_at as order_updated_at, held_by_review
     from orders where shop_id = $1 and id = m.order_id limit 1) as o on true`

const claimDue = sql<DueMessage>(
  'work_claim_due',
  `with due as materialized (
     select message_id, state, fence, tries, crashes, due_at, verdict, account_id
     from message_work
     where shop_id = $1 and channel = $2 and due_at <= $3 and (lease_until is null or lease_until < clock_timestamp())
     order by due_at limit $4 for update skip locked)
   ${DUE_FACTS}`,
)

// By message_work_priority, one short range a priority: a million promotions that are due do not stand in the way of
// one receipt. Looked up first and locked second, so that what is not taken is not locked either.
const claimUrgent = sql<DueMessage>(
  'work_claim_urgent',
  `with ranked as materialized (
     select w.message_id from unnest('{0,1,2,3}'::smallint[]) as p (priority) cross join lateral (
       select message_id, due_at from message_work
       where shop_id = $1 and channel = $2 and priority = p.priority and due_at <= $3
         and (lease_until is null or lease_until < clock_timestamp())
       order by due_at limit $4) as w
     order by p.priority, w.due_at limit $4),
   due as materialized (
     select message_id, state, fence, tries, crashes, due_at, verdict, account_id
     from message_work
     where shop_id = $1 and message_id = any(array(select message_id from ranked)) and due_at <= $3
       and (lease_until is null or lease_until < clock_timestamp())
     for update skip locked)
   ${DUE_FACTS}`,
)

/** Locks up to `limit` messages of one shop and channel that are due. `sinceDay`: first local day of caps to read. */
export function claimDueMessages(
  tx: Tx,
  shop: ShopId,
  channel: Channel,
  now: Instant,
  limit: number,
  sinceDay: string,
): Promise<readonly DueMessage[]> {
  return run(tx, claimDue, [shop, channel, now, limit, sinceDay])
}

/** The same, the most urgent first: where more is due than can leave. Sees only messages planned with a priority. */
export function claimUrgentMessages(
  tx: Tx,
  shop: ShopId,
  channel: Channel,
  now: Instant,
  limit: number,
  sinceDay: string,
): Promise<readonly DueMessage[]> {
  return run(tx, claimUrgent, [shop, channel, now, limit, sinceDay])
}

const again = sql<DueMessage>(
  'work_claim_again',
  `with due as materialized (
     select message_id, state, fence, tries, crashes, due_at, verdict, account_id
     from message_work
     where shop_id = $1 and channel = $2 and due_at <= $3 and message_id = any($4::uuid[])
     order by due_at for update)
   ${DUE_FACTS}`,
)

/** Reads messages anew that this transaction has locked already. */
export function claimAgain(
  tx: Tx,
  shop: ShopId,
  channel: Channel,
  now: Instant,
  ids: readonly MessageId[],
  sinceDay: string,
): Promise<readonly DueMessage[]> {
  return run(tx, again, [shop, channel, now, ids, sinceDay])
}

const adopt = sql(
  'work_adopt',
  `update message as m set customer_id = t.survivor
   from unnest($2::uuid[], $3::uuid[]) with ordinality as t (id, survivor, nr)
   where t.nr * 0 = 0 and m.shop_id = $1 and m.id = t.id`,
)

/** Messages of a customer who has become part of another are the survivor's: their wishes and caps hold. */
export async function adoptMessages(
  tx: Tx,
  shop: ShopId,
  messages: readonly { readonly id: MessageId; readonly survivor: CustomerId }[],
): Promise<void> {
  await run(tx, adopt, [
    shop,
    ...columns(
      messages,
      (m) => m.id,
      (m) => m.survivor,
    ),
  ])
}
