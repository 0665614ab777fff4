import type { FastifyReply, FastifyRequest } from 'fastify'
import { type ConnectionRow, findConnectionByPath, noteRelay } from '../../db/connections.ts'
import { keepRefusal } from '../../db/intake.ts'
import { Fault, faultText, ignoring } from '../../domain/errors.ts'
import { newId, type ShopId } from '../../domain/ids.ts'
import { hashSecret } from '../../domain/seal.ts'
import { type Instant, SECOND } from '../../domain/time.ts'
import { openSettings } from '../../sources/connection-settings.ts'
import { isStale } from '../../sources/reply.ts'
import type { Source, SourceReply } from '../../sources/source.ts'
import type { HttpDeps } from '../deps.ts'
import { faultOf, statusOf } from '../errors.ts'
import { rawRequest } from '../raw-request.ts'
import { relay, wasRelayed } from '../relay.ts'
import type { AddRoute } from '../route.ts'
import { INTAKE_BODY_LIMIT } from './intake-events.ts'
import { shopNumber } from './shop-number.ts'

interface Opened {
  readonly row: ConnectionRow
  readonly source: Source
  readonly settings: unknown
  /** The shop's own callback address, where callbacks are to be passed on. */
  readonly relayTo: string | null
  /** How the last callback fared there, as far as this process knows; see `noteRelay`. */
  relayFailure: string | null
  readonly until: Instant
}

/** A request whose path was found, before its body is read. */
interface Arrived {
  readonly shop: ShopId
  readonly connection: Opened
  readonly at: Instant
}

/** A connection that was switched off or changed is noticed within this. */
const CONNECTION_LIFE = 5 * SECOND
const MOST_CONNECTIONS = 10_000

/** A shop's own words may be XML, which a browser that is led here would run as a page of ours: so it may do nothing. */
const FOR_PROGRAMS = {
  'content-security-policy': "default-src 'none'; sandbox",
  'x-content-type-options': 'nosniff',
}

/** `GET|POST /in/:shop/:token`: what outside systems call. The raw body is what signatures are checked on. */
export function sourceCallbacks(add: AddRoute, deps: HttpDeps): void {
  const known = new Map<string, Opened>()
  const opened = new WeakMap<
    FastifyRequest,
    { readonly shop: ShopId; readonly connection: Opened; readonly at: Instant }
  >()

  /** Asked before the body is read. An unknown shop costs the same one look-up as an unknown path. */
  async function before(request: FastifyRequest): Promise<void> {
    const { shop: text, token } = request.params as { shop: string; token: string }
    const shop = shopNumber(text) ?? (0 as ShopId)
    const hash = hashSecret(token)
    const name = `${shop}:${hash.toString('latin1')}`
    const cached = known.get(name)
    const fresh = cached && cached.until > deps.clock.now() ? cached : await openConnection(deps, shop, hash)
    if (!fresh) throw new Fault('ROUTE_UNKNOWN')
    if (known.size >= MOST_CONNECTIONS) known.clear()
    known.set(name, fresh)
    opened.set(request, { shop, connection: fresh, at: deps.clock.now() })
    // 410 and not 404 or 503: whoever knows the path may know that it is off on purpose. Well-behaved senders then
    // stop instead of trying for days, and a person who switches it on again re-enables it at the sender, too.
    // One that passes callbacks on does so still: the shop has no other way to hear of its payments.
    if (!fresh.row.enabled && fresh.relayTo === null) throw new Fault('CONNECTION_OFF')
  }

  for (const name of ['GET /in/:shop/:token', 'POST /in/:shop/:token'] as const) {
    add(name, {
      bodyLimit: INTAKE_BODY_LIMIT,
      before,
      async handle({ request, reply }) {
        const arrived = opened.get(request)!
        checkMethod(arrived.connection.source, request, reply)
        return receive(deps, arrived, request, reply).catch((error) =>
          refuse(error, arrived.connection.source, request, reply),
        )
      },
    })
  }
}

