import type { ShopId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import { columns } from './columns.ts'
import { type Queryable, run, runCount, type Statement, sql } from './connect.ts'

/** One sealed column: where its values are and by which id they are bound to their row. */
export interface SealedColumn {
  /** As in `Place.column`: `orders.facts`. */
  readonly name: string
  /** Where it stands, for people; two columns may share a name. */
  readonly shown: string
  readonly read: Statement<SealedValue>
  readonly write: Statement<unknown>
}

export interface SealedValue {
  readonly id: string
  readonly value: Buffer
}

// Bytes 2 to 5 of a sealed value are the id of its key (src/domain/seal/sealer.ts), so what is left to do can be
// read off the values themselves: a rotation that was broken off goes on where it was.
function sealed(table: string, id: string, column: string, name = `${table}.${column}`): SealedColumn {
  return {
    name,
    shown: `${table}.${column}`,
    read: sql<SealedValue>(
      `reseal_read_${table}_${column}`,
      `select ${id} as id, ${column} as value from ${table}
       where shop_id = $1 and ${id} > $2::uuid and length(${column}) > 29 and substring(${column} from 2 for 4) <> $3
       order by ${id} limit $4`,
    ),
    // Only if it is still what was read: a newer value is sealed by the newer key already.
    write: sql(
      `reseal_write_${table}_${column}`,
      `update ${table} as t set ${column} = n.after
       from unnest($2::uuid[], $3::bytea[], $4::bytea[]) as n (id, before, after)
       where t.shop_id = $1 and t.${id} = n.id and t.${column} = n.before`,
    ),
  }
}

/** Every column with sealed values, small tables first. A test holds this list to the places the program seals. */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  sealed('account', 'id', 'settings'),
  sealed('connection', 'id', 'settings'),
  sealed('contact', 'id', 'address'),
  sealed('customer', 'id', 'profile'),
  sealed('orders', 'id', 'facts'),
  sealed('review', 'id', 'evidence'),
  sealed('review', 'id', 'note'),
  sealed('inbox_item', 'message_id', 'body'),
  sealed('message', 'id', 'vars'),
  sealed('message_body', 'message_id', 'body'),
  sealed('event_conflict', 'event_id', 'body', 'event.body'),
  sealed('event', 'id', 'body'),
]

/** Values of a column that another key than `key` has sealed, after row `after`. */
export function readSealedByOthers(
  db: Queryable,
  shop: ShopId,
  { read }: SealedColumn,
  key: number,
  after: string,
  limit: number,
): Promise<readonly SealedValue[]> {
  const keyBytes = Buffer.alloc(4)
  keyBytes.writeUInt32BE(key)
  return run(db, read, [shop, after, keyBytes, limit])
}

/** Puts values in place of the ones they were made from; gives how many still were those. */
export function writeResealed(
  db: Queryable,
  shop: ShopId,
  { write }: SealedColumn,
  values: readonly { readonly id: string; readonly before: Buffer; readonly after: Buffer }[],
): Promise<number> {
  return runCount(db, write, [
    shop,
    ...columns(
      values,
      (v) => v.id,
      (v) => v.before,
      (v) => v.after,
    ),
  ])
}

const retire = sql(
  'shop_key_retire',
  `update shop_key set retired_at = $3 where shop_id = $1 and kind = 'data' and key_id < $2 and retired_at is null`,
)

/** Notes that nothing is sealed by the data keys before `current` any more. They are kept, since backups need them. */
export function retireKeys(db: Queryable, shop: ShopId, current: number, now: Instant): Promise<number> {
  return runCount(db, retire, [shop, current, now])
}

const newest = sql<{ shop_id: ShopId; key_id: number }>(
  'shop_key_newest',
  "select shop_id, max(key_id) as key_id from shop_key where kind = 'data' group by shop_id",
)

/** Each shop's newest data key: a process that holds an older one reads the shop's keys anew. */
export function newestKeys(
  db: Queryable,
): Promise<readonly { readonly shop_id: ShopId; readonly key_id: number }[]> {
  return run(db, newest, [])
}

const saveSettings = sql(
  'account_save_settings',
  'update account set settings = $3 where shop_id = $1 and id = $2',
)

/** Gives an account other settings (sealed JSON that its provider has checked). */
export async function saveAccountSettings(
  db: Queryable,
  shop: ShopId,
  account: string,
  settings: Buffer,
): Promise<void> {
  await run(db, saveSettings, [shop, account, settings])
}
