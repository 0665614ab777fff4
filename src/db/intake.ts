import type { OrderRef, Trust } from '../domain/event.ts'
import type { ConnectionId, EventId, ShopId } from '../domain/ids.ts'
import type { Instant, Millis } from '../domain/time.ts'
import { columns } from './columns.ts'
import { type Db, run, sql, type Tx, transaction } from './connect.ts'

/** An event ready to be kept: sealed, keyed, with the names whose order it proves paid. */
export interface EventToKeep {
  readonly shop: ShopId
  readonly connection: ConnectionId
  readonly id: EventId
  /** 16 bytes that are the same for the same sender's event id. */
  readonly key: Buffer
  readonly bodyHash: Buffer
  readonly type: string
  readonly trust: Trust
  readonly occurredAt: Instant
  readonly receivedAt: Instant
  readonly body: Buffer
  readonly paidRefs: readonly OrderRef[]
}

/** What became of it. `id` is the kept event's: for a duplicate, the first one's. */
export interface KeptEvent {
  readonly outcome: 'accepted' | 'duplicate' | 'conflict'
  readonly id: EventId
}

const insertKeys = sql<{ event_id: EventId }>(
  'intake_keys',
  `insert into event_key (shop_id, connection_id, key, event_id, body_hash, received_at)
   select * from unnest($1::int[], $2::uuid[], $3::bytea[], $4::uuid[], $5::bytea[], $6::bigint[])
     as t (shop_id, connection_id, key, event_id, body_hash, received_at)
   order by shop_id, connection_id, key
   on conflict do nothing
   returning event_id`,
)

const insertEvents = sql(
  'intake_events',
  `insert into event (shop_id, id, connection_id, type, trust, occurred_at, received_at, body)
   select * from unnest($1::int[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bytea[])`,
)

const insertTodo = sql(
  'intake_todo',
  `insert into todo (shop_id, event_id, received_at)
   select * from unnest($1::int[], $2::uuid[], $3::bigint[])`,
)

// The first proof of payment stands: later ones change nothing, so the marker's transaction id stays the one
// that every later gate snapshot must have seen.
const markPaid = sql(
  'intake_mark_paid',
  `insert into order_ref (shop_id, kind, value, paid_at, paid_event_id, paid_xid)
   select shop_id, kind, value, paid_at, event_id, pg_current_xact_id()
   from unnest($1::int[], $2::text[], $3::text[], $4::bigint[], $5::uuid[]) as t (shop_id, kind, value, paid_at, event_id)
   order by shop_id, kind, value
   on conflict (shop_id, kind, value) do update set
     paid_at = excluded.paid_at, paid_event_id = excluded.paid_event_id, paid_xid = excluded.paid_xid
     where order_ref.paid_at is null`,
)

const findKeys = sql<{
  event_id: EventId
  body_hash: Buffer
  shop_id: ShopId
  connection_id: ConnectionId
  key: Buffer
}>(
  'intake_find_keys',
  `select k.shop_id, k.connection_id, k.key, k.event_id, k.body_hash
   from event_key k
   where k.shop_id = $1 and (k.connection_id, k.key) in (select * from unnest($2::uuid[], $3::bytea[]))`,
)

const insertConflicts = sql(
  'intake_conflicts',
  `insert into event_conflict (shop_id, first_event_id, body_hash, event_id, connection_id, received_at, body, type, occurred_at)
   select * from unnest($1::int[], $2::uuid[], $3::bytea[], $4::uuid[], $5::uuid[], $6::bigint[], $7::bytea[], $8::text[],
     $9::bigint[])
   on conflict do nothing`,
)

/**
 * Keeps a batch of events in one transaction and says of each what it was. When this returns, the batch is on
 * disk. Same (connection, id) with the same body is a duplicate; with another body it is kept as a conflict.
 * `lockTimeout`: how long to wait for an order's name that somebody works on (then SQLSTATE 55P03); 0: as long as any
 * statement may take.
 */
export function keepEvents(
  db: Db,
  items: readonly EventToKeep[],
  lockTimeout: Millis = 0,
): Promise<readonly KeptEvent[]> {
  return transaction(db, async (tx) => {
    // Sent first, so that it holds for the rest.
    const limited =
      lockTimeout > 0 && tx.query("select set_config('lock_timeout', $1, true)", [`${lockTimeout}ms`])
    return (await Promise.all([keepEventsWithin(tx, items), limited]))[0]
  })
}

