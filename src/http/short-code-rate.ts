import type { ShopId } from '../domain/ids.ts'
import { DAY, HOUR, type Instant, MINUTE } from '../domain/time.ts'
import type { ShopVault } from '../pipeline/keyring.ts'
import type { HttpDeps } from './deps.ts'
import { type Bucket, callerOf, giveBack, takeFrom } from './network-rate.ts'

// Wrong codes only: a right one is given back everywhere. A visit has up to three steps that each name the code, and
// buyers behind a carrier's NAT share one address, so right codes would lock real buyers out.

/** One network: enough for people with thick fingers, useless for a machine. */
const minutesOf = (network: string): Bucket => ({
  name: 'short-code.try.minutes',
  of: [network],
  most: 10,
  within: 10 * MINUTE,
})
const dayOf = (network: string): Bucket => ({
  name: 'short-code.try.day',
  of: [network],
  most: 50,
  within: DAY,
})
/** All networks together: many machines share it. */
const ALTOGETHER: Bucket = { name: 'short-code.try.all', of: [''], most: 300, within: HOUR }

/**
 * Counts a try before anything is looked up. While too many guess altogether, who has typed nothing wrong for a day is
 * still answered: one guess a network is worth nothing among 6 × 10^11 codes.
 */
export async function takeTry(
  deps: Pick<HttpDeps, 'db'>,
  shop: ShopId,
  vault: ShopVault,
  address: string,
  now: Instant,
): Promise<'go' | 'too_many'> {
  const take = async (bucket: Bucket) => {
    const used = await takeFrom(deps.db, shop, vault, bucket, now)
    return { first: used === 1, full: used > bucket.most }
  }
  const network = callerOf(address)
  if ((await take(minutesOf(network))).full) return 'too_many'
  const day = await take(dayOf(network))
  if (day.full) return 'too_many'
  return (await take(ALTOGETHER)).full && !day.first ? 'too_many' : 'go'
}

/** A right code counts for nobody. */
export async function tryWasRight(
  deps: Pick<HttpDeps, 'db'>,
  shop: ShopId,
  vault: ShopVault,
  address: string,
): Promise<void> {
  const network = callerOf(address)
  for (const bucket of [minutesOf(network), dayOf(network), ALTOGETHER])
    await giveBack(deps.db, shop, vault, bucket)
}