/** A look at the address in a browser is no forgery: it is told what the system calls by, and not recorded. */
function checkMethod({ methods = ['POST'] }: Source, { method }: FastifyRequest, reply: FastifyReply): void {
  if ((methods as readonly string[]).includes(method)) return
  const allowed = methods.join(', ')
  reply.header('allow', allowed)
  throw new Fault('METHOD_NOT_ALLOWED', { allowed, method })
}

/** Some systems want to hear a refusal in words of their own beside the status. */
function refuse(
  error: unknown,
  { refusal }: Source,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  if (!refusal) throw error
  const fault = faultOf(error, request, reply)
  const { type, body } = refusal(faultText(fault.code, fault.params, 'zh'))
  return reply.code(statusOf(fault)).type(type).send(body)
}

/**
 * Keeps what a callback says, and answers as its sender expects: with the shop's own words where it is passed on. Of a
 * connection that is off nothing is kept.
 */
async function receive(
  deps: HttpDeps,
  { shop, connection, at }: Arrived,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { row, source, settings } = connection
  /** What is authentic and kept goes on to the shop's own address, and the shop's answer back. */
  const answer = async (own: SourceReply): Promise<FastifyReply> => {
    const { relayTo } = connection
    if (relayTo === null || wasRelayed(request)) return say(own)
    const passed = deps.clock.now() - at
    const { reply: theirs, failure } = await relay(deps.relay, relayTo, source.name, request, passed)
    // While nothing changes nothing is written.
    if (failure !== connection.relayFailure)
      await noteRelay(deps.db, shop, row.id, failure, deps.clock.now()).then(
        () => {
          connection.relayFailure = failure
        },
        (error) => ignoring(error, 'how a callback fared is told by the next one', deps.logger),
      )
    return say(theirs)
  }
  const say = ({ status, type, body }: SourceReply) =>
    reply.code(status).headers(FOR_PROGRAMS).type(type).send(body)
  const raw = rawRequest(request)
  const now = deps.clock.now()
  const refuse = (why: string) =>
    keepRefusal(deps.db, shop, {
      id: newId('evt', now, deps.random),
      connection: row.id,
      at: now,
      why: why.slice(0, 200),
      remoteAddress: raw.remoteAddress,
      bodyBytes: raw.body.length,
    })
  const received = source.receive(settings, raw, now)
  switch (received.kind) {
    case 'forged':
      await refuse(received.why)
      throw new Fault(isStale(received.why) ? 'SIGNATURE_STALE' : 'SIGNATURE_INVALID', { why: received.why })
    case 'unreadable': {
      await refuse(`unreadable: ${received.path}`)
      // Ours to mend; the shop may well understand it.
      if (connection.relayTo !== null) return answer({ status: 422, type: 'text/plain', body: 'unreadable' })
      const { path, problem } = received
      throw new Fault('CALLBACK_UNREADABLE', {}, { fields: [{ path, problem }] })
    }
    case 'events': {
      const sender = { shop, connection: row.id, trust: source.trust }
      if (row.enabled) await deps.intake.keep(sender, received.events)
      break
    }
    case 'nothing':
      if (received.unsigned) return say(received.reply)
      break
  }
  return answer(received.reply)
}

/** The connection of this path, ready to read callbacks; `null` when there is none. */
async function openConnection(deps: HttpDeps, shop: ShopId, hash: Buffer): Promise<Opened | null> {
  const row = await findConnectionByPath(deps.db, shop, hash)
  if (!row) return null
  const source = deps.sources(row.source)
  if (!source) throw new Fault('SOURCE_UNKNOWN', { source: row.source })
  const vault = await deps.keyring.open(shop)
  const text = vault.sealer.openText(row.settings, { shop, column: 'connection.settings', row: row.id })
  const opened = openSettings(source, text)
  // Made and not yet finished: the sender tries again, and what it says then is not lost.
  if (!opened && !row.enabled) throw new Fault('CONNECTION_UNFINISHED')
  if (!opened) throw new Fault('SOURCE_UNKNOWN', { source: row.source })
  const relayTo = opened.common.relayTo ?? null
  return {
    row,
    source,
    settings: opened.settings,
    relayTo,
    relayFailure: row.relay_failed_why,
    until: deps.clock.now() + CONNECTION_LIFE,
  }
}
