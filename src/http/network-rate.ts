import type { Queryable } from '../db/connect.ts'
import { giveShortCodeTryBack, takeShortCodeTry } from '../db/short-codes.ts'
import type { ShopId } from '../domain/ids.ts'
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

/** Whose tries are counted together. An IPv6 subscriber has a whole /64 of addresses. */
export function networkOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address
  const [head = '', tail] = address.split('::')
  const groups = head.split(':').filter(Boolean)
  const rest = (tail ?? '').split(':').filter(Boolean)
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - rest.length)
  return [...groups, ...new Array<string>(zeros).fill('0'), ...rest].slice(0, 4).join(':')
}
