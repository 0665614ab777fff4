import { readLaw } from '../../src/app/law.ts'
import { createHttpClient } from '../../src/channels/http-client.ts'
import { connect, type Db, transaction } from '../../src/db/connect.ts'
import { keepDefinitions, publishFlows } from '../../src/db/flows.ts'
import type { KeptEvent } from '../../src/db/intake.ts'
import { type MessageToPlan, planMessages } from '../../src/db/messages.ts'
import { ensureInstallation } from '../../src/db/shops.ts'
import type { SourceEvent, Trust } from '../../src/domain/event.ts'
import {
  type ConnectionId,
  type ContactId,
  type CustomerId,
  type MessageId,
  newId,
  type ShopId,
} from '../../src/domain/ids.ts'
import type { Channel } from '../../src/domain/message.ts'
import { DAY, type Instant } from '../../src/domain/time.ts'
import { createEngine, type Engine, type EngineOptions } from '../../src/pipeline/engine.ts'
import { type AccountToOpen, openShop } from '../../src/pipeline/open-shop.ts'
import { presetFlows, presetOf, presetRules } from '../../src/pipeline/presets.ts'
import { type TestDatabase, testDatabase } from '../database.ts'
import { quietLog, type TravelClock, testMaster, testRandom, travelClock } from './engine.ts'
import { testRails } from './rails.ts'
import type { ScriptedProvider } from './scripted-provider.ts'

/** 2026-11-23 10:00 in Shanghai: a Monday morning, outside every quiet window. */
export const MONDAY: Instant = Date.parse('2026-11-23T02:00:00Z')

type Log = EngineOptions['log']

export interface WorldOptions {
  readonly providers?: readonly ScriptedProvider[]
  readonly sealerOf?: EngineOptions['sealerOf']
  readonly start?: Instant
  readonly log?: Log
  /** One that the test has made itself; closed with the world. */
  readonly database?: TestDatabase
  /** Beside `providers`. */
  readonly findProvider?: EngineOptions['findProvider']
  readonly findSource?: EngineOptions['findSource']
  readonly retries?: EngineOptions['retries']
  /** A client that may call what the test runs on this machine; by default none may. */
  readonly http?: EngineOptions['http']
}

/** A database, a clock in the test's hands, and as many engines on it as the test asks for. */
export interface World {
  readonly clock: TravelClock
  readonly database: TestDatabase
  readonly db: Db
  readonly engine: Engine
  /** Another process's engine on the same database. `wrap` may stand between it and its connections. */
  another(wrap?: (db: Db) => Db): Engine
  openShop(slug: string, options?: ShopOptions): Promise<TestShop>
  rows<Row = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>
  close(): Promise<void>
}

export interface ShopOptions {
  readonly accounts?: readonly AccountToOpen[]
  readonly settings?: object
  /** YAML of its flows. None by default. */
  readonly flows?: readonly string[]
  /** YAML of its rules. None by default. */
  readonly rules?: readonly string[]
}

/** One shop with a connection, and short ways to give it events and messages. */
export interface TestShop {
  readonly id: ShopId
  readonly connection: ConnectionId
  keep(events: readonly SourceEvent[], options?: KeepOptions): Promise<readonly KeptEvent[]>
  publish(flows: readonly string[]): Promise<void>
  /** A buyer with one address, as an event would make them. */
  buyer(customer: { email?: string; phone?: string; externalId?: string }): Promise<Buyer>
  plan(messages: readonly PlanOptions[]): Promise<readonly MessageId[]>
}

export interface KeepOptions {
  readonly trust?: Trust
  readonly connection?: ConnectionId
  readonly engine?: Engine
}

export interface Buyer {
  readonly customer: CustomerId
  readonly contacts: readonly { readonly id: ContactId; readonly channel: Channel }[]
}

export type PlanOptions = Partial<MessageToPlan> & { readonly to?: Buyer }

