import type { ConnectionId, Id, ShopId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import { type Queryable, run, runCount, sql, type Tx } from './connect.ts'

export interface ConnectionRow {
  readonly id: ConnectionId
  readonly source: string
  readonly name: string
  readonly path_hash: Buffer | null
  /** Sealed JSON of the source's settings. */
  readonly settings: Buffer
  readonly enabled: boolean
  readonly created_at: Instant
  /** Its questions wait for a person since then, and why. */
  readonly asks_paused_at: Instant | null
  readonly asks_paused_why: string | null
  /** The shop's own address takes no callbacks since then, and how it fares now. */
  readonly relay_failed_at: Instant | null
  readonly relay_failed_why: string | null
  /** Taken away by the shop: only its name is left. */
  readonly removed_at: Instant | null
}

const FIELDS = `id, source, name, path_hash, settings, enabled, created_at, asks_paused_at, asks_paused_why,
  relay_failed_at, relay_failed_why, removed_at`

const add = sql(
  'connection_add',
  `insert into connection (shop_id, id, source, name, path_hash, settings, created_at) values ($1, $2, $3, $4, $5, $6, $7)`,
)

export async function addConnection(
  db: Queryable,
  shop: ShopId,
  connection: Pick<ConnectionRow, 'id' | 'source' | 'name' | 'path_hash' | 'settings' | 'created_at'>,
): Promise<void> {
  const { id, source, name, path_hash, settings, created_at } = connection
  await run(db, add, [shop, id, source, name, path_hash, settings, created_at])
}

const setScopes = sql('api_key_set_scopes', 'update api_key set scopes = $3 where shop_id = $1 and id = $2')

/** Gives one of the program's own keys the permissions there are by now. */
export async function saveKeyScopes(
  tx: Queryable,
  shop: ShopId,
  id: Id<'key'>,
  scopes: readonly string[],
): Promise<void> {
  await run(tx, setScopes, [shop, id, scopes])
}

const byPath = sql<ConnectionRow>(
  'connection_by_path',
  `select ${FIELDS} from connection where shop_id = $1 and path_hash = $2`,
)

/** The connection whose callback path has this secret, or `null`. */
export async function findConnectionByPath(
  db: Queryable,
  shop: ShopId,
  pathHash: Buffer,
): Promise<ConnectionRow | null> {
  return (await run(db, byPath, [shop, pathHash]))[0] ?? null
}

const list = sql<ConnectionRow>(
  'connection_list',
  `select ${FIELDS} from connection where shop_id = $1 and removed_at is null order by id`,
)

/** Every connection of the shop that was not removed. */
export function listConnections(db: Queryable, shop: ShopId): Promise<readonly ConnectionRow[]> {
  return run(db, list, [shop])
}

const lock = sql<ConnectionRow>(
  'connection_lock',
  `select ${FIELDS} from connection where shop_id = $1 and removed_at is null order by id for update`,
)

/**
 * As `listConnections`, and until the transaction ends nobody else changes one: of two that go at once the second sees
 * that the first is gone. The shop's row is locked after it, as by whoever pauses the questions through one.
 */
export function lockConnections(tx: Tx, shop: ShopId): Promise<readonly ConnectionRow[]> {
  return run(tx, lock, [shop])
}

const listAll = sql<ConnectionRow>(
  'connection_list_all',
  `select ${FIELDS} from connection where shop_id = $1 order by id`,
)

/** Every connection by which something may have come, removed ones too; those are off. */
export function everyConnection(db: Queryable, shop: ShopId): Promise<readonly ConnectionRow[]> {
  return run(db, listAll, [shop])
}

const setEnabled = sql(
  'connection_set_enabled',
  `update connection set enabled = $3, asks_paused_at = null, asks_paused_why = null
   where shop_id = $1 and id = $2 and removed_at is null`,
)

export async function setConnectionEnabled(
  db: Queryable,
  shop: ShopId,
  connection: ConnectionId,
  enabled: boolean,
): Promise<boolean> {
  return (await runCount(db, setEnabled, [shop, connection, enabled])) > 0
}

const saveSettings = sql(
  'connection_save_settings',
  `update connection set settings = $3, relay_failed_at = null, relay_failed_why = null
   where shop_id = $1 and id = $2 and removed_at is null`,
)

/** Gives a connection other settings (sealed JSON that its source has checked). */
export async function saveConnectionSettings(
  db: Queryable,
  shop: ShopId,
  connection: ConnectionId,
  settings: Buffer,
): Promise<boolean> {
  return (await runCount(db, saveSettings, [shop, connection, settings])) > 0
}

const remove = sql(
  'connection_remove',
  `update connection set removed_at = $4, enabled = false, path_hash = null, settings = $3, asks_paused_at = null,
     asks_paused_why = null, relay_failed_at = null, relay_failed_why = null
   where shop_id = $1 and id = $2 and removed_at is null`,
)

/**
 * Takes a connection away for good: its address is like one that never was. The row stays, as events came by it.
 * `settings`: what is left of them, sealed.
 */
export async function removeConnection(
  db: Queryable,
  shop: ShopId,
  connection: ConnectionId,
  settings: Buffer,
  now: Instant,
): Promise<boolean> {
  return (await runCount(db, remove, [shop, connection, settings, now])) > 0
}

const pause = sql(
  'connection_pause_asks',
  `update connection set asks_paused_at = $3, asks_paused_why = $4
   where shop_id = $1 and id = $2 and asks_paused_at is null and removed_at is null`,
)

/** Asks nothing more through a connection until a person sets it right; `false` when it was so already. */
export async function pauseAsks(
  db: Queryable,
  shop: ShopId,
  connection: ConnectionId,
  why: string,
  now: Instant,
): Promise<boolean> {
  return (await runCount(db, pause, [shop, connection, now, why])) > 0
}

// Written only where it changes something: of a shop that stays away one row is written once, however many callbacks come.
const relayed = sql(
  'connection_relayed',
  `update connection set relay_failed_why = $3,
     relay_failed_at = case when $3::text is null then null else coalesce(relay_failed_at, $4) end
   where shop_id = $1 and id = $2 and relay_failed_why is distinct from $3 and removed_at is null`,
)

/** Notes how the last callback that was passed on fared; `failure` null: the shop took it. */
export async function noteRelay(
  db: Queryable,
  shop: ShopId,
  connection: ConnectionId,
  failure: string | null,
  now: Instant,
): Promise<boolean> {
  return (await runCount(db, relayed, [shop, connection, failure, now])) > 0
}

// ── API keys: a global table, since a request brings only the key ──

export interface ApiKeyRow {
  readonly id: Id<'key'>
  readonly shop_id: ShopId
  readonly name: string
  readonly scopes: readonly string[]
  readonly connection_id: ConnectionId
  readonly created_at: Instant
  readonly revoked_at: Instant | null
}

const addKey = sql(
  'api_key_add',
  `insert into api_key (id, shop_id, name, hash, scopes, connection_id, created_at) values ($1, $2, $3, $4, $5, $6, $7)`,
)

/** Keeps a new key by its hash; the key itself is never stored. */
export async function addApiKey(
  db: Queryable,
  shop: ShopId,
  key: Omit<ApiKeyRow, 'shop_id' | 'revoked_at'> & { readonly hash: Buffer },
): Promise<void> {
  await run(db, addKey, [key.id, shop, key.name, key.hash, key.scopes, key.connection_id, key.created_at])
}

const keyByHash = sql<ApiKeyRow>(
  'api_key_by_hash',
  'select id, shop_id, name, scopes, connection_id, created_at, revoked_at from api_key where hash = $1',
)

/** Who this key belongs to, revoked or not; `null` when nobody's. */
export async function findApiKey(db: Queryable, hash: Buffer): Promise<ApiKeyRow | null> {
  return (await run(db, keyByHash, [hash]))[0] ?? null
}

const listKeys = sql<ApiKeyRow>(
  'api_key_list',
  `select id, shop_id, name, scopes, connection_id, created_at, revoked_at from api_key where shop_id = $1 order by id`,
)

export function listApiKeys(db: Queryable, shop: ShopId): Promise<readonly ApiKeyRow[]> {
  return run(db, listKeys, [shop])
}

const revoke = sql(
  'api_key_revoke',
  'update api_key set revoked_at = $3 where shop_id = $1 and id = $2 and revoked_at is null',
)

export async function revokeApiKey(
  db: Queryable,
  shop: ShopId,
  id: Id<'key'>,
  now: Instant,
): Promise<boolean> {
  return (await runCount(db, revoke, [shop, id, now])) > 0
}
