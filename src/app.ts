import { readFile } from 'node:fs/promises'
import type { FastifyInstance } from 'fastify'
import { leaveAddress, readAddress } from './app/address-file.ts'
import { newAdminSecret } from './app/admin-secret.ts'
import { type Database, openDatabase, openPools, type Pools } from './app/database.ts'
import { demoSecrets } from './app/demo-secrets.ts'
import { DEMO_SLUG, type DemoShop, ensureDemoShop } from './app/demo-shop.ts'
import { answerCommands, type Post } from './app/demo-system.ts'
import { type Disk, lookQuietly, watchDisk } from './app/disk.ts'
import { ROOT } from './app/files-in.ts'
import { addGauges } from './app/gauges.ts'
import { createHealth } from './app/health.ts'
import { readLaw } from './app/law.ts'
import { type AppLogger, createLogger } from './app/logger.ts'
import { type FoundKey, findMasterKey } from './app/master-key.ts'
import { PortBusy, refuseBusyPort } from './app/port.ts'
import { compilePresets, compileTemplate, readRules } from './app/presets.ts'
import { loadRails } from './app/rails.ts'
import { orRunsAlready } from './app/runs-already.ts'
import { startUpkeep, type Upkeep } from './app/upkeep.ts'
import { createHttpClient, type OwnedHttpClient } from './channels/http-client.ts'
import { PROVIDERS } from './channels/registry.ts'
import type { Config } from './config.ts'
import { connect } from './db/connect.ts'
import { checkSchema, migrate } from './db/migrate.ts'
import { ensurePartitions } from './db/partitions.ts'
import { ensureInstallation, findShop, listShops, saveAdminSecretHash } from './db/shops.ts'
import { readStopped, type Stopped } from './db/stopped.ts'
import { Fault } from './domain/errors.ts'
import type { Rails } from './domain/failure/rails.ts'
import type { Random, ShopId } from './domain/ids.ts'
import type { LawBook } from './domain/law/book.ts'
import { keyedHash } from './domain/seal.ts'
import type { Clock } from './domain/time.ts'
import type { HttpDeps } from './http/deps.ts'
import { createServer } from './http/server.ts'
import type { Lab } from './lab/lab.ts'
import { createTroubles } from './lab/troubles.ts'
import { createEngine, type Engine } from './pipeline/engine.ts'
import { createHints, type Hints } from './pipeline/hints.ts'
import { SOURCES } from './sources/registry.ts'

export { createLogger }

export interface AppOptions {
  readonly config: Config
  readonly clock: Clock
  readonly random: Random
  readonly logger: AppLogger
  /** For the demo shop's own system, which posts what it did. */
  readonly post: Post
  /** Of the demo shop's texts. */
  readonly language: 'zh' | 'en'
  /** Told what is being done, for a terminal. */
  readonly onStep?: (step: Step) => void
}

export type Step = 'database' | 'schema' | 'demo' | 'listen'

/** A running Dingdong. */
export interface App {
  /** Where it listens. */
  readonly address: string
  readonly publicUrl: string
  readonly database: Database
  readonly key: FoundKey
  /** Made at the first start and shown once; `null` later. */
  readonly adminSecret: string | null
  readonly demo: (Pick<DemoShop, 'language'> & { readonly shop: ShopId; readonly apiKey: string }) | null
  readonly shops: number
  /** The kill switches that were on when it started. */
  readonly stopped: Stopped
  /** Takes nothing new in, ends what is in hand, then ends everything. */
  stop(): Promise<void>
}

/** The only place where the parts are put together. Throws what keeps it from starting; then nothing is left running. */
export async function createApp(options: AppOptions): Promise<App> {
  const closers: Closer[] = []
  try {
    return await assemble(options, closers)
  } catch (error) {
    await closeAll(closers, options.logger)
    throw await orRunsAlready(error, options.config)
  }
}

type Closer = () => Promise<unknown>

