import type { ShopId } from '../domain/ids.ts'
import { MOST_SEEN } from '../domain/review/rule.ts'
import type { Instant } from '../domain/time.ts'
import { columns } from './columns.ts'
import { type Queryable, run, runCount, sql, type Tx } from './connect.ts'

export interface RuleRow {
  readonly key: string
  readonly version: number
  readonly enabled: boolean
  readonly definition_hash: Buffer
}

const list = sql<RuleRow>(
  'rule_list',
  `select r.key, r.version, r.enabled, v.definition_hash
   from rule as r join rule_version as v on v.shop_id = $1 and v.key = r.key and v.version = r.version
   where r.shop_id = $1 order by r.key`,
)

/** The shop's rules at their current versions. */
export function listRules(db: Queryable, shop: ShopId): Promise<readonly RuleRow[]> {
  return run(db, list, [shop])
}

const publish = sql(
  'rule_publish',
  `with published as (
     insert into rule (shop_id, key, version, enabled, updated_at)
     select $1, key, 1, enabled <> 0, $5 from unnest($2::text[], $3::int[]) as t (key, enabled)
     on conflict (shop_id, key) do update set version = rule.version + 1, updated_at = excluded.updated_at
     returning key, version)
   insert into rule_version (shop_id, key, version, definition_hash, created_at, created_by)
   select $1, p.key, p.version, t.hash, $5, $6 from published as p join unnest($2::text[], $4::bytea[]) as t (key, hash)
     on t.key = p.key`,
)

/** Makes these definitions the current versions of their rules; a rule that is new is on or off as it says. */
export async function publishRules(
  tx: Tx,
  shop: ShopId,
  rules: readonly { readonly key: string; readonly hash: Buffer; readonly enabled: boolean }[],
  by: string,
  now: Instant,
): Promise<void> {
  if (rules.length === 0) return
  const values = columns(
    rules,
    (r) => r.key,
    (r) => (r.enabled ? 1 : 0),
    (r) => r.hash,
  )
  await run(tx, publish, [shop, ...values, now, by])
}

const enable = sql(
  'rule_enable',
  'update rule set enabled = $3, updated_at = $4 where shop_id = $1 and key = $2',
)

/** Switches a rule; `false`: the shop has no such rule. */
export async function setRuleEnabled(
  tx: Queryable,
  shop: ShopId,
  key: string,
  enabled: boolean,
  now: Instant,
): Promise<boolean> {
  return (await runCount(tx, enable, [shop, key, enabled, now])) > 0
}

// ── What rules have seen ──

export interface SeenRow {
  readonly key: Buffer
  readonly items: readonly string[]
  readonly orders: readonly string[]
  readonly ats: readonly Instant[]
  readonly marks: readonly boolean[]
}

export interface ToSee {
  readonly key: Buffer
  readonly item: string
  readonly order: string
  readonly at: Instant
  readonly mark: boolean
  /** How long it matters. */
  readonly within: number
}

// One row a key, locked by the upsert until commit: of two batches that see the same address at once, the second
// gets what the first has added, so that one of them sees the number complete. Everything is by primary key. What is
// seen again keeps its first moment. Twice the window is kept, so that what arrives late still finds its neighbours.
// The four arrays run in step: aggregates without an order of their own take their rows as they come.

const see = sql<SeenRow>(
  'rule_see',
  `insert into rule_window (shop_id, key, items, orders, ats, marks, expires_at)
   select $1, key, array_agg(item), array_agg(order_id), array_agg(at), array_agg(mark <> 0), max(at + 2 * within)
   from unnest($2::bytea[], $3::uuid[], $4::uuid[], $5::bigint[], $6::int[], $7::bigint[])
     as t (key, item, order_id, at, mark, within)
   group by key order by key
   on conflict (shop_id, key) do update set (items, orders, ats, marks, expires_at) = (
     select array_agg(item), array_agg(order_id), array_agg(at), array_agg(mark),
       greatest(rule_window.expires_at, excluded.expires_at)
     from (
       select item, (array_agg(order_id))[1] as order_id, min(at) as at, bool_or(mark) as mark
       from (
         select * from unnest(rule_window.items, rule_window.orders, rule_window.ats, rule_window.marks)
           as a (item, order_id, at, mark)
         union all
         select * from unnest(excluded.items, excluded.orders, excluded.ats, excluded.marks)
           as b (item, order_id, at, mark)
       ) as both_of
       where at > (select max(newest) from unnest(rule_window.ats || excluded.ats) as n (newest)) - $8::bigint
       group by item order by min(at) desc, item desc limit 64) as kept)
   returning key, items, orders, ats, marks`,
)

/** Remembers what rules saw and gives everything known under each of the keys. */
export function seeItems(tx: Tx, shop: ShopId, items: readonly ToSee[]): Promise<readonly SeenRow[]> {
  const values = columns(
    newestOfEach(items),
    (i) => i.key,
    (i) => i.item,
    (i) => i.order,
    (i) => i.at,
    (i) => (i.mark ? 1 : 0),
    (i) => i.within,
  )
  const longest = 2 * Math.max(...items.map((each) => each.within))
  return run(tx, see, [shop, ...values, longest])
}

/** Each thing once under its key, with its first moment; of one key no more than a row keeps. */
function newestOfEach(items: readonly ToSee[]): readonly ToSee[] {
  const byKey = new Map<string, Map<string, ToSee>>()
  for (const each of items) {
    const name = each.key.toString('latin1')
    const own = byKey.get(name) ?? new Map<string, ToSee>()
    byKey.set(name, own)
    const before = own.get(each.item)
    const merged = before && { at: Math.min(before.at, each.at), mark: before.mark || each.mark }
    own.set(each.item, { ...each, ...merged })
  }
  return [...byKey.values()].flatMap((own) =>
    own.size <= MOST_SEEN
      ? [...own.values()]
      : [...own.values()].sort((a, b) => b.at - a.at).slice(0, MOST_SEEN),
  )
}

const look = sql<SeenRow>(
  'rule_look',
  'select key, items, orders, ats, marks from rule_window where shop_id = $1 and key = any($2::bytea[])',
)

/** The same without remembering anything: for trying a rule. */
export function lookAtItems(
  db: Queryable,
  shop: ShopId,
  keys: readonly Buffer[],
): Promise<readonly SeenRow[]> {
  return run(db, look, [shop, keys])
}
