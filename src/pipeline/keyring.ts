import type { Db, Queryable, Tx } from '../db/connect.ts'
import { addShopKeys, readShopKeys, type ShopKeyRow } from '../db/shops.ts'
import type { Random, ShopId } from '../domain/ids.ts'
import { SealError } from '../domain/seal/fault.ts'
import type { MasterKey } from '../domain/seal/master.ts'
import type { Sealer, ShopKeys } from '../domain/seal/sealer.ts'
import {
  blindIndex,
  createSealer,
  keyedHash,
  newShopKey,
  unwrapShopKey,
  wrapShopKey,
} from '../domain/seal.ts'
import type { Instant } from '../domain/time.ts'
import { linkKey, readToken, signToken, type TokenContent, tokenShop } from '../domain/token.ts'

/** One shop's keys, open in memory. */
export interface ShopVault {
  readonly sealer: Sealer
  readonly currentKeyId: number
  /** Blind index of a normalised value under the current index key. */
  index(column: string, value: string): Buffer
  /** 32 bytes over the parts, keyed by the shop. */
  hash(...parts: readonly string[]): Buffer
  sign(content: Omit<TokenContent, 'shop'>): string
}

/** Opens shops' keys on demand and keeps them. */
export interface Keyring {
  open(shop: ShopId): Promise<ShopVault>
  /** Opens several at one look-up. */
  openAll(shops: readonly ShopId[]): Promise<void>
  /** What a signed link says; `forged` for anything that is none of ours. */
  readLink(text: string, now: Instant): Promise<TokenContent | 'expired' | 'forged'>
  /** Makes a new shop's first keys, inside the transaction that creates the shop. */
  createKeys(tx: Tx, shop: ShopId, now: Instant): Promise<ShopVault>
  /** Adds a new data key: what is written from now on is sealed by it. */
  rotate(tx: Tx, shop: ShopId, now: Instant): Promise<void>
  /** Forgets a shop's open keys, so that they are read anew. */
  forget(shop: ShopId): void
}

export interface KeyringOptions {
  readonly db: Db
  readonly master: MasterKey
  readonly random: Random
  /** Only the leak test gives another one, to prove that it can fail. */
  readonly sealerOf?: (keys: ShopKeys, random: Random) => Sealer
}

export function createKeyring({ db, master, random, sealerOf = createSealer }: KeyringOptions): Keyring {
  const vaults = new Map<ShopId, ShopVault>()
  const linkKeys = new Map<ShopId, ReadonlyMap<number, Uint8Array>>()

  function admit(shop: ShopId, rows: readonly ShopKeyRow[]): ShopVault {
    const open = rows.map((row) => ({
      id: row.key_id,
      kind: row.kind,
      key: unwrapShopKey(master, { shop, keyId: row.key_id, kind: row.kind }, row.wrapped),
    }))
    const data = open.filter((key) => key.kind === 'data')
    const index = open.filter((key) => key.kind === 'index').at(-1)
    const current = data.at(-1)
    if (!current || !index) throw new Error(`shop ${shop} has no keys; the database was not restored whole`)
    const signing = linkKey(index.key)
    linkKeys.set(shop, new Map([[index.id % 32, signing]]))
    const vault: ShopVault = {
      sealer: forgetting(shop, sealerOf({ current, all: data }, random)),
      currentKeyId: current.id,
      index: (column, value) => blindIndex(index.key, index.id, column, value),
      hash: (...parts) => keyedHash(index.key, ...parts),
      sign: (content) => signToken({ version: index.id % 32, key: signing }, { ...content, shop }),
    }
    vaults.set(shop, vault)
    return vault
  }

  /** A key that is missing may have been added by another process: the next `open` reads the keys anew. */
  function forgetting(shop: ShopId, sealer: Sealer): Sealer {
    const noting =
      <Args extends unknown[], Result>(open: (...args: Args) => Result) =>
      (...args: Args): Result => {
        try {
          return open(...args)
        } catch (error) {
          if (error instanceof SealError && error.code === 'SHOP_KEY_MISSING') vaults.delete(shop)
          throw error
        }
      }
    return { seal: sealer.seal, open: noting(sealer.open), openText: noting(sealer.openText) }
  }

  async function load(from: Queryable, shops: readonly ShopId[]): Promise<void> {
    const missing = shops.filter((shop) => !vaults.has(shop))
    if (missing.length === 0) return
    const rows = await readShopKeys(from, missing)
    for (const [shop, ofShop] of Map.groupBy(rows, (row) => row.shop_id)) admit(shop, ofShop)
  }

  const newKey = (shop: ShopId, kind: 'data' | 'index', keyId: number): ShopKeyRow => ({
    shop_id: shop,
    key_id: keyId,
    kind,
    wrapped: wrapShopKey(master, { shop, keyId, kind }, newShopKey(random), random),
  })

  return {
    async open(shop) {
      const known = vaults.get(shop)
      if (known) return known
      await load(db, [shop])
      const vault = vaults.get(shop)
      if (!vault) throw new Error(`shop ${shop} has no keys; the database was not restored whole`)
      return vault
    },
    openAll: (shops) => load(db, shops),
    async readLink(text, now) {
      const named = tokenShop(text)
      if (!named) return 'forged'
      await load(db, [named.shop])
      return readToken((shop, version) => linkKeys.get(shop)?.get(version) ?? null, text, now)
    },
    async createKeys(tx, shop, now) {
      const rows = [newKey(shop, 'data', 1), newKey(shop, 'index', 1)]
      await addShopKeys(tx, rows, now)
      return admit(shop, rows)
    },
    async rotate(tx, shop, now) {
      const ids = (await readShopKeys(tx, [shop]))
        .filter((key) => key.kind === 'data')
        .map((key) => key.key_id)
      await addShopKeys(tx, [newKey(shop, 'data', Math.max(0, ...ids) + 1)], now)
      vaults.delete(shop)
    },
    forget: (shop) => void vaults.delete(shop),
  }
}
