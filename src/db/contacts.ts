import type { ContactId, CustomerId, Id, ShopId } from '../domain/ids.ts'
import type { Channel } from '../domain/message.ts'
import type { Instant } from '../domain/time.ts'
import { columns } from './columns.ts'
import { type Queryable, run, runCount, sql, type Tx } from './connect.ts'

export interface ContactRow {
  readonly id: ContactId
  readonly customer_id: CustomerId | null
  readonly member_id: Id<'mem'> | null
  readonly channel: Channel
  readonly address_index: Buffer
  readonly address: Buffer
  readonly verified: string
  readonly state: string
  readonly consent: readonly string[]
}

export interface ContactToKeep {
  readonly id: ContactId
  readonly customer: CustomerId
  readonly channel: Channel
  readonly index: Buffer
  readonly address: Buffer
  readonly verified: string
}

// An address that is known keeps its row: the update changes nothing and only gives the row back, locked.
const keep = sql<Omit<ContactRow, 'address'>>(
  'contact_keep',
  `insert into contact (shop_id, id, customer_id, channel, address_index, address, verified, created_at)
   select $1, id, customer_id, channel, address_index, address, verified, $8
   from unnest($2::uuid[], $3::uuid[], $4::text[], $5::bytea[], $6::bytea[], $7::text[])
     as t (id, customer_id, channel, address_index, address, verified)
   order by channel, address_index
   on conflict (shop_id, channel, address_index) do update
     set customer_id = coalesce(contact.customer_id, excluded.customer_id)
   returning id, customer_id, member_id, channel, address_index, verified, state, consent`,
)

/** Adds addresses that are new and gives the row that holds for each. Addresses must be distinct. */
export function keepContacts(
  tx: Tx,
  shop: ShopId,
  contacts: readonly ContactToKeep[],
  now: Instant,
): Promise<readonly Omit<ContactRow, 'address'>[]> {
  return run(tx, keep, [
    shop,
    ...columns(
      contacts,
      (c) => c.id,
      (c) => c.customer,
      (c) => c.channel,
      (c) => c.index,
      (c) => c.address,
      (c) => c.verified,
    ),
    now,
  ])
}

const byCustomer = sql<ContactRow>(
  'contact_by_customer',
  `select id, customer_id, member_id, channel, address_index, address, verified, state, consent
   from contact where shop_id = $1 and customer_id = any($2::uuid[]) order by id`,
)

/** All addresses of these customers. */
export function contactsOfCustomers(
  db: Queryable,
  shop: ShopId,
  customers: readonly CustomerId[],
): Promise<readonly ContactRow[]> {
  return run(db, byCustomer, [shop, customers])
}

const byId = sql<ContactRow>(
  'contact_by_id',
  `select id, customer_id, member_id, channel, address_index, address, verified, state, consent
   from contact where shop_id = $1 and id = any($2::uuid[])`,
)

export function readContacts(
  db: Queryable,
  shop: ShopId,
  ids: readonly ContactId[],
): Promise<readonly ContactRow[]> {
  return run(db, byId, [shop, ids])
}

const byIndex = sql<ContactRow>(
  'contact_by_index',
  `select id, customer_id, member_id, channel, address_index, address, verified, state, consent
   from contact where shop_id = $1 and channel = $2 and address_index = $3`,
)

/** The contact with this address (as its blind index), or `null`. */
export async function findContact(
  db: Queryable,
  shop: ShopId,
  channel: Channel,
  index: Buffer,
): Promise<ContactRow | null> {
  return (await run(db, byIndex, [shop, channel, index]))[0] ?? null
}

const setState = sql(
  'contact_set_state',
  `update contact set state = $3, state_reason = $4, state_at = $5
   where shop_id = $1 and id = $2 and state <> $3`,
)

/** `ok`, `suppressed` (dead address) or `unsubscribed`; gives whether it changed. */
export async function setContactState(
  db: Queryable,
  shop: ShopId,
  contact: ContactId,
  state: 'ok' | 'suppressed' | 'unsubscribed',
  reason: string,
  now: Instant,
): Promise<boolean> {
  return (await runCount(db, setState, [shop, contact, state, reason, now])) > 0
}

