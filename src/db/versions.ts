import type { ShopId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import { type Queryable, run, sql } from './connect.ts'

/** What a flow or template said from one moment on, and who published it. */
export interface VersionRow {
  readonly version: number
  readonly definition_hash: Buffer
  readonly created_at: Instant
  readonly created_by: string
}

// Both walk the primary key backwards.
const LISTS = {
  flow: sql<VersionRow>(
    'flow_version_list',
    `select version, definition_hash, created_at, created_by from flow_version
     where shop_id = $1 and key = $2 and version < coalesce($3, 2147483647) order by version desc limit $4`,
  ),
  template: sql<VersionRow>(
    'template_version_list',
    `select version, definition_hash, created_at, created_by from template_version
     where shop_id = $1 and key = $2 and version < coalesce($3, 2147483647) order by version desc limit $4`,
  ),
} as const

export type Versioned = keyof typeof LISTS

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

const BEFORE = {
  flow: sql<VersionRow>('flow_version_before', beforeIn('flow_version')),
  template: sql<VersionRow>('template_version_before', beforeIn('template_version')),
} as const

function beforeIn(table: 'flow_version' | 'template_version'): string {
  return `select o.version, o.definition_hash, o.created_at, o.created_by from ${table} as o
    where o.shop_id = $1 and o.key = $2 and o.definition_hash <> (
      select n.definition_hash from ${table} as n where n.shop_id = $1 and n.key = $2 order by n.version desc limit 1)
    order by o.version desc limit 1`
}

/** The newest version that says something else than the one in force; `null` where there is none. */
export async function versionBefore(
  db: Queryable,
  shop: ShopId,
  kind: Versioned,
  key: string,
): Promise<VersionRow | null> {
  return (await run(db, BEFORE[kind], [shop, key]))[0] ?? null
}