export const account = (provider: ScriptedProvider, more: Partial<AccountToOpen> = {}): AccountToOpen => ({
  channel: provider.channel,
  provider: provider.name,
  name: provider.name,
  settings: {},
  ...more,
})

export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const clock = travelClock(options.start ?? MONDAY)
  const database = options.database ?? (await testDatabase({ max: 8 }))
  const http = createHttpClient({ allowOrigins: [] })
  const engines: Engine[] = []
  const pools: Db[] = []
  await ensureInstallation(database.db, clock.now())
  const law = await readLaw()

  function another(wrap: (db: Db) => Db = (db) => db): Engine {
    const db = engines.length === 0 ? database.db : connect({ url: database.url, max: 6 })
    const configDb = connect({ url: database.url, max: 2 })
    pools.push(configDb, ...(db === database.db ? [] : [db]))
    const engine = createEngine({
      db: wrap(db),
      configDb,
      master: testMaster,
      clock,
      random: testRandom,
      findProvider: (name) =>
        options.providers?.find((each) => each.name === name) ?? options.findProvider?.(name),
      rails: testRails,
      http: options.http ?? http.request,
      law,
      publicUrl: () => 'http://127.0.0.1:1',
      log: options.log ?? quietLog,
      // Tests decide when work is done: by `drain`, `decide` or `deliver`.
      hintOthers: () => {},
      ...(options.sealerOf ? { sealerOf: options.sealerOf } : {}),
      ...(options.findSource ? { findSource: options.findSource } : {}),
      ...(options.retries ? { retries: options.retries } : {}),
    })
    engines.push(engine)
    return engine
  }

  const engine = another()
  return {
    clock,
    database,
    db: database.db,
    engine,
    another,
    openShop: (slug, shop = {}) => openTestShop({ clock, db: database.db, engine }, slug, shop),
    rows: async <Row>(text: string, values: readonly unknown[] = []) =>
      (await database.db.query<Row>(text, values)).rows,
    async close() {
      for (const each of engines) await each.stop()
      await http.close()
      for (const pool of pools) await pool.close()
      await database.close()
    },
  }
}

async function openTestShop(
  { clock, db, engine }: { clock: TravelClock; db: Db; engine: Engine },
  slug: string,
  { accounts = [], settings = {}, flows = [], rules = [] }: ShopOptions,
): Promise<TestShop> {
  const presets = {
    flows: flowPresets(flows),
    templates: [HELLO],
    rules: presetRules(Object.fromEntries(rules.map((text, at) => [`rule ${at}`, text]))),
  }
  const opened = await openShop(
    { db, keyring: engine.keyring, random: testRandom },
    {
      slug,
      name: slug,
      locale: 'zh-CN',
      timeZone: 'Asia/Shanghai',
      currency: 'CNY',
      country: 'CN',
      settings,
      demo: false,
    },
    presets,
    accounts,
    clock.now(),
  )
  if (!opened) throw new Error(`shop ${slug} exists`)
  const { id, internal } = opened
  const keep: TestShop['keep'] = (events, { trust = 'signed', connection = internal, engine: by } = {}) =>
    (by ?? engine).intake.keep({ shop: id, connection, trust }, events)

  return {
    id,
    connection: internal,
    keep,
    async publish(texts) {
      const presets = flowPresets(texts)
      await transaction(db, async (tx) => {
        await keepDefinitions(tx, presets, clock.now())
        await publishFlows(tx, id, presets, 'test', clock.now())
        await tx.query('update shop set config_version = config_version + 1 where id = $1', [id])
      })
    },
    async buyer(customer) {
      await keep([{ ...event('customer.updated'), data: { refs: [], customer } }])
      await engine.worker.drain()
      const { rows } = await db.query<{ id: ContactId; channel: Channel; customer_id: CustomerId }>(
        'select id, channel, customer_id from contact where shop_id = $1 order by created_at desc, id desc limit 3',
        [id],
      )
      const own = rows.filter((row) => row.customer_id === rows[0]!.customer_id)
      return { customer: rows[0]!.customer_id, contacts: own }
    },
    async plan(messages) {
      const planned = messages.map((message) => toPlan(message, clock.now()))
      return planMessages(db, id, planned, clock.now())
    },
  }
}