export interface CustomerRow {
  readonly id: CustomerId
  readonly profile: Buffer
  readonly locale: string | null
  readonly time_zone: string | null
  readonly segment: string | null
  readonly preferences: { readonly pausedUntil?: Instant | null; readonly off?: readonly string[] }
  readonly merged_into: CustomerId | null
}

const addCustomers = sql(
  'customer_add',
  `insert into customer (shop_id, id, profile, locale, time_zone, segment, created_at)
   select $1, id, profile, locale, time_zone, segment, $7
   from unnest($2::uuid[], $3::bytea[], $4::text[], $5::text[], $6::text[]) as t (id, profile, locale, time_zone, segment)
   order by id
   on conflict (shop_id, id) do update set profile = excluded.profile, locale = excluded.locale,
     time_zone = excluded.time_zone, segment = excluded.segment`,
)

export interface CustomerToSave {
  readonly id: CustomerId
  readonly profile: Buffer
  readonly locale: string | null
  readonly timeZone: string | null
  readonly segment: string | null
}

/** Adds customers, or writes their profile anew; preferences are never touched. */
export async function saveCustomers(
  tx: Tx,
  shop: ShopId,
  customers: readonly CustomerToSave[],
  now: Instant,
): Promise<void> {
  if (customers.length === 0) return
  await run(tx, addCustomers, [
    shop,
    ...columns(
      customers,
      (c) => c.id,
      (c) => c.profile,
      (c) => c.locale,
      (c) => c.timeZone,
      (c) => c.segment,
    ),
    now,
  ])
}

const customersById = sql<CustomerRow>(
  'customer_by_id',
  `select id, profile, locale, time_zone, segment, preferences, merged_into
   from customer where shop_id = $1 and id = any($2::uuid[])`,
)

export function readCustomers(
  db: Queryable,
  shop: ShopId,
  ids: readonly CustomerId[],
): Promise<readonly CustomerRow[]> {
  return run(db, customersById, [shop, ids])
}

const survivors = sql<{ id: CustomerId; survivor: CustomerId }>(
  'customer_survivors',
  `select id, merged_into as survivor from customer
   where shop_id = $1 and id = any($2::uuid[]) and merged_into is not null`,
)

/** Whom those of these customers who have become part of another were merged into; who has not is not named. */
export async function survivorsOf(
  db: Queryable,
  shop: ShopId,
  ids: readonly CustomerId[],
): Promise<ReadonlyMap<CustomerId, CustomerId>> {
  const rows = await run(db, survivors, [shop, ids])
  return new Map(rows.map(({ id, survivor }) => [id, survivor]))
}

/** A customer is merged into one that is merged into one …: more hops than this are a circle, a fault of ours. */
export const MERGES = 10

/**
 * The customers of `$2` whom no merge absorbs before the caller commits, as `here`: a merge waits for these locks. Whom
 * one has in hand already is left out and not waited for, since the gate holds messages that the merge's transaction may
 * want next. The weakest lock there is, so that gates do not wait for each other.
 */
export const HERE_TO_STAY = `here as materialized (
     select id from customer where shop_id = $1 and id = any($2::uuid[]) and merged_into is null
     order by id for key share skip locked)`

