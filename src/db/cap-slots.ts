import { type Entry, ofOrder } from '../domain/gate/slot-entry.ts'
import type { ContactId, CustomerId, MessageId, OrderId, ShopId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import { columns } from './columns.ts'
import { type Queryable, run, sql, type Tx } from './connect.ts'
import { HERE_TO_STAY, MERGES, survivorsOf } from './contacts.ts'

/** Whom a counter belongs to. */
export type Holder = CustomerId | ContactId

/** What took the slots of a counter, and when. */
export type Taken = Readonly<Record<Entry, Instant>>

export interface CounterRow {
  readonly holder: Holder
  readonly counter: string
  readonly taken: Taken
}

const read = sql<CounterRow>(
  'cap_slot_read',
  'select holder, counter, taken from cap_slot where shop_id = $1 and holder = any($2::uuid[])',
)

/** All counters of these people and addresses. */
export function readCounters(
  db: Queryable,
  shop: ShopId,
  holders: readonly Holder[],
): Promise<readonly CounterRow[]> {
  return run(db, read, [shop, holders])
}

// A conditional upsert of one row by its primary key: the row's lock lets one worker at a time look and take. Entries
// that have left the window go, so that a row never holds more than `most` that count. A message that had a slot of
// the counter already moves it instead of taking another; those of one order count once. `HERE_TO_STAY` keeps merges
// out; a contact is never merged.
const reserve = sql<{ holder: Holder; counter: string }>(
  'cap_slot_reserve',
  `with ${HERE_TO_STAY}
   insert into cap_slot (shop_id, holder, counter, taken, most, since, touched_at)
   select $1, holder, counter, taken::jsonb, most, since, $7
   from unnest($2::uuid[], $3::text[], $4::text[], $5::int[], $6::bigint[]) as t (holder, counter, taken, most, since)
   where holder in (select id from here) or (
     select true from customer as c where c.shop_id = $1 and c.id = t.holder limit 1) is null
   order by holder, counter
   on conflict (shop_id, holder, counter) do update set
     taken = (select jsonb_object_agg(key, value) from jsonb_each(cap_slot.taken || excluded.taken)
              where value::bigint > excluded.since),
     most = excluded.most, since = excluded.since, touched_at = excluded.touched_at
     where (select count(distinct split_part(key, '/', 1)) from jsonb_each(cap_slot.taken || excluded.taken)
            where value::bigint > excluded.since) <= excluded.most
   returning holder, counter`,
)

export interface SlotsToTake {
  readonly holder: Holder
  readonly counter: string
  readonly taken: Taken
  /** Slots that may be taken after `since`. */
  readonly most: number
  readonly since: Instant
}

/**
 * Takes slots where all asked of a counter still fit, for holders who are no part of another customer nor becoming one;
 * gives the counters that had room. Pairs must be distinct.
 */
export function reserveSlots(
  tx: Tx,
  shop: ShopId,
  slots: readonly SlotsToTake[],
  now: Instant,
): Promise<readonly { readonly holder: Holder; readonly counter: string }[]> {
  return run(tx, reserve, [
    shop,
    ...columns(
      slots,
      (s) => s.holder,
      (s) => s.counter,
      (s) => JSON.stringify(s.taken),
      (s) => s.most,
      (s) => s.since,
    ),
    now,
  ])
}

// By primary key prefix; a holder stands in it once, as one statement may touch a row once only.
const release = sql<{ holder: Holder }>(
  'cap_slot_release',
  `update cap_slot set taken = taken - string_to_array(t.messages, ',')
   from unnest($2::uuid[], $3::text[]) with ordinality as t (holder, messages, nr)
   where t.nr * 0 = 0 and cap_slot.shop_id = $1 and cap_slot.holder = t.holder
     and cap_slot.taken ?| string_to_array(t.messages, ',')
   returning cap_slot.holder`,
)

/** What may hold slots, and with whom. */
export interface Holding {
  readonly id: MessageId
  /** The order whose slot it may share. */
  readonly order: OrderId | null
  readonly holders: readonly (Holder | null)[]
}

/**
 * Gives back every slot that messages hold of these people and addresses; of those who have become part of another, at
 * the survivor, as `releaseCaps` does. Repeatable.
 */
export async function releaseSlots(tx: Queryable, shop: ShopId, messages: readonly Holding[]): Promise<void> {
  let left = new Map<Holder, Entry[]>()
  for (const { id, order, holders } of messages)
    for (const holder of holders)
      if (holder !== null) add(left, holder, order === null ? [id] : [id, ofOrder(order, id)])
  for (let hops = 0; left.size > 0 && hops <= MERGES; hops++) {
    const rows = [...left].sort(([a], [b]) => (a < b ? -1 : 1))
    const released = await run(tx, release, [
      shop,
      ...columns(
        rows,
        ([holder]) => holder,
        ([, ids]) => ids.join(','),
      ),
    ])
    for (const { holder } of released) left.delete(holder)
    if (left.size > 0) left = await ofSurvivors(tx, shop, left)
  }
}

/** Most of them hold nothing, or are addresses, which are never merged. */
async function ofSurvivors(tx: Queryable, shop: ShopId, left: ReadonlyMap<Holder, readonly Entry[]>) {
  const survivors = await survivorsOf(tx, shop, [...left.keys()] as CustomerId[])
  const theirs = new Map<Holder, Entry[]>()
  for (const [id, survivor] of survivors) add(theirs, survivor, left.get(id)!)
  return theirs
}

function add(map: Map<Holder, Entry[]>, holder: Holder, ids: readonly Entry[]): void {
  const own = map.get(holder)
  if (own) own.push(...ids)
  else map.set(holder, [...ids])
}
