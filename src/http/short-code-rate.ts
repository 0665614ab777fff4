import { giveShortCodeTryBack, takeShortCodeTry } from '../db/short-codes.ts'
import type { ShopId } from '../domain/ids.ts'
import { DAY, HOUR, type Instant, MINUTE } from '../domain/time.ts'
import type { ShopVault } from '../pipeline/keyring.ts'
import type { HttpDeps } from './deps.ts'

/** One address: enough for a person with thick fingers, useless for a machine. */
const BY_ADDRESS = [
  { name: 'minutes', most: 10, within: 10 * MINUTE },
  { name: 'day', most: 50, within: DAY },
] as const
/** All addresses together, wrong codes only: many machines share it, buyers with a right code hardly meet it. */
const ALTOGETHER = { name: 'all', most: 300, within: HOUR } as const

/** Counts a try before anything is looked up. The database counts, so that processes cannot each give it anew. */
export async function takeTry(
  deps: HttpDeps,
  shop: ShopId,
  vault: ShopVault,
  address: string,
  now: Instant,
): Promise<'go' | 'too_many'> {
  const buckets = [
    ...BY_ADDRESS.map((each) => ({ ...each, bucket: bucketOf(vault, each.name, networkOf(address)) })),
    { ...ALTOGETHER, bucket: bucketOf(vault, ALTOGETHER.name, '') },
  ]
  for (const { bucket, most, within } of buckets)
    if ((await takeShortCodeTry(deps.db, shop, bucket, within, now)) > most) return 'too_many'
  return 'go'
}

/** A right code does not count for everybody. */
export function tryWasRight(deps: HttpDeps, shop: ShopId, vault: ShopVault): Promise<void> {
  return giveShortCodeTryBack(deps.db, shop, bucketOf(vault, ALTOGETHER.name, ''))
}

/** Keyed: no address of a visitor is kept. */
const bucketOf = (vault: ShopVault, name: string, address: string) =>
  vault.index(`short-code.try.${name}`, address).subarray(0, 16)

/** An IPv6 subscriber has a whole /64 of addresses. */
function networkOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address
  const [head = '', tail] = address.split('::')
  const groups = head.split(':').filter(Boolean)
  const rest = (tail ?? '').split(':').filter(Boolean)
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - rest.length)
  return [...groups, ...new Array<string>(zeros).fill('0'), ...rest].slice(0, 4).join(':')
}
