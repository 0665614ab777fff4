import type { ShopId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import { columns } from './columns.ts'
import { type Queryable, run, runCount, sql, type Tx } from './connect.ts'

const keep = sql(
  'definition_keep',
  `insert into definition (hash, kind, body, created_at)
   select hash, kind, body::jsonb, $4 from unnest($1::bytea[], $2::text[], $3::text[]) as t (hash, kind, body)
   order by hash on conflict do nothing`,
)

export interface DefinitionToKeep {
  readonly hash: Buffer
  readonly kind: 'flow' | 'template' | 'policy' | 'rule'
  /** JSON text. */
  readonly body: string
}

/** Keeps texts by their hash; what is there already stays. */
export async function keepDefinitions(
  tx: Queryable,
  definitions: readonly DefinitionToKeep[],
  now: Instant,
): Promise<void> {
  await run(tx, keep, [
    ...columns(
      definitions,
      (d) => d.hash,
      (d) => d.kind,
      (d) => d.body,
    ),
    now,
  ])
}

const keepShipped = sql(
  'definition_keep_preset',
  `insert into definition (hash, kind, body, created_at, preset)
   select distinct on (hash) hash, kind, body::jsonb, $4, true
   from unnest($1::bytea[], $2::text[], $3::text[]) as t (hash, kind, body)
   order by hash on conflict (hash) do update set preset = true where not definition.preset`,
)

/** Keeps texts that the program ships, so that a later one knows them for its own. Two may say the same. */
export async function keepPresets(
  tx: Queryable,
  presets: readonly DefinitionToKeep[],
  now: Instant,
): Promise<void> {
  await run(tx, keepShipped, [
    ...columns(
      presets,
      (d) => d.hash,
      (d) => d.kind,
      (d) => d.body,
    ),
    now,
  ])
}

const readDefinitions_ = sql<{ hash: Buffer; body: unknown }>(
  'definition_read',
  'select hash, body from definition where hash = any($1::bytea[])',
)

export function readDefinitions(
  db: Queryable,
  hashes: readonly Buffer[],
): Promise<readonly { readonly hash: Buffer; readonly body: unknown }[]> {
  return run(db, readDefinitions_, [hashes])
}

// ── Flows ──

export interface FlowRow {
  readonly key: string
  readonly version: number
  readonly enabled: boolean
  readonly killed: boolean
  readonly definition_hash: Buffer
}

const listFlows_ = sql<FlowRow>(
  'flow_list',
  `select f.key, f.version, f.enabled, f.killed, v.definition_hash
   from flow as f join flow_version as v on v.shop_id = $1 and v.key = f.key and v.version = f.version
   where f.shop_id = $1 order by f.key`,
)

/** The shop's flows at their current versions. */
export function listFlows(db: Queryable, shop: ShopId): Promise<readonly FlowRow[]> {
  return run(db, listFlows_, [shop])
}

const versions = sql<{ key: string; version: number; definition_hash: Buffer }>(
  'flow_versions',
  `select v.key, v.version, v.definition_hash from flow_version as v
   where v.shop_id = $1 and (v.key, v.version) in (select * from unnest($2::text[], $3::int[]))`,
)

/** Where the texts of these versions are: runs finish on the version they began with. */
export function readFlowVersions(
  db: Queryable,
  shop: ShopId,
  wanted: readonly { readonly key: string; readonly version: number }[],
): Promise<readonly { readonly key: string; readonly version: number; readonly definition_hash: Buffer }[]> {
  return run(db, versions, [
    shop,
    ...columns(
      wanted,
      (w) => w.key,
      (w) => w.version,
    ),
  ])
}

const history = sql<{ key: string; version: number; created_at: Instant }>(
  'flow_history',
  'select key, version, created_at from flow_version where shop_id = $1 order by key, version',
)

/** Every version of every flow with the instant it came into force, oldest first: for looking back. */
export function flowHistory(
  db: Queryable,
  shop: ShopId,
): Promise<readonly { readonly key: string; readonly version: number; readonly created_at: Instant }[]> {
  return run(db, history, [shop])
}

const publishFlows_ = sql(
  'flow_publish',
  `with published as (
     insert into flow (shop_id, key, version, updated_at)
     select $1, key, 1, $4 from unnest($2::text[]) as t (key)
     on conflict (shop_id, key) do update set version = flow.version + 1, updated_at = excluded.updated_at
     returning key, version)
   insert into flow_version (shop_id, key, version, definition_hash, created_at, created_by)
   select $1, p.key, p.version, t.hash, $4, $5 from published as p join unnest($2::text[], $3::bytea[]) as t (key, hash)
     on t.key = p.key`,
)

/** Makes these definitions the current versions of their flows. Runs under way keep theirs. */
export async function publishFlows(
  tx: Tx,
  shop: ShopId,
  flows: readonly { readonly key: string; readonly hash: Buffer }[],
  by: string,
  now: Instant,
): Promise<void> {
  await run(tx, publishFlows_, [
    shop,
    ...columns(
      flows,
      (f) => f.key,
      (f) => f.hash,
    ),
    now,
    by,
  ])
}

const setFlow = sql(
  'flow_set',
  `update flow set enabled = coalesce($3, enabled), killed = coalesce($4, killed), updated_at = $5
   where shop_id = $1 and key = $2`,
)

export interface FlowChange {
  /** Off: starts no new runs; those under way go on. */
  readonly enabled?: boolean
  /** On: none of its messages leaves, whatever version planned them. */
  readonly killed?: boolean
}

export async function changeFlow(
  tx: Queryable,
  shop: ShopId,
  key: string,
  change: FlowChange,
  now: Instant,
): Promise<boolean> {
  const { enabled = null, killed = null } = change
  return (await runCount(tx, setFlow, [shop, key, enabled, killed, now])) > 0
}

// ── Templates ──

export interface TemplateRow {
  readonly key: string
  readonly version: number
  readonly definition_hash: Buffer
}

const listTemplates_ = sql<TemplateRow>(
  'template_list',
  `select t.key, t.version, v.definition_hash
   from template as t join template_version as v on v.shop_id = $1 and v.key = t.key and v.version = t.version
   where t.shop_id = $1 order by t.key`,
)

/** The shop's templates at their current versions. */
export function listTemplates(db: Queryable, shop: ShopId): Promise<readonly TemplateRow[]> {
  return run(db, listTemplates_, [shop])
}

const publishTemplates_ = sql(
  'template_publish',
  `with published as (
     insert into template (shop_id, key, version, updated_at)
     select $1, key, 1, $4 from unnest($2::text[]) as t (key)
     on conflict (shop_id, key) do update set version = template.version + 1, updated_at = excluded.updated_at
     returning key, version)
   insert into template_version (shop_id, key, version, definition_hash, created_at, created_by)
   select $1, p.key, p.version, t.hash, $4, $5 from published as p join unnest($2::text[], $3::bytea[]) as t (key, hash)
     on t.key = p.key`,
)

/** Makes these definitions the current versions of their templates. */
export async function publishTemplates(
  tx: Tx,
  shop: ShopId,
  templates: readonly { readonly key: string; readonly hash: Buffer }[],
  by: string,
  now: Instant,
): Promise<void> {
  await run(tx, publishTemplates_, [
    shop,
    ...columns(
      templates,
      (t) => t.key,
      (t) => t.hash,
    ),
    now,
    by,
  ])
}
