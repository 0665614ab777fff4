import type { ShopId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import { type Db, type Queryable, runCount, type Statement, sql } from './connect.ts'
import { dropOldParts, firstId } from './partitions.ts'
import { listShops } from './shops.ts'
import { forgetShortCodes } from './short-codes.ts'

const MANY = 5_000

// In bites, so that no statement holds its locks for long; the row ids spare an index on the time.
const eventKeys = sql(
  'retention_event_keys',
  `delete from event_key where shop_id = $1 and ctid = any(array(
     select ctid from event_key where shop_id = $1 and received_at < $2 limit $3))`,
)
const conflicts = sql(
  'retention_conflicts',
  `delete from event_conflict where shop_id = $1 and ctid = any(array(
     select ctid from event_conflict where shop_id = $1 and received_at < $2 limit $3))`,
)
const noted = sql(
  'retention_noted',
  `delete from event_noted where shop_id = $1 and ctid = any(array(
     select ctid from event_noted where shop_id = $1 and event_id < $2 limit $3))`,
)
const refusals = sql(
  'retention_refusals',
  `delete from intake_refusal where shop_id = $1 and ctid = any(array(
     select ctid from intake_refusal where shop_id = $1 and at < $2 limit $3))`,
)
const inquiries = sql(
  'retention_inquiries',
  `delete from inquiry where shop_id = $1 and ctid = any(array(
     select ctid from inquiry where shop_id = $1 and due_at is null and started_at < $2 limit $3))`,
)
const capDays = sql(
  'retention_cap_days',
  `delete from cap where shop_id = $1 and ctid = any(array(
     select ctid from cap where shop_id = $1 and day < to_timestamp($2::bigint / 1000.0)::date limit $3))`,
)
const capSlots = sql(
  'retention_cap_slots',
  `delete from cap_slot where shop_id = $1 and ctid = any(array(
     select ctid from cap_slot where shop_id = $1 and touched_at < $2 limit $3))`,
)
// What rules remember matters for twice their window and no longer.
const windows = sql(
  'retention_rule_windows',
  `delete from rule_window where shop_id = $1 and ctid = any(array(
     select ctid from rule_window where shop_id = $1 and expires_at < $2 limit $3))`,
)
const cardTries = sql(
  'retention_card_tries',
  `delete from card_try where shop_id = $1 and ctid = any(array(
     select ctid from card_try where shop_id = $1 and at < $2 limit $3))`,
)
const codes = sql(
  'retention_codes',
  `delete from code_ask where shop_id = $1 and ctid = any(array(
     select ctid from code_ask where shop_id = $1 and expires_at < $2 limit $3))`,
)
// What lies in the default parts: rows made before the months had parts of their own.
const restEvents = sql('retention_rest_events', restOf('event_rest', 'id'))
const restBodies = sql('retention_rest_bodies', restOf('message_body_rest', 'message_id'))
const restAttempts = sql('retention_rest_attempts', restOf('attempt_rest', 'message_id'))
const restVerdicts = sql('retention_rest_verdicts', restOf('verdict_history_rest', 'message_id'))

function restOf(table: string, id: string): string {
  return `delete from ${table} where shop_id = $1 and ${id} in (
    select ${id} from ${table} where shop_id = $1 and ${id} < $2 limit $3)`
}

export interface Retention {
  /** Instants before which things go; `null`: kept for ever. */
  readonly eventKeys: Instant | null
  readonly events: Instant | null
  readonly bodies: Instant | null
  /** No cap looks back further than this. */
  readonly caps: Instant
  /** For what carries its own end. */
  readonly now: Instant
  /** Short codes that ended before this. */
  readonly shortCodes?: Instant
  /** Tries by card, for the schemes' windows: always. */
  readonly cardTries: Instant
}

/** Deletes what is older than it has to be kept, shop by shop and in small bites; whole months at once. Gives counts. */
export async function forgetOld(
  db: Db,
  before: Retention,
): Promise<{ readonly rows: number; readonly parts: readonly string[] }> {
  const parts: string[] = []
  if (before.events !== null) {
    for (const table of ['event', 'attempt', 'verdict_history'] as const) {
      parts.push(...(await dropOldParts(db, table, before.events)))
    }
  }
  if (before.bodies !== null) parts.push(...(await dropOldParts(db, 'message_body', before.bodies)))
  let rows = 0
  for (const { id } of await listShops(db)) {
    rows += await all(db, capDays, id, before.caps)
    rows += await all(db, capSlots, id, before.caps)
    rows += await all(db, windows, id, before.now)
    rows += await all(db, codes, id, before.now)
    rows += await all(db, cardTries, id, before.cardTries)
    if (before.eventKeys !== null) {
      rows += await all(db, eventKeys, id, before.eventKeys)
    }
    if (before.events !== null) {
      rows += await all(db, conflicts, id, before.events)
      rows += await all(db, refusals, id, before.events)
      rows += await all(db, inquiries, id, before.events)
      for (const rest of [noted, restEvents, restAttempts, restVerdicts])
        rows += await all(db, rest, id, firstId(before.events))
    }
    if (before.shortCodes !== undefined) rows += await forgetShortCodes(db, id, before.shortCodes)
    if (before.bodies !== null) rows += await all(db, restBodies, id, firstId(before.bodies))
  }
  return { rows, parts }
}

async function all(
  db: Queryable,
  statement: Statement<unknown>,
  shop: ShopId,
  before: Instant | string,
): Promise<number> {
  let total = 0
  for (;;) {
    const gone = await runCount(db, statement, [shop, before, MANY])
    total += gone
    if (gone < MANY) return total
  }
}
