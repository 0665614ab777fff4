import type { AccountId, ContactId, CustomerId, MessageId, OrderId, ShopId } from '../domain/ids.ts'
import type { Channel, Purpose } from '../domain/message.ts'
import type { Instant, Millis } from '../domain/time.ts'
import { columns } from './columns.ts'
import { type Db, type Queryable, run, runCount, sql, type Tx } from './connect.ts'
import { type CustomerRow, HERE_TO_STAY } from './contacts.ts'

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
     due.account_id,
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
       created_at, expires_at, vars
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

/** The same, the most urgent first: for an account whose rate is scarce. Sees only messages planned with a priority. */
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

const switches = sql<{
  killed: boolean
  all_killed: boolean
  config_version: number
  restored_at: Instant | null
  flows: readonly string[]
}>(
  'work_switches',
  `select s.killed, i.killed as all_killed, s.config_version, i.restored_at,
     array(select key from flow where shop_id = $1 and killed) as flows
   from shop as s, installation as i where s.id = $1`,
)

export interface Switches {
  readonly killed: boolean
  readonly all_killed: boolean
  readonly config_version: number
  /** When this database was last restored from a backup. */
  readonly restored_at: Instant | null
  readonly flows: readonly string[]
}

/** The kill switches as they stand now, and which configuration is in force. */
export async function readSwitches(db: Queryable, shop: ShopId): Promise<Switches> {
  const row = (await run(db, switches, [shop]))[0]
  if (!row) throw new Error(`shop ${shop} does not exist`)
  return row
}

// The lock of the customers' rows is what keeps a merge out between this and our commit; see `HERE_TO_STAY`.
const reserve = sql<{ customer_id: CustomerId; day: string }>(
  'cap_reserve',
  `with ${HERE_TO_STAY}
   insert into cap (shop_id, customer_id, day, used)
   select $1, customer_id, day, n from unnest($2::uuid[], $3::date[], $4::int[]) as t (customer_id, day, n)
   where customer_id in (select id from here) or (
     select true from customer as c where c.shop_id = $1 and c.id = t.customer_id limit 1) is null
   order by customer_id, day
   on conflict (shop_id, customer_id, day) do update set used = cap.used + excluded.used
     where cap.used + excluded.used <= $5
   returning customer_id, day::text as day`,
)

export interface CapUse {
  readonly customer: CustomerId
  /** Local day `YYYY-MM-DD`. */
  readonly day: string
  readonly n: number
}

/**
 * Takes `n` slots a (person, day) where they still fit under `limit`: a conditional upsert on one row, so that
 * two workers cannot both take the last slot. Nobody gets one who is, or is becoming, part of another customer. Gives
 * those that got theirs; pairs must be distinct.
 */
export function reserveCaps(
  tx: Tx,
  shop: ShopId,
  uses: readonly CapUse[],
  limit: number,
): Promise<readonly { readonly customer_id: CustomerId; readonly day: string }[]> {
  return run(tx, reserve, [
    shop,
    ...columns(
      uses,
      (u) => u.customer,
      (u) => u.day,
      (u) => u.n,
    ),
    limit,
  ])
}

const release = sql(
  'cap_release',
  `update cap set used = greatest(0, cap.used - t.n) from unnest($2::uuid[], $3::date[], $4::int[]) with ordinality as t (customer_id, day, n, nr)
   where t.nr * 0 = 0 and cap.shop_id = $1 and cap.customer_id = t.customer_id and cap.day = t.day`,
)

/** Gives slots back that were taken for messages which did not leave. */
export async function releaseCaps(tx: Queryable, shop: ShopId, uses: readonly CapUse[]): Promise<void> {
  if (uses.length > 0)
    await run(tx, release, [
      shop,
      ...columns(
        uses,
        (u) => u.customer,
        (u) => u.day,
        (u) => u.n,
      ),
    ])
}

