import type { LeftOut } from '../domain/flow/left-out.ts'
import type { StepCost } from '../domain/flow/step-cost.ts'
import type { CustomerId, EventId, OrderId, RunId, ShopId } from '../domain/ids.ts'
import { type Instant, MINUTE, type Millis } from '../domain/time.ts'
import { columns } from './columns.ts'
import { type Queryable, run, runCount, sql, type Tx } from './connect.ts'

export interface RunRow {
  readonly id: RunId
  readonly flow: string
  readonly version: number
  readonly subject_id: string
  readonly order_id: OrderId | null
  readonly customer_id: CustomerId | null
  readonly event_id: EventId
  readonly iteration: string
  readonly status: string
  readonly step: string | null
  readonly due_at: Instant | null
  readonly waiting_for: readonly string[] | null
  readonly arm: string
  readonly progress: {
    readonly stepsDone: number
    readonly visits: Readonly<Record<string, number>>
    readonly since?: Instant | null
    /** See `RunState`. */
    readonly costs?: Readonly<Record<string, readonly StepCost[]>>
    readonly arms?: Readonly<Record<string, string>>
    readonly leftOut?: Readonly<Record<string, readonly LeftOut[]>>
    /** What the run has heard, told or not. */
    readonly heard?: { readonly type: string; readonly at: Instant; readonly about?: readonly string[] }
    /** When the timer was to come, had not `heard` brought it forward. */
    readonly due?: Instant
  }
  /** Keyed hashes of what the run listens for beside its order's own events; `null`: nothing. */
  readonly topics: readonly string[] | null
  /** News that is to reach it when it waits for it: at its next timer, where it does so now. */
  readonly heard: EventId | null
  readonly stop_reason: string | null
  readonly started_at: Instant
}

const FIELDS = `id, flow, version, subject_id, order_id, customer_id, event_id, iteration, status, step, due_at,
  waiting_for, arm, progress, topics, heard, stop_reason, started_at`

// Lock order: the caller holds the orders' locks already; runs come second, messages last.
const ofOrders = sql<RunRow>(
  'run_of_orders',
  `select ${FIELDS} from run where shop_id = $1 and subject_id = any($2::uuid[]) order by id for update`,
)

/** Locks and reads every run about these orders or other subjects, ended ones included. */
export function lockRunsOf(tx: Tx, shop: ShopId, subjects: readonly string[]): Promise<readonly RunRow[]> {
  return run(tx, ofOrders, [shop, subjects])
}

const dueOrders = sql<{ id: RunId; order_id: OrderId | null }>(
  'run_due_orders',
  'select id, order_id from run where shop_id = $1 and due_at <= $2 order by due_at limit $3',
)

/** Runs whose timer has come, unlocked: first their orders are locked, then the runs. */
export function peekDueRuns(
  db: Queryable,
  shop: ShopId,
  now: Instant,
  limit: number,
): Promise<readonly { readonly id: RunId; readonly order_id: OrderId | null }[]> {
  return run(db, dueOrders, [shop, now, limit])
}

const claimDue = sql<RunRow>(
  'run_claim_due',
  `select ${FIELDS} from run
   where shop_id = $1 and id = any($2::uuid[]) and due_at <= $3 order by id for update skip locked`,
)

/** Of these runs, the ones still due and not in anybody's hands, locked for this transaction. */
export function claimDueRuns(
  tx: Tx,
  shop: ShopId,
  ids: readonly RunId[],
  now: Instant,
): Promise<readonly RunRow[]> {
  return run(tx, claimDue, [shop, ids, now])
}

const add = sql<{ id: RunId }>(
  'run_add',
  `insert into run (shop_id, id, flow, version, subject_id, order_id, customer_id, event_id, iteration, status, step,
     due_at, waiting_for, arm, progress, stop_reason, started_at, updated_at, topics, heard)
   select $1, id, flow, version, subject_id, order_id, customer_id, event_id, iteration, status, step,
     due_at, string_to_array(waiting_for, ','), arm, progress::jsonb, stop_reason, started_at, $17,
     string_to_array(topics, ','), heard
   from unnest($2::uuid[], $3::text[], $4::int[], $5::uuid[], $6::uuid[], $7::uuid[], $8::uuid[], $9::text[], $10::text[],
     $11::text[], $12::bigint[], $13::text[], $14::text[], $15::text[], $16::text[], $18::bigint[], $19::text[],
     $20::uuid[])
     as t (id, flow, version, subject_id, order_id, customer_id, event_id, iteration, status, step,
       due_at, waiting_for, arm, progress, stop_reason, started_at, topics, heard)
   on conflict (shop_id, subject_id, flow, iteration) do nothing
   returning id`,
)

