import type { FailureClass, RetryAdvice } from '../domain/failure-class.ts'
import type { ShopId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import { columns } from './columns.ts'
import { type Queryable, run, runCount, sql, type Tx } from './connect.ts'

export interface OverrideRow {
  readonly rail: string
  readonly code: string
  readonly class: FailureClass
  readonly advice: RetryAdvice
  /** Who decided it, as the audit log names them. */
  readonly set_by: string
  readonly set_at: Instant
}

const list = sql<OverrideRow>(
  'failure_override_list',
  `select rail, code, class, advice, set_by, set_at from failure_override where shop_id = $1 order by rail, code`,
)

/** What the shop has decided about codes instead of the table. */
export function listOverrides(db: Queryable, shop: ShopId): Promise<readonly OverrideRow[]> {
  return run(db, list, [shop])
}

const put = sql(
  'failure_override_put',
  `insert into failure_override (shop_id, rail, code, class, advice, set_by, set_at)
   values ($1, $2, $3, $4, $5, $6, $7)
   on conflict (shop_id, rail, code) do update set class = excluded.class, advice = excluded.advice,
     set_by = excluded.set_by, set_at = excluded.set_at`,
)

/** Decides a code for the shop; the primary key makes the later of two win. The caller bumps the configuration. */
export async function putOverride(tx: Tx, shop: ShopId, row: OverrideRow): Promise<void> {
  await run(tx, put, [shop, row.rail, row.code, row.class, row.advice, row.set_by, row.set_at])
}

const drop = sql(
  'failure_override_drop',
  'delete from failure_override where shop_id = $1 and rail = $2 and code = $3',
)

/** Gives the code back to the table; `false` when the shop had decided nothing about it. */
export async function dropOverride(tx: Tx, shop: ShopId, rail: string, code: string): Promise<boolean> {
  return (await runCount(tx, drop, [shop, rail, code])) > 0
}

export interface UnknownCodeRow {
  readonly rail: string
  readonly code: string
  readonly seen: number
  readonly first_at: Instant
  readonly last_at: Instant
}

/** Different codes kept for a shop. A sender that writes free text where a code belongs must not fill the table. */
export const UNKNOWN_CODES_KEPT = 1_000

// Rows are taken in the order of the key, so that two transactions that count the same codes cannot wait for each
// other; and last in a transaction, after orders, runs and messages.
const count = sql(
  'unknown_failure_code_count',
  `insert into unknown_failure_code (shop_id, rail, code, seen, first_at, last_at)
   select $1, t.rail, t.code, t.seen, t.first_at, t.last_at
   from unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[])
     as t (rail, code, seen, first_at, last_at)
   where (select count(*) from unknown_failure_code as k where k.shop_id = $1) < $7
      or exists (select from unknown_failure_code as k where k.shop_id = $1 and k.rail = t.rail and k.code = t.code)
   order by t.rail, t.code
   on conflict (shop_id, rail, code) do update set seen = unknown_failure_code.seen + excluded.seen,
     first_at = least(unknown_failure_code.first_at, excluded.first_at),
     last_at = greatest(unknown_failure_code.last_at, excluded.last_at)`,
)

/** Adds to the counts; each (rail, code) at most once in `rows`. */
export async function countUnknownCodes(
  tx: Tx,
  shop: ShopId,
  rows: readonly UnknownCodeRow[],
): Promise<void> {
  const of = columns(
    rows,
    (row) => row.rail,
    (row) => row.code,
    (row) => row.seen,
    (row) => row.first_at,
    (row) => row.last_at,
  )
  await run(tx, count, [shop, ...of, UNKNOWN_CODES_KEPT])
}

const unknown = sql<UnknownCodeRow>(
  'unknown_failure_code_list',
  `select rail, code, seen, first_at, last_at from unknown_failure_code
   where shop_id = $1 order by last_at desc, rail, code limit $2`,
)

/** Codes that nobody knew when they came, the latest first. */
export function listUnknownCodes(
  db: Queryable,
  shop: ShopId,
  limit: number,
): Promise<readonly UnknownCodeRow[]> {
  return run(db, unknown, [shop, limit])
}
