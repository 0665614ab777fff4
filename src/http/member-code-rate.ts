import type { ShopId } from '../domain/ids.ts'
import { DAY, HOUR, type Instant } from '../domain/time.ts'
import type { ShopVault } from '../pipeline/keyring.ts'
import type { HttpDeps } from './deps.ts'
import { type Bucket, networkOf, takeFrom } from './network-rate.ts'

/**
 * What one network may ask for, of all members and of one. The latter is below what a member may be sent (five codes an
 * hour, ten a day, see `code-rate.ts`), so that a stranger who asks in somebody's name leaves some to that somebody.
 */
const bucketsOf = (network: string, identity: string): readonly Bucket[] => [
  { name: 'member-code.ask.hour', of: [network], most: 30, within: HOUR },
  { name: 'member-code.ask.day', of: [network], most: 100, within: DAY },
  { name: 'member-code.ask.one.hour', of: [network, identity], most: 3, within: HOUR },
  { name: 'member-code.ask.one.day', of: [network, identity], most: 5, within: DAY },
]

/** Whether this network may ask for one more code in this name; counted alike whether somebody has the name or not. */
export async function mayAskCode(
  deps: Pick<HttpDeps, 'db'>,
  shop: ShopId,
  vault: ShopVault,
  who: { readonly address: string; readonly identity: string },
  now: Instant,
): Promise<boolean> {
  for (const bucket of bucketsOf(networkOf(who.address), who.identity))
    if ((await takeFrom(deps, shop, vault, bucket, now)) > bucket.most) return false
  return true
}
