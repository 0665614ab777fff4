import type { InboxItem, Provider, ProviderPorts } from '../channels/channel.ts'
import type { Db } from '../db/connect.ts'
import { addInboxItem } from '../db/inbox.ts'
import type { Rails } from '../domain/failure/rails.ts'
import { type RetryRules, retryRules } from '../domain/healing/rules.ts'
import type { Random, ShopId } from '../domain/ids.ts'
import type { LawBook } from '../domain/law/book.ts'
import type { MasterKey } from '../domain/seal/master.ts'
import { pooledRandom } from '../domain/seal/random.ts'
import type { Sealer, ShopKeys } from '../domain/seal/sealer.ts'
import type { Clock, Millis } from '../domain/time.ts'
import type { Source } from '../sources/source.ts'
import { createRenderer, type Renderer } from '../templates/renderer.ts'
import { createDelivery, type Delivery } from './deliver.ts'
import { createFlowTrials, type FlowTrials } from './flow-trials.ts'
import { LEASE } from './gate.ts'
import { createIntake, type Intake } from './intake.ts'
import { createKeyring, type Keyring } from './keyring.ts'
import { createLawDesk } from './law-desk.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { createRecall, forgetAll, type Recall } from './recall.ts'
import { createSenders } from './senders.ts'
import { createShopConfigs, type ShopConfig, type ShopConfigs } from './shop-config.ts'
import { smsBars } from './sms-bar.ts'
import { smsCosts } from './sms-cost.ts'
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
  readonly recall: Recall
  readonly flowTrials: FlowTrials
  /** What a shop's failures mean, and what may be tried again by itself. */
  readonly retries: (config: ShopConfig) => RetryRules
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
  /** What failures mean, and how often a card may be tried again. */
  readonly rails: Rails
  /** Sources that can be asked; without it nothing is. */
  readonly findSource?: (name: string) => Source | undefined
  /** Instead of what `rails` say about trying again, for tests. */
  readonly retries?: (config: ShopConfig) => RetryRules
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
  const { db, configDb, clock, log, rails, findSource = () => undefined } = options
  // Ids and nonces ask for a few bytes each, thousands of times a second: one call to the system serves many.
  const random = pooledRandom(options.random)
  const metrics = createMetrics()
  const keyring = createKeyring({ ...options, random, db: configDb })
  const retries = options.retries ?? retriesBy(rails)
  const configDeps = { ...options, db: configDb, keyring, findSource, failureTable: rails.table }
  const configs = createShopConfigs(configDeps)
  const renderer = createRenderer({ clock })
  const recall = createRecall(clock)
  const senders = createSenders(options.findProvider, (shop) => ({
    clock,
    random,
    http: options.http,
    log,
    storeInboxItem: storeInboxItem(options, keyring, shop),
  }))
  const desk = createLawDesk(options.law)
  const smsDeps = { book: options.law, desk, findProvider: options.findProvider }
  const shared = { db, keyring, configs, clock, random, retries, log }
  const [smsCost, smsBar] = [smsCosts(smsDeps), smsBars(smsDeps)]
  const delivery = createDelivery({ ...options, ...shared, senders, renderer, recall, metrics, desk })
  const hinted = { tell: options.hintOthers ?? ((_shops: ReadonlySet<ShopId>) => {}) }
  const intake = createIntake({
    db,
    keyring,
    clock,
    random,
    onKept: (shops) => hinted.tell(shops),
    // Only whoever decides itself can make use of them.
    ...(options.hintOthers ? {} : { recent: recall.events }),
  })
  const worker = createWorker({
    db,
    clock,
    log,
    metrics,
    delivery,
    lease: options.lease ?? LEASE,
    decide: { ...shared, recall, smsCost, smsBar },
    inquire: { ...shared, http: options.http, keep: intake.keep, metrics },
  })
  if (!options.hintOthers) hinted.tell = (shops) => shops.forEach(worker.decideSoon)
  return {
    keyring,
    configs,
    intake,
    delivery,
    worker,
    metrics,
    renderer,
    recall,
    retries,
    flowTrials: createFlowTrials({ ...options, ...shared, renderer, desk, smsCost, smsBar }),
    async stop() {
      await intake.idle()
      await worker.stop()
      // What its last questions brought.
      await intake.idle()
      forgetAll(recall)
      await Promise.all([senders.close(), renderer.close()])
    },
  }
}

const retriesBy =
  ({ ceilings }: Rails) =>
  ({ failures, row }: ShopConfig): RetryRules =>
    retryRules(failures, ceilings, row.country)

/** The inbox channel's own port: an item is kept sealed. */
function storeInboxItem({ db, clock }: EngineOptions, keyring: Keyring, shop: ShopId) {
  return async ({ message, title, text, link }: InboxItem): Promise<void> => {
    const { sealer } = await keyring.open(shop)
    const place = { shop, column: 'inbox_item.body', row: message.id }
    const body = sealer.seal(JSON.stringify({ title, text, link }), place)
    await addInboxItem(db, shop, message.id, body, clock.now())
  }
}