/** The same inside a transaction that does more: what it decides and the event that tells of it are kept together. */
export async function keepEventsWithin(tx: Tx, items: readonly EventToKeep[]): Promise<readonly KeptEvent[]> {
  const keys = run(
    tx,
    insertKeys,
    columns(
      items,
      (i) => i.shop,
      (i) => i.connection,
      (i) => i.key,
      (i) => i.id,
      (i) => i.bodyHash,
      (i) => i.receivedAt,
    ),
  )
  const fresh = new Set((await keys).map((row) => row.event_id))
  const accepted = items.filter((item) => fresh.has(item.id))
  const [, , , known] = await Promise.all([
    insertAccepted(tx, accepted),
    accepted.length > 0 &&
      run(
        tx,
        insertTodo,
        columns(
          accepted,
          (i) => i.shop,
          (i) => i.id,
          (i) => i.receivedAt,
        ),
      ),
    markOrdersPaid(tx, accepted),
    fresh.size < items.length
      ? settleRepeats(
          tx,
          items.filter((item) => !fresh.has(item.id)),
        )
      : new Map<EventId, KeptEvent>(),
  ])
  return items.map((item) => known.get(item.id) ?? { outcome: 'accepted', id: item.id })
}

async function insertAccepted(tx: Tx, items: readonly EventToKeep[]): Promise<void> {
  if (items.length === 0) return
  await run(
    tx,
    insertEvents,
    columns(
      items,
      (i) => i.shop,
      (i) => i.id,
      (i) => i.connection,
      (i) => i.type,
      (i) => i.trust,
      (i) => i.occurredAt,
      (i) => i.receivedAt,
      (i) => i.body,
    ),
  )
}

async function markOrdersPaid(tx: Tx, items: readonly EventToKeep[]): Promise<void> {
  const marks = new Map<string, { shop: ShopId; ref: OrderRef; at: Instant; event: EventId }>()
  for (const item of items) {
    for (const ref of item.paidRefs) {
      // One row may not be touched twice by one statement; the first proof stands.
      const name = `${item.shop}\0${ref.kind}\0${ref.value}`
      if (!marks.has(name)) marks.set(name, { shop: item.shop, ref, at: item.occurredAt, event: item.id })
    }
  }
  if (marks.size === 0) return
  await run(
    tx,
    markPaid,
    columns(
      [...marks.values()],
      (m) => m.shop,
      (m) => m.ref.kind,
      (m) => m.ref.value,
      (m) => m.at,
      (m) => m.event,
    ),
  )
}

/** Rare road: tells duplicates from conflicts, one statement a shop. */
async function settleRepeats(tx: Tx, items: readonly EventToKeep[]): Promise<Map<EventId, KeptEvent>> {
  const result = new Map<EventId, KeptEvent>()
  const conflicts: { item: EventToKeep; first: EventId }[] = []
  for (const [shop, ofShop] of Map.groupBy(items, (item) => item.shop)) {
    const rows = await run(tx, findKeys, [
      shop,
      ...columns(
        ofShop,
        (i) => i.connection,
        (i) => i.key,
      ),
    ])
    const byKey = new Map(rows.map((row) => [`${row.connection_id}${row.key.toString('hex')}`, row]))
    for (const item of ofShop) {
      const first = byKey.get(`${item.connection}${item.key.toString('hex')}`)!
      const same = first.body_hash.equals(item.bodyHash)
      result.set(item.id, { outcome: same ? 'duplicate' : 'conflict', id: first.event_id })
      if (!same) conflicts.push({ item, first: first.event_id })
    }
  }
  if (conflicts.length > 0) {
    await run(
      tx,
      insertConflicts,
      columns(
        conflicts,
        (c) => c.item.shop,
        (c) => c.first,
        (c) => c.item.bodyHash,
        (c) => c.item.id,
        (c) => c.item.connection,
        (c) => c.item.receivedAt,
        (c) => c.item.body,
        (c) => c.item.type,
        (c) => c.item.occurredAt,
      ),
    )
  }
  return result
}

const insertRefusal = sql(
  'intake_refusal',
  `insert into intake_refusal (shop_id, id, connection_id, at, why, remote_address, body_bytes)
   values ($1, $2, $3, $4, $5, $6, $7)`,
)

export interface Refusal {
  readonly id: EventId
  readonly connection: ConnectionId | null
  readonly at: Instant
  readonly why: string
  readonly remoteAddress: string
  readonly bodyBytes: number
}

/** Records that a request was not authentic: everything about it but its body. */
export async function keepRefusal(db: Db, shop: ShopId, refusal: Refusal): Promise<void> {
  const { id, connection, at, why, remoteAddress, bodyBytes } = refusal
  await run(db, insertRefusal, [shop, id, connection, at, why, remoteAddress, bodyBytes])
}