const allow = sql(
  'work_allow',
  `update message_work as w set state = t.state, fence = w.fence + 1, verdict = t.verdict, gate_snapshot = $5::pg_snapshot,
     account_id = t.account_id, crashes = w.crashes + t.crashed,
     lease_until = clock_timestamp() + $6 * interval '1 ms'
   from unnest($2::uuid[], $3::text[], $4::uuid[], $7::int[], $8::text[]) with ordinality as t (id, verdict, account_id, crashed, state, nr)
   where t.nr * 0 = 0 and w.shop_id = $1 and w.message_id = t.id`,
)

export interface Allowed {
  readonly id: MessageId
  readonly verdict: string
  readonly account: AccountId
  /** 1 when it was taken over from a worker that did not finish it. */
  readonly crashed: 0 | 1
  /** `calling`: an earlier call broke off and is only asked about; nothing is handed over. */
  readonly state: 'claimed' | 'calling'
}

/** Claims messages that the gate lets go: leased, with their verdict and the snapshot it was made on. */
export async function allowMessages(
  tx: Tx,
  shop: ShopId,
  messages: readonly Allowed[],
  snapshot: string,
  lease: Millis,
): Promise<void> {
  if (messages.length === 0) return
  const [ids, verdicts, accounts, crashed, states] = columns(
    messages,
    (m) => m.id,
    (m) => m.verdict,
    (m) => m.account,
    (m) => m.crashed,
    (m) => m.state,
  )
  await run(tx, allow, [shop, ids, verdicts, accounts, snapshot, lease, crashed, states])
}

const hold = sql(
  'work_hold',
  `with changed as (
     insert into verdict_history (shop_id, message_id, at, verdict)
     select $1, t.id, $5, w.verdict from unnest($2::uuid[], $3::text[]) with ordinality as t (id, verdict, nr)
     join message_work as w on w.shop_id = $1 and w.message_id = t.id
     where w.verdict is not null and split_part(w.verdict, ':', 2) <> split_part(t.verdict, ':', 2)
     on conflict do nothing)
   update message_work as w set state = 'waiting', lease_until = null, verdict = t.verdict, due_at = t.due_at,
     crashes = w.crashes + t.crashed
   from unnest($2::uuid[], $3::text[], $4::bigint[], $6::int[]) with ordinality as t (id, verdict, due_at, crashed, nr)
   where t.nr * 0 = 0 and w.shop_id = $1 and w.message_id = t.id`,
)

export interface Held {
  readonly id: MessageId
  readonly verdict: string
  readonly until: Instant
  readonly crashed: 0 | 1
}

/** Puts messages back until the gate may look at them again. */
export async function holdMessages(
  tx: Tx,
  shop: ShopId,
  messages: readonly Held[],
  now: Instant,
): Promise<void> {
  if (messages.length === 0) return
  const [ids, verdicts, until, crashed] = columns(
    messages,
    (m) => m.id,
    (m) => m.verdict,
    (m) => m.until,
    (m) => m.crashed,
  )
  await run(tx, hold, [shop, ids, verdicts, until, now, crashed])
}

// A call of which nobody knows how it ended may have been received: such a message is not "not sent". Calls are
// counted in `tries` before they are made and leave an attempt when their end is known.
const finish = sql(
  'work_finish',
  `with gone as (
     delete from message_work as w
     using unnest($2::uuid[], $3::text[], $4::text[], $6::text[]) with ordinality as t (id, state, verdict, code, nr)
     where t.nr * 0 = 0 and w.shop_id = $1 and w.message_id = t.id
     returning t.*, w.tries, w.gate_snapshot,
       -- calls that were begun and never settled: somebody may have got the message
       w.tries - case when w.tries = 0 then 0 else (
         select count(*) from attempt as a where a.shop_id = $1 and a.message_id = t.id and a.fate <> 'unknown') end as lost)
   update message as m set verdict = gone.verdict, settled_at = $5, attempts = gone.tries,
     gate_snapshot = gone.gate_snapshot,
     state = case when gone.state = 'dropped' and gone.lost > 0 then 'unknown' else gone.state end,
     fate_code = case when gone.state = 'dropped' and gone.lost > 0 then coalesce(gone.code, 'worker_lost') else gone.code end
   from gone where m.shop_id = $1 and m.id = gone.id`,
)

