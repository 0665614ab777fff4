import type { FastifyReply, FastifyRequest } from 'fastify'
import { type ConnectionRow, findConnectionByPath } from '../../db/connections.ts'
import { keepRefusal } from '../../db/intake.ts'
import { Fault, faultText } from '../../domain/errors.ts'
import { newId, type ShopId } from '../../domain/ids.ts'
import { hashSecret } from '../../domain/seal.ts'
import { type Instant, SECOND } from '../../domain/time.ts'
import type { Source } from '../../sources/source.ts'
import type { HttpDeps } from '../deps.ts'
import { faultOf, statusOf } from '../errors.ts'
import { rawRequest } from '../raw-request.ts'
import type { AddRoute } from '../route.ts'
import { INTAKE_BODY_LIMIT } from './intake-events.ts'
import { shopNumber } from './shop-number.ts'

interface Opened {
  readonly row: ConnectionRow
  readonly source: Source
  readonly settings: unknown
  readonly until: Instant
}

/** A connection that was switched off or changed is noticed within this. */
const CONNECTION_LIFE = 5 * SECOND
const MOST_CONNECTIONS = 10_000

/** `GET|POST /in/:shop/:token`: what outside systems call. The raw body is what signatures are checked on. */
export function sourceCallbacks(add: AddRoute, deps: HttpDeps): void {
  const known = new Map<string, Opened>()
  const opened = new WeakMap<FastifyRequest, { readonly shop: ShopId; readonly connection: Opened }>()

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
    opened.set(request, { shop, connection: fresh })
    // 410 and not 404 or 503: whoever knows the path may know that it is off on purpose. Well-behaved senders then
    // stop instead of trying for days, and a person who switches it on again re-enables it at the sender, too.
    if (!fresh.row.enabled) throw new Fault('CONNECTION_OFF')
  }

  async function receive(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { shop, connection } = opened.get(request)!
    const { row, source, settings } = connection
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
        throw new Fault('SIGNATURE_INVALID', { why: received.why })
      case 'unreadable': {
        await refuse(`unreadable: ${received.path}`)
        const { path, problem } = received
        throw new Fault('CALLBACK_UNREADABLE', {}, { fields: [{ path, problem }] })
      }
      case 'events':
        await deps.intake.keep({ shop, connection: row.id, trust: source.trust }, received.events)
        break
      case 'nothing':
        break
    }
    return reply.code(received.reply.status).type(received.reply.type).send(received.reply.body)
  }

  for (const name of ['GET /in/:shop/:token', 'POST /in/:shop/:token'] as const) {
    add(name, {
      bodyLimit: INTAKE_BODY_LIMIT,
      before,
      handle: ({ request, reply }) =>
        receive(request, reply).catch((error) =>
          refuse(error, opened.get(request)!.connection.source, request, reply),
        ),
    })
  }
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

/** The connection of this path, ready to read callbacks; `null` when there is none. */
async function openConnection(deps: HttpDeps, shop: ShopId, hash: Buffer): Promise<Opened | null> {
  const row = await findConnectionByPath(deps.db, shop, hash)
  if (!row) return null
  const source = deps.sources(row.source)
  if (!source) throw new Fault('SOURCE_UNKNOWN', { source: row.source })
  const vault = await deps.keyring.open(shop)
  const text = vault.sealer.openText(row.settings, { shop, column: 'connection.settings', row: row.id })
  const settings = source.settings.safeParse(JSON.parse(text))
  if (!settings.success) throw new Fault('SOURCE_UNKNOWN', { source: row.source }, { cause: settings.error })
  return { row, source, settings: settings.data, until: deps.clock.now() + CONNECTION_LIFE }
}