async function closeAll(closers: Closer[], logger: AppLogger): Promise<void> {
  // Last opened, first closed.
  for (const close of closers.splice(0).reverse()) {
    await close().catch((error) => logger.warn({ err: error }, 'something did not close cleanly'))
  }
}

/** What every part is built on. */
interface Ground extends AppOptions {
  readonly database: Database
  readonly pools: Pools
  readonly key: FoundKey
  readonly rails: Rails
  readonly law: LawBook
  /** `null` where the database is on a server of its own. */
  readonly disk: Disk | null
}

async function assemble(options: AppOptions, closers: Closer[]): Promise<App> {
  if (options.config.portGiven) await refuseBusyPort(options.config)
  const ground = await layGround(options, closers)
  const { config, clock, random, key, pools, logger } = ground
  const adminSecret = await ensureAdminSecret(ground)
  const lab = await startDemoLab(ground, closers)
  // A further process beside the one that looks after the embedded database: links and simulators are that one's.
  const main = config.role === 'all' || config.databaseUrl ? null : await readAddress(config.dataDir)
  const allowOrigins = [...config.allowOrigins, ...(lab?.origins ?? main?.allowOrigins ?? [])]
  const http = createHttpClient({ allowOrigins })
  closers.push(() => http.close())
  let publicUrl = config.publicUrl ?? main?.publicUrl ?? ''
  const { engine, hints } = startEngine(ground, http, () => publicUrl, closers)
  await checkKey(engine, pools)
  const demo = lab && (await openDemo(ground, engine, lab))
  const health = createHealth({
    database: ground.database,
    db: pools.configDb,
    clock,
    metrics: engine.metrics,
    disk: ground.disk,
    works: config.role !== 'api',
  })
  const { server, address } = await listen(
    ground,
    httpDeps(ground, { engine, hints, http, lab, demo, health, publicUrl: () => publicUrl }),
  )
  closers.push(() => server.close())
  publicUrl ||= address
  if (lab && demo) connectDemo(ground, lab, demo, address, closers)
  if (config.role !== 'api') engine.worker.start()
  const upkeep: Upkeep = startUpkeep({
    config,
    db: pools.configDb,
    databaseUrl: ground.database.url,
    clock,
    random,
    logger,
    forgetKeys: engine.keyring.forget,
    lookAtDisk: () => lookQuietly(ground.disk, logger),
  })
  closers.push(() => upkeep.stop())
  if (config.role === 'all' && !config.databaseUrl) {
    closers.push(
      await leaveAddress(config.dataDir, { url: address, publicUrl, pid: process.pid, allowOrigins }),
    )
  }
  const shops = (await listShops(pools.db)).length
  const stopped = await readStopped(pools.db)
  if (stopped.all || stopped.shops.length + stopped.flows.length > 0)
    logger.warn(stopped, 'kill switches are on: the messages they stop are dropped as they come due')
  return {
    address,
    publicUrl,
    database: ground.database,
    key,
    adminSecret,
    demo: demo && { shop: demo.id, language: demo.language, apiKey: demo.apiKey },
    shops,
    stopped,
    stop: () => closeAll(closers, logger),
  }
}

async function layGround(options: AppOptions, closers: Closer[]): Promise<Ground> {
  const { config, clock, logger, language, onStep } = options
  // Before anything is started: a mistake in them shows at once and leaves nothing behind.
  const [rails, law] = await Promise.all([loadRails(language), readLaw(language), readRules(language)])
  onStep?.('database')
  const database = await openDatabase(options)
  closers.push(() => database.stop())
  const pools = openPools(database.url, config.poolSize, `dingdong ${config.role}`)
  closers.push(() => pools.close())
  onStep?.('schema')
  if (config.role === 'all') {
    const applied = await migrate({ db: pools.configDb, now: clock.now() })
    if (applied.length > 0) logger.info({ applied }, 'schema brought up to date')
  } else await checkSchema({ db: pools.configDb })
  await ensureInstallation(pools.db, clock.now())
  await ensurePartitions(pools.db, clock.now())
  const mayMake = config.role === 'all' && (await listShops(pools.db)).length === 0
  const key = await findMasterKey(config, mayMake)
  const disk = database.kind === 'external' ? null : watchDisk({ dir: config.dataDir, log: logger })
  await lookQuietly(disk, logger)
  return { ...options, database, pools, key, rails, law, disk }
}