export interface Finished {
  readonly id: MessageId
  readonly state: 'dropped' | 'unknown' | 'poison'
  readonly verdict: string
  readonly code: string | null
}

/** Ends messages at the gate: dropped, of unknown outcome, or set aside after too many crashes. */
export async function finishMessages(
  tx: Tx,
  shop: ShopId,
  messages: readonly Finished[],
  now: Instant,
): Promise<void> {
  if (messages.length === 0) return
  const [ids, states, verdicts, codes] = columns(
    messages,
    (m) => m.id,
    (m) => m.state,
    (m) => m.verdict,
    (m) => m.code,
  )
  await run(tx, finish, [shop, ids, states, verdicts, now, codes])
}

/** A message in our hands: the fence says whether it still is. */
export interface Claimed {
  readonly id: MessageId
  readonly fence: number
}

const call = sql<{ message_id: MessageId }>(
  'work_call',
  `with called as (
     update message_work as w set state = 'calling', tries = w.tries + 1,
       lease_until = clock_timestamp() + $5 * interval '1 ms'
     from unnest($2::uuid[], $3::int[], $4::bytea[]) with ordinality as t (id, fence, body, nr)
     where t.nr * 0 = 0 and w.shop_id = $1 and w.message_id = t.id and w.fence = t.fence and w.state = 'claimed'
       and w.lease_until > clock_timestamp()
     returning w.message_id, t.body),
   kept as (
     insert into message_body (shop_id, message_id, body)
     select $1, message_id, body from called where body is not null
     -- words of a call that was put back unused: nobody has read them
     on conflict (shop_id, message_id) do update set body = excluded.body)
   select message_id from called`,
)

/**
 * Commits "we are about to use the socket", with the words. Gives those that are still ours: only these may be
 * handed over. A crash after this is an unknown outcome.
 */
export async function beginCalls(
  db: Db,
  shop: ShopId,
  messages: readonly (Claimed & { readonly body: Buffer | null })[],
  lease: Millis,
): Promise<ReadonlySet<MessageId>> {
  const [ids, fences, bodies] = columns(
    messages,
    (m) => m.id,
    (m) => m.fence,
    (m) => m.body,
  )
  const rows = await run(db, call, [shop, ids, fences, bodies, lease])
  return new Set(rows.map((row) => row.message_id))
}

const giveBack = sql(
  'work_give_back',
  `update message_work as w set state = 'waiting', lease_until = null,
     tries = w.tries - case when w.state = 'calling' then 1 else 0 end
   from unnest($2::uuid[], $3::int[]) with ordinality as t (id, fence, nr)
   where t.nr * 0 = 0 and w.shop_id = $1 and w.message_id = t.id and w.fence = t.fence and (w.state = 'claimed' or $4 and w.state = 'calling')`,
)

/** Returns claims, and with `begun` also begun calls whose socket was never used: the gate looks at them anew. */
export function giveBackClaims(
  db: Queryable,
  shop: ShopId,
  messages: readonly Claimed[],
  begun = false,
): Promise<number> {
  if (messages.length === 0) return Promise.resolve(0)
  return runCount(db, giveBack, [
    shop,
    ...columns(
      messages,
      (m) => m.id,
      (m) => m.fence,
    ),
    begun,
  ])
}

const beat = sql(
  'work_heartbeat',
  `update message_work as w set lease_until = clock_timestamp() + $4 * interval '1 ms'
   from unnest($2::uuid[], $3::int[]) with ordinality as t (id, fence, nr)
   where t.nr * 0 = 0 and w.shop_id = $1 and w.message_id = t.id and w.fence = t.fence and w.lease_until > clock_timestamp()`,
)

/** Lengthens leases that have not run out yet. */
export function heartbeat(
  db: Queryable,
  shop: ShopId,
  messages: readonly Claimed[],
  lease: Millis,
): Promise<number> {
  return runCount(db, beat, [
    shop,
    ...columns(
      messages,
      (m) => m.id,
      (m) => m.fence,
    ),
    lease,
  ])
}