// Before anything of theirs is read: what a gate has reserved for them is committed then, and none reserves meanwhile.
const lockForMerge = sql(
  'customer_merge_lock',
  'select id from customer where shop_id = $1 and (id = $2 or id = any($3::uuid[])) order by id for update',
)
const moveContacts = sql(
  'customer_merge_contacts',
  'update contact set customer_id = $2 where shop_id = $1 and customer_id = any($3::uuid[])',
)
const moveOrders = sql(
  'customer_merge_orders',
  'update orders set customer_id = $2 where shop_id = $1 and customer_id = any($3::uuid[])',
)
const moveMessages = sql(
  'customer_merge_messages',
  `update message set customer_id = $2 where shop_id = $1 and state = 'waiting'
     and order_id = any(array(select id from orders where shop_id = $1 and customer_id = any($3::uuid[])))`,
)
const mergePreferences = sql(
  'customer_merge_preferences',
  `update customer as c set preferences = jsonb_build_object(
     'off', (select coalesce(jsonb_agg(distinct word), '[]') from customer as a, jsonb_array_elements(coalesce(a.preferences->'off', '[]')) as word
             where a.shop_id = $1 and (a.id = $2 or a.id = any($3::uuid[]))),
     'pausedUntil', (select max((a.preferences->>'pausedUntil')::bigint) from customer as a
             where a.shop_id = $1 and (a.id = $2 or a.id = any($3::uuid[])))),
     segment = coalesce(c.segment, (select max(a.segment) from customer as a where a.shop_id = $1 and a.id = any($3::uuid[])))
   where c.shop_id = $1 and c.id = $2`,
)
// Slots move, they are not copied: whoever gives one back meanwhile waits for the row's lock, finds no row any more and
// looks for the survivor's. Locked in the order in which they are given back.
const mergeCaps = sql(
  'customer_merge_caps',
  `with own as materialized (
     select customer_id, day from cap where shop_id = $1 and customer_id = any($3::uuid[])
     order by customer_id, day for update),
   moved as (
     delete from cap using own where cap.shop_id = $1 and cap.customer_id = own.customer_id and cap.day = own.day
     returning cap.day, cap.used)
   insert into cap (shop_id, customer_id, day, used)
   select $1, $2, day, sum(used) from moved group by day
   on conflict (shop_id, customer_id, day) do update set used = cap.used + excluded.used`,
)
const mergeCounters = sql(
  'customer_merge_counters',
  `with own as materialized (
     select holder, counter from cap_slot where shop_id = $1 and holder = any($3::uuid[])
     order by holder, counter for update),
   moved as (
     delete from cap_slot as c using own where c.shop_id = $1 and c.holder = own.holder and c.counter = own.counter
     returning c.counter, c.taken, c.most, c.since, c.touched_at)
   insert into cap_slot (shop_id, holder, counter, taken, most, since, touched_at)
   select $1, $2, c.counter, jsonb_object_agg(e.key, e.value), max(c.most), max(c.since), max(c.touched_at)
   from moved as c cross join lateral jsonb_each(c.taken) as e group by c.counter
   on conflict (shop_id, holder, counter) do update set taken = cap_slot.taken || excluded.taken`,
)
const markMerged = sql(
  'customer_merge_mark',
  'update customer set merged_into = $2 where shop_id = $1 and id = any($3::uuid[])',
)

/**
 * One person was two customers: addresses, orders, waiting messages, refusals and used caps become the
 * survivor's. The stricter wish of both holds.
 */
export async function mergeCustomers(
  tx: Tx,
  shop: ShopId,
  survivor: CustomerId,
  absorbed: readonly CustomerId[],
): Promise<void> {
  const values = [shop, survivor, absorbed]
  await run(tx, lockForMerge, values)
  await Promise.all(
    [moveContacts, moveMessages, moveOrders, mergePreferences, mergeCaps, mergeCounters, markMerged].map(
      (statement) => run(tx, statement, values),
    ),
  )
}

/** Gives one customer all addresses of another, and nothing else. */
export async function adoptContacts(
  tx: Tx,
  shop: ShopId,
  customer: CustomerId,
  from: CustomerId,
): Promise<void> {
  await run(tx, moveContacts, [shop, customer, [from]])
}

// A merge that is under way is waited for: what it has absorbed is not written any more.
const setPreferences = sql(
  'customer_set_preferences',
  'update customer set preferences = $3 where shop_id = $1 and id = $2 and merged_into is null',
)

/** Replaces what the person chose; `false` when the customer is, or is just becoming, part of another. */
export async function savePreferences(
  db: Queryable,
  shop: ShopId,
  customer: CustomerId,
  preferences: CustomerRow['preferences'],
): Promise<boolean> {
  return (await runCount(db, setPreferences, [shop, customer, preferences])) > 0
}