async function ensureAdminSecret({ pools, clock, random }: Ground): Promise<string | null> {
  const { admin_secret_hash } = await ensureInstallation(pools.db, clock.now())
  if (admin_secret_hash !== null) return null
  const secret = newAdminSecret(random)
  await saveAdminSecretHash(pools.db, secret.hash)
  return secret.text
}

/** The simulators run beside the demo shop, in the process that looks after everything. */
async function startDemoLab(ground: Ground, closers: Closer[]): Promise<Lab | null> {
  const { config, pools, clock, random, key, onStep } = ground
  if (config.demo === 'off' || config.role !== 'all') return null
  const wanted = (await findShop(pools.db, DEMO_SLUG))?.demo ?? (await listShops(pools.db)).length === 0
  if (!wanted) return null
  onStep?.('demo')
  const { startLab } = await import('./lab/lab.ts')
  const lab = await startLab({ clock, random, secrets: labSecrets(key) })
  closers.push(() => lab.close())
  return lab
}

function labSecrets({ master }: FoundKey) {
  const { smtpPass, smsKey, smsSecret, webhook } = demoSecrets(master)
  return { smtpPass, smsKey, smsSecret, webhookSecret: webhook }
}

function startEngine(ground: Ground, http: OwnedHttpClient, publicUrl: () => string, closers: Closer[]) {
  const { config, clock, random, pools, key, logger, database, rails, law } = ground
  const listenDb = connect({ url: database.url, max: 1, applicationName: `dingdong ${config.role} hints` })
  closers.push(() => listenDb.close())
  let hints: Hints | null = null
  const engine = createEngine({
    db: pools.db,
    configDb: pools.configDb,
    master: key.master,
    clock,
    random,
    findProvider: (name) => PROVIDERS.find((provider) => provider.name === name),
    rails,
    findSource: (name) => SOURCES.get(name),
    http: http.request,
    publicUrl,
    law,
    log: logger,
    ...(config.role === 'api' ? { hintOthers: (shops: ReadonlySet<ShopId>) => hints?.eventsDue(shops) } : {}),
  })
  closers.push(() => engine.stop())
  const { worker, keyring } = engine
  const works = config.role !== 'api'
  hints = createHints({
    db: pools.configDb,
    clock,
    log: logger,
    listenDb,
    hear: {
      eventsDue: (shop) => works && worker.decideSoon(shop),
      messagesDue: (shop, channel) => works && worker.deliverSoon(shop, channel),
      keysChanged: keyring.forget,
    },
  })
  closers.push(() => hints.close())
  addGauges({ metrics: engine.metrics, db: pools.db, clock, intake: engine.intake, log: logger })
  return { engine, hints }
}

/** A wrong master key shows now, not at the first message. */
async function checkKey(engine: Engine, pools: Pools): Promise<void> {
  const [shop] = await listShops(pools.db)
  if (shop) await engine.keyring.open(shop.id)
}

async function openDemo(ground: Ground, engine: Engine, lab: Lab): Promise<DemoShop> {
  const { pools, key, clock, random, language } = ground
  const secrets = demoSecrets(key.master)
  // The account's settings say how callbacks are signed; where they go is known once we listen.
  lab.sms.sendCallbacksTo({ url: 'http://127.0.0.1:9/', secret: secrets.smsCallback })
  return ensureDemoShop({
    db: pools.db,
    keyring: engine.keyring,
    master: key.master,
    clock,
    random,
    lab,
    secrets,
    language,
    presets: () => compilePresets(clock, ground.language),
  })
}

