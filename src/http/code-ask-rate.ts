import type { CodeHolder } from '../db/codes.ts'
import type { Queryable } from '../db/connect.ts'
import type { ShopId } from '../domain/ids.ts'
import { DAY, HOUR, type Instant } from '../domain/time.ts'
import type { ShopVault } from '../pipeline/keyring.ts'
import { type Bucket, callerOf, giveBack, takeFrom } from './network-rate.ts'

type Kind = CodeHolder['kind']

/**
 * What one network may ask for in one name, of a member or an order. Below what these may be sent (five codes an hour,
 * ten a day, see `code-rate.ts`), so that a stranger who asks in somebody's name leaves some to that somebody.
 */
const inOneName = (kind: Kind, network: string, identity: string): readonly Bucket[] => [
  { name: `${kind}-code.ask.one.hour`, of: [network, identity], most: 3, within: HOUR },
  { name: `${kind}-code.ask.one.day`, of: [network, identity], most: 5, within: DAY },
]

/** In all names together. Not for orders: a carrier's NAT has many buyers behind one address. */
const inAnyName = (network: string): readonly Bucket[] => [
  { name: 'member-code.ask.hour', of: [network], most: 30, within: HOUR },
  { name: 'member-code.ask.day', of: [network], most: 100, within: DAY },
]

/** Whether this network may ask for one more code in this name; counted alike whether somebody has the name or not. */
export async function mayAskCode(
  db: Queryable,
  shop: ShopId,
  vault: ShopVault,
  who: { readonly kind: Kind; readonly address: string; readonly identity: string },
  now: Instant,
): Promise<boolean> {
  const network = callerOf(who.address)
  const buckets = inOneName(who.kind, network, who.identity)
  for (const bucket of who.kind === 'member' ? [...inAnyName(network), ...buckets] : buckets)
    if ((await takeFrom(db, shop, vault, bucket, now)) > bucket.most) return false
  return true
}

/** Wrong codes of one network, about whomever. Many buyers share one, hence the more for orders. */
const wrongOf = (kind: Kind, address: string): Bucket => ({
  name: `${kind}-code.wrong.day`,
  of: [callerOf(address)],
  most: kind === 'member' ? 50 : 200,
  within: DAY,
})

/** Counts a look at a code before anybody compares; whether this network had been wrong too often before. */
export async function manyWereWrong(
  db: Queryable,
  shop: ShopId,
  vault: ShopVault,
  kind: Kind,
  address: string,
  now: Instant,
): Promise<boolean> {
  const bucket = wrongOf(kind, address)
  return (await takeFrom(db, shop, vault, bucket, now)) > bucket.most
}

/** A right code counts for nobody. */
export const wasRight = (
  db: Queryable,
  shop: ShopId,
  vault: ShopVault,
  kind: Kind,
  address: string,
): Promise<void> => giveBack(db, shop, vault, wrongOf(kind, address))
