import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { readLaw } from '../../src/app/law.ts'
import { compileTemplate } from '../../src/app/presets.ts'
import { createHttpClient } from '../../src/channels/http-client.ts'
import { PROVIDERS } from '../../src/channels/registry.ts'
import { addApiKey, addConnection } from '../../src/db/connections.ts'
import { saveAdminSecretHash } from '../../src/db/shops.ts'
import { readEvents } from '../../src/db/todo.ts'
import type { Event, SourceEvent } from '../../src/domain/event.ts'
import { type ConnectionId, type Id, newId, parseId, type ShopId } from '../../src/domain/ids.ts'
import { hashSecret } from '../../src/domain/seal.ts'
import { newApiKey } from '../../src/domain/secret-text.ts'
import { DAY, type Instant, systemClock } from '../../src/domain/time.ts'
import type { TokenKind } from '../../src/domain/token.ts'
import type { HttpDeps, Readiness } from '../../src/http/deps.ts'
import { SCOPES } from '../../src/http/permissions.ts'
import { createServer } from '../../src/http/server.ts'
import { type Lab, startLab } from '../../src/lab/lab.ts'
import { createTroubles } from '../../src/lab/troubles.ts'
import { openEvent } from '../../src/pipeline/open-event.ts'
import { SOURCES } from '../../src/sources/registry.ts'
import { type TestEngine, type TravelClock, testEngine, testRandom, travelClock } from './engine.ts'

/** 2026-11-23 10:00 in Shanghai: a Monday morning, outside every quiet window. */
const MONDAY: Instant = Date.parse('2026-11-23T02:00:00Z')
export const ADMIN_SECRET = 'correct horse battery staple'
/** What the lab's SMS gateway signs its callbacks with. */
export const SMS_SECRET = 'sms callback secret'

export interface TestShop {
  readonly id: ShopId
  readonly internal: ConnectionId
  /** A key with every scope. */
  readonly key: string
  readonly keyId: Id<'key'>
}

/** A real server on loopback, on a real database, with a real engine and the provider lab behind it. */
export interface Site {
  readonly url: string
  readonly app: FastifyInstance
  readonly engine: TestEngine
  readonly lab: Lab
  readonly clock: TravelClock
  readonly deps: HttpDeps
  readonly shop: TestShop
  readonly other: TestShop
  /** What the server wrote into its log, as text. */
  readonly logged: () => string
  readonly health: { answer: Readiness }
  /** How each callback that was passed on fared. */
  readonly relayed: readonly string[]
  call(method: string, path: string, options?: CallOptions): Promise<Answer>
  keyWith(shop: TestShop, scopes: readonly string[]): Promise<string>
  keep(shop: TestShop, ...events: SourceEvent[]): Promise<void>
  link(shop: TestShop, kind: TokenKind, id: string, life?: number): Promise<string>
  login(): Promise<string>
  /** The status of the next answer to such a request, whoever sends it. */
  answered(method: string, path: string): Promise<number>
  /** Resolves when the order codes asked for so far are planned. */
  background(): Promise<void>
  close(): Promise<void>
}

export interface CallOptions {
  readonly key?: string
  readonly json?: unknown
  readonly form?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  readonly headers?: Readonly<Record<string, string>>
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests read what they asked for
  readonly json: any
}

/** An event of the site's first shop as it was kept, by its id, `evt_…`; `undefined`: there is none. */
export async function keptEvent({ deps, shop }: Site, id: string): Promise<Event | undefined> {
  const [row] = await readEvents(deps.db, shop.id, [parseId('evt', id)!])
  return row && openEvent(shop.id, row, await deps.keyring.open(shop.id))
}

