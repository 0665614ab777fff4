import type { ConnectionId, ShopId } from '../domain/ids.ts'
import { type Queryable, run, sql } from './connect.ts'

const read = sql<{ killed: boolean; admin_secret_hash: Buffer | null }>(
  'installation_switches',
  'select killed, admin_secret_hash from installation',
)

/** What concerns every shop; `null` before the first start has made the row. */
export async function readInstallation(
  db: Queryable,
): Promise<{ readonly killed: boolean; readonly admin_secret_hash: Buffer | null } | null> {
  return (await run(db, read, []))[0] ?? null
}

const ofSource = sql<{ id: ConnectionId }>(
  'connection_of_source',
  'select id from connection where shop_id = $1 and source = $2 order by id limit 1',
)

/** The shop's oldest connection of this source, or `null`. */
export async function connectionOfSource(
  db: Queryable,
  shop: ShopId,
  source: string,
): Promise<ConnectionId | null> {
  return (await run(db, ofSource, [shop, source]))[0]?.id ?? null
}
