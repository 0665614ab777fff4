import type { ShopId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import { columns } from './columns.ts'
import { type Queryable, run, runCount, sql, type Tx } from './connect.ts'

export interface ShopRow {
  readonly id: ShopId
  readonly slug: string
  readonly name: string
  readonly locale: string
  readonly time_zone: string
  readonly currency: string
  readonly country: string
  /** Validated by `parseShopSettings` of src/domain/shop.ts. */
  readonly settings: unknown
  readonly killed: boolean
  readonly config_version: number
  readonly demo: boolean
  readonly created_at: Instant
}

const FIELDS =
  'id, slug, name, locale, time_zone, currency, country, settings, killed, config_version, demo, created_at'

export interface ShopToCreate {
  readonly slug: string
  readonly name: string
  readonly locale: string
  readonly timeZone: string
  readonly currency: string
  readonly country: string
  readonly settings: unknown
  readonly demo: boolean
}

const create = sql<{ id: ShopId }>(
  'shop_create',
  `insert into shop (slug, name, locale, time_zone, currency, country, settings, demo, created_at)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (slug) do nothing returning id`,
)

/** Adds a shop; `null` when the slug is taken. */
export async function createShop(tx: Queryable, shop: ShopToCreate, now: Instant): Promise<ShopId | null> {
  const { slug, name, locale, timeZone, currency, country, settings, demo } = shop
  return (
    (await run(tx, create, [slug, name, locale, timeZone, currency, country, settings, demo, now]))[0]?.id ??
    null
  )
}

const one = sql<ShopRow>('shop_one', `select ${FIELDS} from shop where id = $1`)
const bySlug = sql<ShopRow>('shop_by_slug', `select ${FIELDS} from shop where slug = $1`)
const all = sql<ShopRow>('shop_all', `select ${FIELDS} from shop order by id`)

export async function readShop(db: Queryable, shop: ShopId): Promise<ShopRow | null> {
  return (await run(db, one, [shop]))[0] ?? null
}

export async function findShop(db: Queryable, slug: string): Promise<ShopRow | null> {
  return (await run(db, bySlug, [slug]))[0] ?? null
}

/** Every shop of this installation: for the command line, never for a shop's own requests. */
export function listShops(db: Queryable): Promise<readonly ShopRow[]> {
  return run(db, all, [])
}

const bump = sql('shop_bump', 'update shop set config_version = config_version + 1 where id = $1')

/** Makes every process read the shop's configuration anew before its next message. */
export async function bumpConfig(tx: Queryable, shop: ShopId): Promise<void> {
  await run(tx, bump, [shop])
}

const setKilled = sql(
  'shop_set_killed',
  'update shop set killed = $2, config_version = config_version + 1 where id = $1',
)

/** The shop's kill switch: while on, no message of it leaves. */
export async function setShopKilled(db: Queryable, shop: ShopId, killed: boolean): Promise<boolean> {
  return (await runCount(db, setKilled, [shop, killed])) > 0
}

// The shop's row lock decides: a second change waits here and reads what the first has written.
const lockSettings = sql<Pick<ShopRow, 'settings'>>(
  'shop_lock_settings',
  'select settings from shop where id = $1 for no key update',
)

/** The shop's settings, which nobody else changes until the transaction ends. */
export async function lockShopSettings(tx: Tx, shop: ShopId): Promise<unknown> {
  return (await run(tx, lockSettings, [shop]))[0]?.settings ?? {}
}

const setSettings = sql(
  'shop_set_settings',
  'update shop set settings = $2, config_version = config_version + 1 where id = $1',
)

export async function saveShopSettings(db: Queryable, shop: ShopId, settings: unknown): Promise<boolean> {
  return (await runCount(db, setSettings, [shop, settings])) > 0
}

const setDetails = sql(
  'shop_set_details',
  `update shop set name = coalesce($2, name), locale = coalesce($3, locale), time_zone = coalesce($4, time_zone),
     currency = coalesce($5, currency), country = coalesce($6, country)
   where id = $1`,
)

export interface ShopDetails {
  readonly name?: string | undefined
  readonly locale?: string | undefined
  readonly timeZone?: string | undefined
  /** This and the country: before the first order only. */
  readonly currency?: string | undefined
  readonly country?: string | undefined
}

const anyOrder = sql<{ any: boolean }>(
  'shop_has_orders',
  'select exists (select from orders where shop_id = $1) as any',
)

/** Whether the shop knows of an order. */
export async function hasOrders(db: Queryable, shop: ShopId): Promise<boolean> {
  return (await run(db, anyOrder, [shop]))[0]!.any
}

/** What is not given stays. The caller makes processes read the configuration anew. */
export async function saveShopDetails(
  tx: Tx,
  shop: ShopId,
  { name, locale, timeZone, currency, country }: ShopDetails,
): Promise<void> {
  await run(tx, setDetails, [
    shop,
    ...[name, locale, timeZone, currency, country].map((given) => given ?? null),
  ])
}

// ── Installation ──

const install = sql(
  'installation_ensure',
  'insert into installation (created_at) values ($1) on conflict do nothing',
)
const readInstallation_ = sql<InstallationRow>(
  'installation_read',
  'select killed, admin_secret_hash, last_backup_at from installation',
)
const killAll = sql('installation_set_killed', 'update installation set killed = $1')
const setAdmin = sql('installation_set_admin', 'update installation set admin_secret_hash = $1')
const setBackup = sql('installation_set_backup', 'update installation set last_backup_at = $1')

export interface InstallationRow {
  readonly killed: boolean
  readonly admin_secret_hash: Buffer | null
  readonly last_backup_at: Instant | null
}

/** Makes the installation's row on the first start. */
export async function ensureInstallation(db: Queryable, now: Instant): Promise<InstallationRow> {
  await run(db, install, [now])
  return (await run(db, readInstallation_, []))[0]!
}

/** The kill switch over every shop. */
export async function setAllKilled(db: Queryable, killed: boolean): Promise<void> {
  await run(db, killAll, [killed])
}

export async function saveAdminSecretHash(db: Queryable, hash: Buffer): Promise<void> {
  await run(db, setAdmin, [hash])
}

export async function saveLastBackup(db: Queryable, at: Instant): Promise<void> {
  await run(db, setBackup, [at])
}

// ── Keys ──

export type KeyKind = 'data' | 'index'

export interface ShopKeyRow {
  readonly shop_id: ShopId
  readonly key_id: number
  readonly kind: KeyKind
  readonly wrapped: Buffer
}

const keysOf = sql<ShopKeyRow>(
  'shop_keys',
  'select shop_id, key_id, kind, wrapped from shop_key where shop_id = any($1::int[]) order by shop_id, kind, key_id',
)

/** The wrapped keys of several shops, oldest first within a kind. */
export function readShopKeys(db: Queryable, shops: readonly ShopId[]): Promise<readonly ShopKeyRow[]> {
  return run(db, keysOf, [shops])
}

const addKeys = sql(
  'shop_key_add',
  `insert into shop_key (shop_id, key_id, kind, wrapped, created_at)
   select shop_id, key_id, kind, wrapped, $5
   from unnest($1::int[], $2::int[], $3::text[], $4::bytea[]) as t (shop_id, key_id, kind, wrapped)`,
)

export async function addShopKeys(tx: Tx, keys: readonly ShopKeyRow[], now: Instant): Promise<void> {
  await run(tx, addKeys, [
    ...columns(
      keys,
      (k) => k.shop_id,
      (k) => k.key_id,
      (k) => k.kind,
      (k) => k.wrapped,
    ),
    now,
  ])
}
