import { type Resolve, systemResolve } from './guarded-connector.ts'
import { isNeverCalled, isPublicAddress } from './public-address.ts'

/** What a call to an address would meet now, as far as its name says. */
export type Reachable =
  | { readonly kind: 'yes' }
  /** The name has no address now; it may get one. */
  | { readonly kind: 'nowhere'; readonly host: string }
  /** Only private addresses, or one where nothing is ever called. `origin` is what `allowOrigins` would have to name. */
  | {
      readonly kind: 'private' | 'never'
      readonly host: string
      readonly address: string
      readonly origin: string
    }

/**
 * Whether the guarded connector would go to `url`, for telling it when a setting is made. It promises nothing: each call
 * is judged anew, when it connects.
 */
export async function isReachable(
  url: string,
  allowOrigins: readonly string[],
  resolve: Resolve = systemResolve,
): Promise<Reachable> {
  const { hostname, origin } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  // An address in digits is its own answer.
  const found = await addressesOf(host, resolve)
  const first = found[0]
  if (first === undefined) return { kind: 'nowhere', host }
  const place = { host, address: first, origin }
  if (found.every(isNeverCalled)) return { kind: 'never', ...place }
  if (allowOrigins.includes(origin) || found.some(isPublicAddress)) return { kind: 'yes' }
  return { kind: 'private', ...place }
}

const addressesOf = (host: string, resolve: Resolve): Promise<readonly string[]> =>
  resolve(host).then(
    (found) => found.map(({ address }) => address),
    () => [],
  )