function connectDemo(ground: Ground, lab: Lab, demo: DemoShop, address: string, closers: Closer[]): void {
  const { key, clock, post, logger } = ground
  const { smsCallback } = demoSecrets(key.master)
  lab.sms.sendCallbacksTo({ url: `${address}${demo.smsCallbackPath}`, secret: smsCallback })
  const end = answerCommands({
    lab,
    shop: demo.id,
    master: key.master,
    clock,
    url: address,
    post,
    log: logger,
  })
  closers.push(async () => end())
}

interface HttpParts {
  readonly engine: Engine
  readonly hints: Hints
  readonly http: OwnedHttpClient
  readonly lab: Lab | null
  readonly demo: DemoShop | null
  readonly health: HttpDeps['health']
  readonly publicUrl: () => string
}

function httpDeps(
  ground: Ground,
  { engine, hints, http, lab, demo, health, publicUrl }: HttpParts,
): HttpDeps {
  const { config, pools, clock, random, logger, key } = ground
  const { worker, metrics } = engine
  const works = config.role !== 'api'
  return {
    db: pools.db,
    intake: {
      ...engine.intake,
      async keep(sender, events) {
        // What the embedded server still has is for writing out what was taken in before.
        if (ground.disk?.isFull()) throw new Fault('DATABASE_UNAVAILABLE')
        const kept = await engine.intake.keep(sender, events)
        for (const { outcome } of kept) metrics.eventsKept.inc({ outcome })
        return kept
      },
    },
    keyring: engine.keyring,
    configs: engine.configs,
    law: ground.law,
    flowTrials: engine.flowTrials,
    retries: engine.retries,
    compileTemplate: (...given) => compileTemplate(clock, ...given),
    sources: (name) => SOURCES.get(name),
    providers: (name) => PROVIDERS.find((provider) => provider.name === name),
    clock,
    random,
    logger: logger as unknown as HttpDeps['logger'],
    publicUrl,
    sessionKey: keyedHash(key.master.bytes, 'dingdong.sessions'),
    metrics: { render: () => metrics.registry.metrics() },
    relay: { http: http.request, done: (source, outcome) => metrics.relayed.inc({ source, outcome }) },
    health,
    apiDescription: () => readFile(new URL('docs/reference/openapi.json', ROOT), 'utf8'),
    outbox:
      lab && demo
        ? {
            shop: demo.id,
            mail: lab.smtp.received,
            sms: lab.sms.received,
            webhook: lab.webhook.received,
            troubles: createTroubles(lab),
          }
        : null,
    onPlanned(shop, channels) {
      if (works) for (const channel of channels) worker.deliverSoon(shop, channel)
      else hints.messagesDue(shop, channels)
    },
    onEventsDue(shops) {
      if (works) shops.forEach(worker.decideSoon)
      else hints.eventsDue(shops)
    },
    ...(config.trustProxy.length > 0 ? { trustProxy: config.trustProxy } : {}),
  }
}

/** A port that nobody asked for may be another one: the next few are tried. One that was set is used or refused. */
async function listen(
  { config }: Ground,
  deps: HttpDeps,
): Promise<{ readonly server: FastifyInstance; readonly address: string }> {
  const last = config.portGiven ? config.port : config.port + 20
  for (let port = config.port; port <= last; port++) {
    const server = await createServer(deps)
    try {
      await server.listen({ host: config.host, port })
      return { server, address: addressOf(server, config.host) }
    } catch (error) {
      await server.close()
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    }
  }
  throw new PortBusy(config.host, config.port)
}

function addressOf(server: FastifyInstance, host: string): string {
  const bound = server.server.address()
  const port = typeof bound === 'object' && bound ? bound.port : 0
  const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host
  return `http://${shown}:${port}`
}
