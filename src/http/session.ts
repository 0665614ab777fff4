import type { FastifyRequest } from 'fastify'
import { Fault } from '../domain/errors.ts'
import type { MemberId, Random, ShopId } from '../domain/ids.ts'
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

export const MEMBER_COOKIE = 'dd_member'

/** Who a member's session says is logged in. */
export interface MemberSession {
  readonly shop: ShopId
  readonly member: MemberId
}

/**
 * A member's session is such a statement, too: `<shop>.<member>.<ms in base 36>.<nonce>.<MAC>`. Whether that person
 * still works for the shop is asked at every request, so that removing them ends it at once.
 */
export function makeMemberSession(
  key: Uint8Array,
  { shop, member }: MemberSession,
  now: Instant,
  random: Random,
): string {
  const said = `${shop}.${member}.${now.toString(36)}.${Buffer.from(random(12)).toString('base64url')}`
  return `${said}.${memberMac(key, said).toString('base64url')}`
}

/** Who is logged in by this cookie; `null` when it is none of ours or older than twelve hours. */
export function readMemberSession(key: Uint8Array, text: string, now: Instant): MemberSession | null {
  const match = /^((\d{1,10})\.([0-9a-f-]{36})\.([0-9a-z]{1,11})\.[\w-]{16})\.([\w-]{43})$/.exec(text)
  if (!match) return null
  const [, said, shop, member, at, mac] = match as unknown as [string, string, string, string, string, string]
  if (!sameBytes(Buffer.from(mac, 'base64url'), memberMac(key, said))) return null
  const age = now - Number.parseInt(at, 36)
  if (age < 0 || age >= SESSION_LIFE) return null
  return { shop: Number(shop) as ShopId, member: member as MemberId }
}

const memberMac = (key: Uint8Array, said: string) => keyedHash(key, 'dingdong.member-session', said)

/**
 * Whether a request that changes something comes from a page of our own. Browsers say so in `Sec-Fetch-Site` or
 * `Origin` with every POST; SameSite=Strict is the first fence, this the second.
 */
function isSameOrigin(request: FastifyRequest): boolean {
  const site = request.headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  const { origin } = request.headers
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === request.headers.host
}

/** Throws `CROSS_SITE`, or `ORIGIN_MISSING` where the request does not say what page it comes from. */
export function demandSameOrigin(request: FastifyRequest): void {
  if (isSameOrigin(request)) return
  const silent = request.headers['sec-fetch-site'] === undefined && request.headers.origin === undefined
  throw new Fault(silent ? 'ORIGIN_MISSING' : 'CROSS_SITE')
}

/** As `before` of a route: a page of another site must not use up the tries of the one who logs in here. */
export async function sameOriginFirst(request: FastifyRequest): Promise<void> {
  demandSameOrigin(request)
}
