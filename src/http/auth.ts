import type { FastifyRequest } from 'fastify'
import { readMember } from '../db/accounts.ts'
import { type ApiKeyRow, findApiKey } from '../db/connections.ts'
import { readInstallation } from '../db/installation.ts'
import { listShops } from '../db/shops.ts'
import { Fault } from '../domain/errors.ts'
import { type ConnectionId, formatId, type ShopId } from '../domain/ids.ts'
import { readApiKey } from '../domain/secret-text.ts'
import { type Instant, SECOND, toIso } from '../domain/time.ts'
import type { HttpDeps } from './deps.ts'
import { HOLDERS, type Holder, type Permission } from './permissions.ts'
import { demandSameOrigin, isSession, MEMBER_COOKIE, readMemberSession, SESSION_COOKIE } from './session.ts'

/** Who is asking, and for which shop. */
export interface Caller {
  readonly shop: ShopId
  /** For the audit log: `key:<id>`, `member:<id>`, `admin`. */
  readonly actor: string
  /** What a member is in the shop; `null` for a key and the administrator. */
  readonly roles: readonly string[] | null
  /** What the caller could also do. The administrator may do everything. */
  readonly may: (permission: string) => boolean
  /** Whose word this caller's events are; `null` for the administrator. */
  readonly connection: ConnectionId | null
}

export interface Auth {
  /** The caller, when they may; throws or rejects with a Fault when not. `null`: nobody in particular. */
  authorize(permission: Permission, request: FastifyRequest): Caller | null | Promise<Caller | null>
  /** A key was changed here: look it up anew. Other processes follow within `KEY_LIFE`. */
  forgetKeys(): void
}

/** A revoked key works at most this much longer, and only on other processes than the one that revoked it. */
const KEY_LIFE = 5 * SECOND
/** A key that nobody knows may be created the next moment. */
const UNKNOWN_LIFE = SECOND
const MOST_KEYS = 10_000

interface Known {
  readonly row: ApiKeyRow | null
  readonly caller: Caller | null
  readonly until: Instant
}

export function createAuth(deps: HttpDeps): Auth {
  const { db, clock } = deps
  const keys = new Map<string, Known>()

  function withKey(text: string, permission: Permission): Caller | Promise<Caller> {
    const read = readApiKey(text)
    if (read === 'typo' || read === 'not_a_key') throw new Fault('KEY_TYPO', { length: text.length })
    const name = read.hash.toString('latin1')
    const known = keys.get(name)
    if (known && known.until > clock.now()) return check(known, permission)
    return lookUp(read.shop, read.hash, name).then((fresh) => check(fresh, permission))
  }

  async function lookUp(shop: ShopId, hash: Buffer, name: string): Promise<Known> {
    const found = await findApiKey(db, hash)
    const row = found && found.shop_id === shop ? found : null
    const until = clock.now() + (row ? KEY_LIFE : UNKNOWN_LIFE)
    if (keys.size >= MOST_KEYS) keys.clear()
    const known = { row, until, caller: row && callerOf(row) }
    keys.set(name, known)
    return known
  }

  /** A member, where one may; else the administrator. */
  async function withPerson(request: FastifyRequest, permission: Permission): Promise<Caller> {
    const holders: readonly Holder[] = HOLDERS[permission]
    if (!holders.includes('member')) return withSession(deps, request)
    const member = await withMember(deps, request, permission)
    if (member) return member
    if (request.cookies?.[SESSION_COOKIE] === undefined) throw new Fault('MEMBER_LOGIN_NEEDED')
    return withSession(deps, request)
  }

  return {
    authorize(permission, request) {
      const holders: readonly Holder[] = HOLDERS[permission]
      if (holders.some((holder) => holder === 'anyone' || holder === 'link' || holder === 'secret path'))
        return null
      const header = request.headers.authorization
      if (header !== undefined && holders.includes('key')) {
        if (!/^bearer /i.test(header)) throw new Fault('KEY_NOT_BEARER')
        return withKey(header.slice(7).trim(), permission)
      }
      if (holders.includes('this machine') && isThisMachine(request)) return null
      if (!holders.includes('admin')) throw new Fault('KEY_MISSING', { permission })
      const cookies = request.cookies ?? {}
      if (holders.includes('key') && !cookies[SESSION_COOKIE] && !cookies[MEMBER_COOKIE]) {
        throw new Fault('KEY_MISSING', { permission })
      }
      return withPerson(request, permission)
    },
    forgetKeys: () => keys.clear(),
  }
}

async function withSession({ db, clock, sessionKey }: HttpDeps, request: FastifyRequest): Promise<Caller> {
  const text = request.cookies?.[SESSION_COOKIE]
  const hash = text ? (await readInstallation(db))?.admin_secret_hash : null
  if (!text || !hash || !isSession(sessionKey, hash, text, clock.now())) throw new Fault('LOGIN_NEEDED')
  if (request.method !== 'GET' && request.method !== 'HEAD') demandSameOrigin(request)
  const shops = await listShops(db)
  const { shop } = { ...(request.params as object), ...(request.query as object) } as { shop?: unknown }
  const chosen = shop === undefined ? shops[0] : shops.find((each) => String(each.id) === shop)
  if (!chosen) throw new Fault('NOT_FOUND')
  return { shop: chosen.id, actor: 'admin', roles: null, may: () => true, connection: null }
}

/** Somebody of the shop, as long as they work there; `null` without such a session. */
async function withMember(
  { db, clock, sessionKey }: HttpDeps,
  request: FastifyRequest,
  permission: Permission,
): Promise<Caller | null> {
  const text = request.cookies?.[MEMBER_COOKIE]
  const session = text ? readMemberSession(sessionKey, text, clock.now()) : null
  const member = session && (await readMember(db, session.shop, session.member))
  if (!session || !member) return null
  if (request.method !== 'GET' && request.method !== 'HEAD') demandSameOrigin(request)
  return {
    shop: session.shop,
    actor: `member:${formatId('mem', session.member)}`,
    roles: member.roles,
    may: (other) => other === permission,
    connection: null,
  }
}

function check({ row, caller }: Known, permission: Permission): Caller {
  if (!row || !caller) throw new Fault('KEY_UNKNOWN')
  if (row.revoked_at !== null) throw new Fault('KEY_REVOKED', { at: toIso(row.revoked_at) })
  if (!caller.may(permission)) throw new Fault('SCOPE_MISSING', { permission })
  return caller
}

function callerOf(row: ApiKeyRow): Caller {
  const scopes = new Set(row.scopes)
  return {
    shop: row.shop_id,
    actor: `key:${formatId('key', row.id)}`,
    roles: null,
    may: (permission) => scopes.has(permission),
    connection: row.connection_id,
  }
}

/** What proxies, tunnels and content networks write: one of them is enough. */
const FORWARDED = /^(forwarded|via|x-forwarded-.*|x-real-ip|x-client-ip|true-client-ip|cf-.*)$/

/** A proxy on this machine makes every request look local, so one that was forwarded is not. */
function isThisMachine(request: FastifyRequest): boolean {
  const { remoteAddress } = request.socket
  if (Object.keys(request.headers).some((name) => FORWARDED.test(name))) return false
  return remoteAddress === '::1' || /^(::ffff:)?127\./.test(remoteAddress ?? '')
}
