import type { FastifyRequest } from 'fastify'
import type { Random } from '../domain/ids.ts'
import { sameBytes } from '../domain/seal/hash.ts'
import { keyedHash } from '../domain/seal.ts'
import { HOUR, type Instant } from '../domain/time.ts'

export const SESSION_COOKIE = 'dd_session'
export const SESSION_LIFE = 12 * HOUR

/**
 * A session is a signed statement "logged in at …", not a row: `<ms in base 36>.<nonce>.<MAC>`. The hash of the
 * admin secret is under the MAC, so that a new secret ends every session at once.
 */
export function makeSession(key: Uint8Array, adminHash: Uint8Array, now: Instant, random: Random): string {
  const said = `${now.toString(36)}.${Buffer.from(random(12)).toString('base64url')}`
  return `${said}.${macOf(key, adminHash, said).toString('base64url')}`
}

/** Whether this cookie was made by us, for the present admin secret, at most twelve hours ago. */
export function isSession(key: Uint8Array, adminHash: Uint8Array, text: string, now: Instant): boolean {
  const match = /^([0-9a-z]{1,11}\.[\w-]{16})\.([\w-]{43})$/.exec(text)
  if (!match) return false
  const [, said, mac] = match as unknown as [string, string, string]
  if (!sameBytes(Buffer.from(mac, 'base64url'), macOf(key, adminHash, said))) return false
  const age = now - Number.parseInt(said.split('.')[0]!, 36)
  return age >= 0 && age < SESSION_LIFE
}

function macOf(key: Uint8Array, adminHash: Uint8Array, said: string): Buffer {
  return keyedHash(key, 'dingdong.session', adminHash, said)
}

/**
 * Whether a request that changes something comes from a page of our own. Browsers say so in `Sec-Fetch-Site` or
 * `Origin` with every POST; SameSite=Strict is the first fence, this the second.
 */
export function isSameOrigin(request: FastifyRequest): boolean {
  const site = request.headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  const { origin } = request.headers
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === request.headers.host
}
