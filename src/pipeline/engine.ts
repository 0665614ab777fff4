import type { Provider, ProviderPorts } from '../channels/channel.ts'
import type { Db } from '../db/connect.ts'
import { addInboxItem } from '../db/inbox.ts'
import type { Random, ShopId } from '../domain/ids.ts'
import type { LawBook } from '../domain/law/book.ts'
import type { MasterKey } from '../domain/seal/master.ts'
import { pooledRandom } from '../domain/seal/random.ts'
import type { Sealer, ShopKeys } from '../domain/seal/sealer.ts'
import type { Clock, Millis } from '../domain/time.ts'
import { createRenderer, type Renderer } from '../templates/renderer.ts'
import { createDelivery, type Delivery } from './deliver.ts'
import { LEASE } from './gate.ts'
import { createIntake, type Intake } from './intake.ts'
import { createKeyring, type Keyring } from './keyring.ts'
import { createLawDesk } from './law-desk.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { createSenders } from './senders.ts'
import { createShopConfigs, type ShopConfigs } from './shop-config.ts'
import { createWorker, type Worker } from './worker.ts'

/** The whole road from an event to a provider, in one process. */
export interface Engine {
  readonly keyring: Keyring
  readonly configs: ShopConfigs
  readonly intake: Intake
  readonly delivery: Delivery
  readonly worker: Worker
  readonly metrics: Metrics
  readonly renderer: Renderer
  stop(): Promise<void>
}

export interface EngineOptions {
  readonly db: Db
  /** A second, small pool: configuration is read while a transaction holds a connection of the first. */
  readonly configDb: Db
  readonly master: MasterKey
  readonly clock: Clock
  readonly random: Random
  readonly findProvider: (name: string) => Provider | undefined
  readonly http: ProviderPorts['http']
  readonly publicUrl: () => string
  /** The law files, read and checked. */
  readonly law: LawBook
  readonly log: {
    debug(fields: object, text: string): void
    warn(fields: object, text: string): void
    error(fields: object, text: string): void
  }
  readonly sealerOf?: (keys: ShopKeys, random: Random) => Sealer
  /** How long a claim holds without a heartbeat; default `LEASE`. Tests that freeze a worker shorten it. */
  readonly lease?: Millis
  /** Told of shops with new events when this process does not decide itself. */
  readonly hintOthers?: (shops: ReadonlySet<ShopId>) => void
}

export function createEngine(options: EngineOptions): Engine {
  const { db, configDb, clock, log } = options
  // Ids and nonces ask for a few bytes each, thousands of times a second: one call to the system serves many.
  const random = pooledRandom(options.random)
  const metrics = createMetrics()
  const keyring = createKeyring({ ...options, random, db: configDb })
  const configs = createShopConfigs(configDb)
  const renderer = createRenderer({ clock })
  const senders = createSenders(options.findProvider, (shop) => ({
    clock,
    random,
    http: options.http,
    log,
    async storeInboxItem({ message, title, text, link }) {
      const { sealer } = await keyring.open(shop)
      const place = { shop, column: 'inbox_item.body', row: message.id }
      await addInboxItem(
        db,
        shop,
        message.id,
        sealer.seal(JSON.stringify({ title, text, link }), place),
        clock.now(),
      )
    },
  }))
  const desk = createLawDesk(options.law)
  const delivery = createDelivery({ ...options, random, keyring, configs, senders, renderer, metrics, desk })
  const worker = createWorker({
    db,
    clock,
    log,
    metrics,
    delivery,
    lease: options.lease ?? LEASE,
    decide: { db, keyring, configs, clock, random, log },
  })
  const tell = options.hintOthers ?? ((shops) => shops.forEach(worker.decideSoon))
  const intake = createIntake({ db, keyring, clock, random, onKept: tell })
  return {
    keyring,
    configs,
    intake,
    delivery,
    worker,
    metrics,
    renderer,
    async stop() {
      await intake.idle()
      await worker.stop()
      await Promise.all([senders.close(), renderer.close()])
    },
  }
}
