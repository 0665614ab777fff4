import type { ShopId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import { type Queryable, run, sql } from './connect.ts'

/** What a flow, template or rule said from one moment on, and who published it. */
export interface VersionRow {
  readonly version: number
  readonly definition_hash: Buffer
  readonly created_at: Instant
  readonly created_by: string
}

/** Above it a version is none that could be: lists ask for those before the next, and both are PostgreSQL's integers. */
export const MOST_VERSION = 2_147_483_646

const TABLES = { flow: 'flow_version', template: 'template_version', rule: 'rule_version' } as const

export type Versioned = keyof typeof TABLES

const statements = (name: string, textIn: (table: string) => string) => ({
  flow: sql<VersionRow>(`flow_version_${name}`, textIn(TABLES.flow)),
  template: sql<VersionRow>(`template_version_${name}`, textIn(TABLES.template)),
  rule: sql<VersionRow>(`rule_version_${name}`, textIn(TABLES.rule)),
})

// All walk the primary key backwards.
const LISTS = statements(
  'list',
  (table) => `select version, definition_hash, created_at, created_by from ${table}
     where shop_id = $1 and key = $2 and version < coalesce($3, 2147483647) order by version desc limit $4`,
)
/** Its versions before `before` (null: all), newest first; of a key that the shop has not: none. */
export function listVersions(
  db: Queryable,
  shop: ShopId,
  kind: Versioned,
  key: string,
  before: number | null,
  limit: number,
): Promise<readonly VersionRow[]> {
  return run(db, LISTS[kind], [shop, key, before, limit])
}

const BEFORE = statements(
  'before',
  (table) => `select o.version, o.definition_hash, o.created_at, o.created_by from ${table} as o
    where o.shop_id = $1 and o.key = $2 and o.definition_hash <> (
      select n.definition_hash from ${table} as n where n.shop_id = $1 and n.key = $2 order by n.version desc limit 1)
    order by o.version desc limit 1`,
)

/** The newest version that says something else than the one in force; `null` where there is none. */
export async function versionBefore(
  db: Queryable,
  shop: ShopId,
  kind: Versioned,
  key: string,
): Promise<VersionRow | null> {
  return (await run(db, BEFORE[kind], [shop, key]))[0] ?? null
}

const shippedIn = (table: string) => `select distinct on (v.key) v.key, v.version, v.definition_hash
   from ${table} as v join definition as d on d.hash = v.definition_hash
   where v.shop_id = $1 and d.preset order by v.key, v.version desc`

const SHIPPED = {
  flow: sql<ShippedRow>('flow_version_shipped', shippedIn(TABLES.flow)),
  template: sql<ShippedRow>('template_version_shipped', shippedIn(TABLES.template)),
  rule: sql<ShippedRow>('rule_version_shipped', shippedIn(TABLES.rule)),
} as const

export interface ShippedRow extends Pick<VersionRow, 'version' | 'definition_hash'> {
  readonly key: string
}

/** The newest version of each whose text the program has shipped. */
export function listShipped(db: Queryable, shop: ShopId, kind: Versioned): Promise<readonly ShippedRow[]> {
  return run(db, SHIPPED[kind], [shop])
}