function toPlan({ to, ...message }: PlanOptions, now: Instant): MessageToPlan {
  const channel = message.channel ?? to?.contacts[0]?.channel ?? 'email'
  return {
    id: newId('msg', now, testRandom),
    orderId: null,
    customerId: to?.customer ?? null,
    contactId: to?.contacts.find((each) => each.channel === channel)?.id ?? null,
    runId: null,
    flow: null,
    flowVersion: null,
    step: null,
    channel,
    purpose: 'service',
    category: 'test',
    audience: 'buyer',
    template: 'hello',
    stops: [],
    inSessionUntil: null,
    dueAt: now,
    expiresAt: now + 2 * DAY,
    dedupeKey: null,
    collapseKey: null,
    resendOf: null,
    priority: null,
    vars: null,
    ...message,
  }
}

const flowPresets = (texts: readonly string[]) =>
  presetFlows(Object.fromEntries(texts.map((text, at) => [`flow ${at}`, text])), [HELLO])

const part = (at: string, liquid: string, kind: string) => ({ at, liquid, escape: kind })
const variant = (channel: string, parts: readonly object[]) => ({
  format: 1,
  channel,
  purpose: 'service',
  locale: 'zh-CN',
  parts,
  variables: ['order.title'],
})

/** Says hello on every channel, with the order's title in it. */
const HELLO = presetOf('template', 'hello', {
  variants: [
    variant('email', [
      part('subject', 'hello {{ order.title }}', 'line'),
      part('text', 'hello {{ order.title }}', 'plain'),
      part('html', '<p>hello {{ order.title }}</p>', 'html'),
    ]),
    variant('sms', [part('text', 'hello {{ order.title }}', 'plain')]),
    variant('inbox', [
      part('title', 'hello', 'line'),
      part('text', 'hello {{ order.title }}', 'plain'),
      part('link', '', 'plain'),
    ]),
  ],
})

let count = 0

/** An event with an id of its own. `no`: the order's number. */
export function event(
  type: string,
  no: string | null = null,
  data: Partial<SourceEvent['data']> = {},
  more: Partial<SourceEvent> = {},
): SourceEvent {
  count++
  return {
    id: `event-${count}`,
    type,
    source: 'test',
    time: MONDAY + count,
    subject: no,
    ...more,
    data: { refs: [], ...data, ...(no === null ? {} : { order: { no, ...data.order } }) },
  }
}

type Asked = Parameters<Db['query']>[0]

/**
 * Calls `before` with a named statement's name, and waits for it, each time one is about to run. A query that it gives is
 * asked instead.
 */
export function watched(db: Db, before: (name: string) => unknown): Db {
  const nameOf = (query: unknown) => (query as { name?: string }).name ?? String(query)
  return {
    ...db,
    query: async <Row>(query: Asked, values?: readonly unknown[]) => {
      const instead = (await before(nameOf(query))) as Asked | undefined
      return instead === undefined ? db.query<Row>(query, values) : db.query<Row>(instead)
    },
    withClient: (work) =>
      db.withClient((client) =>
        work(
          new Proxy(client, {
            get(target, key) {
              const value = Reflect.get(target, key, target)
              if (typeof value !== 'function') return value
              if (key !== 'query') return value.bind(target)
              return async (...args: unknown[]) => {
                const instead = (await before(nameOf(args[0]))) as Asked | undefined
                const given = instead === undefined ? args : [instead]
                return (target.query as (...given: unknown[]) => unknown)(...given)
              }
            },
          }),
        ),
      ),
  }
}