/** `origins`: addresses on this machine that may be called, beside the lab's. */
export async function openSite(origins: readonly string[] = []): Promise<Site> {
  const clock = travelClock(MONDAY)
  const lab = await startLab({ clock, random: testRandom })
  lab.sms.sendCallbacksTo({ url: 'http://127.0.0.1:1/', secret: SMS_SECRET })
  const engine = await testEngine({ clock, origins: lab.origins })
  await saveAdminSecretHash(engine.database.db, hashSecret(ADMIN_SECRET))
  const shop = await openTestShop(engine, lab, 'first')
  const other = await openTestShop(engine, lab, 'second')
  const log: string[] = []
  const client = createHttpClient({ allowOrigins: origins })
  const relayed: string[] = []
  const health: { answer: Readiness } = { answer: { ready: true, checks: { database: { ok: true } } } }
  let url = ''
  const waiting: (() => void)[] = []
  const deps: HttpDeps = {
    db: engine.database.db,
    intake: engine.intake,
    keyring: engine.keyring,
    configs: engine.configs,
    law: await readLaw(),
    flowTrials: engine.flowTrials,
    retries: engine.retries,
    compileTemplate: (...given) => compileTemplate(systemClock(), ...given),
    sources: (name) => SOURCES.get(name),
    providers: (name) => PROVIDERS.find((provider) => provider.name === name),
    clock,
    random: testRandom,
    logger: pino({ level: 'trace' }, { write: (line: string) => void log.push(line) }) as FastifyBaseLogger,
    publicUrl: () => url,
    sessionKey: Buffer.alloc(32, 7),
    metrics: { render: async () => 'up 1\n' },
    relay: { http: client.request, done: (_source, outcome) => void relayed.push(outcome) },
    health: async () => health.answer,
    apiDescription: async () => '{}',
    outbox: {
      shop: shop.id,
      mail: lab.smtp.received,
      sms: lab.sms.received,
      webhook: lab.webhook.received,
      troubles: createTroubles(lab),
    },
    onPlanned: () => {
      for (const wake of waiting.splice(0)) wake()
    },
    onEventsDue: () => {},
  }
  const app = await createServer(deps)
  url = await app.listen({ port: 0, host: '127.0.0.1' })
  const site: Site = {
    url,
    app,
    engine,
    lab,
    clock,
    deps,
    shop,
    other,
    health,
    relayed,
    logged: () => log.join(''),
    call: (method, path, options = {}) => call(url, method, path, options),
    keyWith: async (of, scopes) => (await addKey(engine, of.id, scopes)).key,
    async keep(of, ...events) {
      await engine.intake.keep({ shop: of.id, connection: of.internal, trust: 'signed' }, events)
      await engine.worker.drain()
    },
    async link(of, kind, id, life = DAY) {
      const vault = await engine.keyring.open(of.id)
      return vault.sign({ kind, id, expiresAt: clock.now() + life })
    },
    answered: (method, path) =>
      new Promise((resolve) => {
        const listener = (request: IncomingMessage, response: ServerResponse) => {
          if (request.method !== method || !request.url?.startsWith(path)) return
          app.server.off('request', listener)
          response.on('finish', () => resolve(response.statusCode))
        }
        app.server.on('request', listener)
      }),
    background: () => new Promise((resolve) => waiting.push(resolve)),
    async login() {
      const answer = await call(url, 'POST', '/login', {
        form: { secret: ADMIN_SECRET },
        headers: { origin: url },
      })
      return answer.headers.get('set-cookie')!.split(';')[0]!
    },
    async close() {
      await app.close()
      await engine.close()
      await client.close()
      await lab.close()
    },
  }
  return site
}

async function openTestShop(engine: TestEngine, lab: Lab, slug: string): Promise<TestShop> {
  const mail = {
    host: lab.smtp.host,
    port: lab.smtp.port,
    security: 'none',
    user: lab.smtp.user,
    pass: lab.smtp.pass,
    from: 'shop@example.com',
  }
  const registeredLink = { url: 'https://shop.example/d' }
  const opened = await engine.openShop(
    slug,
    [
      { channel: 'email', provider: 'smtp', name: 'lab', settings: mail },
      {
        channel: 'sms',
        provider: 'sms-http',
        name: 'lab',
        settings: { ...lab.sms.account(), registeredLink },
      },
      { channel: 'inbox', provider: 'inbox', name: 'inbox', settings: {} },
    ],
    { brand: { colour: '#0f766e', support: 'help@shop.example' }, helpUrl: 'https://shop.example/help' },
  )
  return { ...opened, ...(await addKey(engine, opened.id, SCOPES)) }
}

async function addKey(engine: TestEngine, shop: ShopId, scopes: readonly string[]) {
  const { db } = engine.database
  const now = engine.clock.now()
  const { text, hash } = newApiKey(shop, testRandom)
  const connection = newId('conn', now, testRandom)
  const keyId = newId('key', now, testRandom)
  const settings = (await engine.keyring.open(shop)).sealer.seal('{}', {
    shop,
    column: 'connection.settings',
    row: connection,
  })
  await addConnection(db, shop, {
    id: connection,
    source: 'api',
    name: 'test',
    path_hash: null,
    settings,
    created_at: now,
  })
  await addApiKey(db, shop, {
    id: keyId,
    name: 'test',
    hash,
    scopes,
    connection_id: connection,
    created_at: now,
  })
  return { key: text, keyId }
}

async function call(url: string, method: string, path: string, options: CallOptions): Promise<Answer> {
  const headers: Record<string, string> = { ...options.headers }
  if (options.key) headers.authorization = `Bearer ${options.key}`
  let body: string | Buffer | undefined = options.body
  if (options.json !== undefined) {
    headers['content-type'] ??= 'application/json'
    body = JSON.stringify(options.json)
  }
  if (options.form) {
    headers['content-type'] = 'application/x-www-form-urlencoded'
    body = new URLSearchParams(options.form).toString()
  }
  const response = await fetch(url + path, {
    method,
    headers,
    redirect: 'manual',
    ...(body === undefined ? {} : { body }),
  })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json')
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson && text ? JSON.parse(text) : undefined,
  }
}

/** An event of the shop's own system. */
export function orderEvent(
  id: string,
  type: string,
  no: string,
  data: Partial<SourceEvent['data']> = {},
): SourceEvent {
  const { order, ...rest } = data
  return {
    id,
    type,
    source: 'test',
    time: MONDAY,
    subject: no,
    data: { refs: [], order: { no, ...order }, ...rest },
  }
}
