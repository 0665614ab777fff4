import type { ConnectionId, ShopId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
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

const ensure = sql<{ id: ConnectionId }>(
  'connection_internal',
  `with own as (select id from connection where shop_id = $1 and source = 'internal' order by id limit 1),
   made as (
     insert into connection (shop_id, id, source, name, path_hash, settings, created_at)
     select $1, $2, 'internal', 'Dingdong', null, ''::bytea, $3 where not exists (select from own)
     on conflict do nothing returning id)
   select id from own union all select id from made`,
)

/**
 * The connection under which our own pages and provider callbacks report. `proposed` must be the same on every
 * process, so that two that are first at once make one row.
 */
export async function internalConnection(
  db: Queryable,
  shop: ShopId,
  proposed: ConnectionId,
  now: Instant,
): Promise<ConnectionId> {
  return (await run(db, ensure, [shop, proposed, now]))[0]?.id ?? proposed
}
