import type { MessageId, ShopId } from '../domain/ids.ts'
import type { Millis } from '../domain/time.ts'
import { columns } from './columns.ts'
import { type Db, type Queryable, run, runCount, sql } from './connect.ts'

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
     where w.shop_id = $1 + (t.nr * 0)::int and w.message_id = t.id and w.fence = t.fence and w.state = 'claimed'
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
   where w.shop_id = $1 + (t.nr * 0)::int and w.message_id = t.id and w.fence = t.fence and (w.state = 'claimed' or $4 and w.state = 'calling')`,
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

// What is locked is being begun, settled or given back at this moment: it needs no longer lease, and waiting for it
// while holding others could end in a deadlock.
const beat = sql(
  'work_heartbeat',
  `with ours as materialized (
     select w.message_id, t.nr
     from unnest($2::uuid[], $3::int[]) with ordinality as t (id, fence, nr)
     join message_work as w on w.shop_id = $1 + (t.nr * 0)::int and w.message_id = t.id and w.fence = t.fence
     where w.lease_until > clock_timestamp()
     for update of w skip locked)
   update message_work as w set lease_until = clock_timestamp() + $4 * interval '1 ms'
   from ours where w.shop_id = $1 + (ours.nr * 0)::int and w.message_id = ours.message_id`,
)

/** Lengthens leases that have not run out yet, but for those of messages that are just being written. */
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