/** Starts runs; one that already exists for its (subject, flow, iteration) is left out. Gives the ids of those started. */
export async function addRuns(
  tx: Tx,
  shop: ShopId,
  runs: readonly RunRow[],
  now: Instant,
): Promise<ReadonlySet<RunId>> {
  if (runs.length === 0) return new Set()
  const values = columns(
    runs,
    (r) => r.id,
    (r) => r.flow,
    (r) => r.version,
    (r) => r.subject_id,
    (r) => r.order_id,
    (r) => r.customer_id,
    (r) => r.event_id,
    (r) => r.iteration,
    (r) => r.status,
    (r) => r.step,
    (r) => r.due_at,
    (r) => r.waiting_for?.join(',') ?? null,
    (r) => r.arm,
    (r) => JSON.stringify(r.progress),
    (r) => r.stop_reason,
  )
  const rows = await run(tx, add, [
    shop,
    ...values,
    now,
    runs.map((r) => r.started_at),
    runs.map((r) => r.topics?.join(',') ?? null),
    runs.map((r) => r.heard),
  ])
  return new Set(rows.map((row) => row.id))
}

const save = sql(
  'run_save',
  `update run set status = t.status, step = t.step, due_at = t.due_at,
     waiting_for = string_to_array(t.waiting_for, ','), progress = t.progress::jsonb,
     stop_reason = t.stop_reason, topics = string_to_array(t.topics, ','), heard = t.heard, updated_at = $9
   from unnest($2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::text[], $10::text[], $11::uuid[]) with ordinality
     as t (id, status, step, due_at, waiting_for, progress, stop_reason, topics, heard, nr)
   where t.nr * 0 = 0 and run.shop_id = $1 and run.id = t.id`,
)

/** Writes runs as they now stand. The caller holds their locks. */
export async function saveRuns(tx: Tx, shop: ShopId, runs: readonly RunRow[], now: Instant): Promise<void> {
  if (runs.length === 0) return
  const values = columns(
    runs,
    (r) => r.id,
    (r) => r.status,
    (r) => r.step,
    (r) => r.due_at,
    (r) => r.waiting_for?.join(',') ?? null,
    (r) => JSON.stringify(r.progress),
    (r) => r.stop_reason,
  )
  await run(tx, save, [
    shop,
    ...values,
    now,
    runs.map((r) => r.topics?.join(',') ?? null),
    runs.map((r) => r.heard),
  ])
}

// Found by the index run_topics, locked in the order of ids like everywhere, so that two pieces of news cannot block
// each other for good. The newest news counts. Whoever waits for it looks at once, the others when they get there. A
// shop may tell of its stock with every sale: what keeps the same news already is not written again for a while, unless
// its flow asks what exactly the news says. What a flow never waits for takes the place of nothing, but that goods are
// back ends what was kept of their running low; and news of other goods does not push out what is waited for now.
const hear = sql(
  'run_hear',
  `with found as materialized (
     select id, coalesce(waiting_for @> array[$3::text], false) as waits from run
     where shop_id = $1 and topics && $2::text[] and due_at is not null
       and (heard is null or flow = any($6::text[]) or progress->'heard'->>'type' is distinct from $3::text
         or (progress->'heard'->>'at')::bigint <= $5::bigint - $7::bigint)
       and (not flow || '@' || version = any($8::text[])
         or ($3 = 'stock.back' and heard is not null and progress->'heard'->>'type' = 'stock.low'
           and coalesce(progress->'heard'->'about' ?| $2::text[], true)))
       and not (heard is not null and coalesce(waiting_for @> array[progress->'heard'->>'type'], false)
         and not waiting_for @> array[$3::text] and not coalesce(progress->'heard'->'about' ?| $2::text[], true))
     order by id for update)
   update run set heard = $4, due_at = case when waits then $5 else due_at end, updated_at = $5,
     progress = case when waits then jsonb_build_object('due', due_at) else '{}' end || run.progress
       || jsonb_build_object('heard', jsonb_build_object('type', $3::text, 'at', $5::bigint, 'about', $2::text[]))
   from found where run.shop_id = $1 and run.id = found.id`,
)

/** For how long the same news, kept and not yet told, is not kept anew. */
const NO_NEWER_FOR: Millis = 10 * MINUTE

/** Tells the runs that listen for these topics (`exact`: flows to which each piece matters; `deaf`: `key@version` of those that never wait for it), and brings the timers of those that wait for this type forward to `now`. */
export function hearEvent(
  tx: Tx,
  shop: ShopId,
  news: {
    readonly event: EventId
    readonly type: string
    readonly topics: readonly string[]
    readonly exact: readonly string[]
    readonly deaf: readonly string[]
  },
  now: Instant,
): Promise<number> {
  return runCount(tx, hear, [
    shop,
    news.topics,
    news.type,
    news.event,
    now,
    news.exact,
    NO_NEWER_FOR,
    news.deaf,
  ])
}

/** A run with the instant of its last change: of one that has ended, its end. */
export type ToldRun = RunRow & { readonly updated_at: Instant }

const ofOrder = sql<ToldRun>(
  'run_of_order',
  `select ${FIELDS}, updated_at from run where shop_id = $1 and subject_id = $2 order by id`,
)

/** Every run about an order or event, oldest first. */
export function runsOf(db: Queryable, shop: ShopId, subject: string): Promise<readonly ToldRun[]> {
  return run(db, ofOrder, [shop, subject])
}
