import type { Queryable } from '../db/connect.ts'
import { giveShortCodeTryBack, takeShortCodeTry } from '../db/short-codes.ts'
import type { ShopId } from '../domain/ids.ts'
import { networkOf } from '../domain/network.ts'
import type { Instant, Millis } from '../domain/time.ts'
import type { ShopVault } from '../pipeline/keyring.ts'

/** So many tries within so long, counted under a name and what it is about. */
export interface Bucket {
  readonly name: string
  readonly of: readonly string[]
  readonly most: number
  readonly within: Millis
}

/** Counts a try; gives how many there were with it. The database counts, so that processes cannot each give them anew. */
export const takeFrom = (
  db: Queryable,
  shop: ShopId,
  vault: ShopVault,
  bucket: Bucket,
  now: Instant,
): Promise<number> => takeShortCodeTry(db, shop, keyOf(vault, bucket), bucket.within, now)

/** Takes a counted try back. */
export const giveBack = (db: Queryable, shop: ShopId, vault: ShopVault, bucket: Bucket): Promise<void> =>
  giveShortCodeTryBack(db, shop, keyOf(vault, bucket))

/** Keyed: no address of a visitor is kept. */
const keyOf = (vault: ShopVault, { name, of }: Bucket) => vault.index(name, of.join('\n')).subarray(0, 16)

/** Whose tries are counted together; what is no address (a socket's path) stands for itself. */
export const callerOf = (address: string): string => networkOf(address) ?? address
