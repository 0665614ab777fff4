import * as z from 'zod'
import { readLaw } from '../src/app/law.ts'
import { loadRails } from '../src/app/rails.ts'
import { createHttpClient } from '../src/channels/http-client.ts'
import { connect, type Db } from '../src/db/connect.ts'
import { addConnection } from '../src/db/connections.ts'
import { savePreferences } from '../src/db/contacts.ts'
import { bumpConfig, ensureInstallation } from '../src/db/shops.ts'
import { type CustomerId, newId, type Random, type ShopId } from '../src/domain/ids.ts'
import { parseMasterKey } from '../src/domain/seal.ts'
import { type Clock, DAY, HOUR, type Instant, MINUTE, type Millis, systemClock } from '../src/domain/time.ts'
import { createEngine, type Engine } from '../src/pipeline/engine.ts'
import { openShop } from '../src/pipeline/open-shop.ts'
import type { Source } from '../src/sources/source.ts'
import { createAgenda } from './agenda.ts'
import { type Arrival, createChecks, type Violation } from './checks.ts'
import { drawOf } from './draw.ts'
import { type Market, openMarket } from './market.ts'
import type { Policy } from './policies.ts'
import { openRoad } from './road.ts'

export interface PlayOptions {
  /** An empty database with the schema. */
  readonly url: string
  readonly policy: Policy
  readonly seed: number
  readonly buyers: number
  readonly days: number
  readonly random: Random
  /**
   * How fine virtual time is: what happens within a step is told to the program together. Default 5 minutes. Healings
   * are looked at to the minute.
   */
  readonly step?: Millis
  /** 0 to 1 now and then. */
  readonly onProgress?: (share: number) => void
}

export interface Played {
  readonly market: Market
  readonly arrivals: readonly Arrival[]
  readonly violations: readonly Violation[]
  /** Reviews that the shop's rules opened. */
  readonly reviews: number
  /** Orders whose payment went through after the program had it tried again. */
  readonly healed: number
}

/** Monday 2026-11-02, midnight in Shanghai. */
const START: Instant = Date.parse('2026-11-01T16:00:00Z')
const STEP = 5 * MINUTE
const ORDER_LIFE = 2 * DAY
/** Orders of the last day still have theirs to live. */
const TAIL = ORDER_LIFE + 12 * HOUR

/** Simulated buyers under one policy, through the program's own statements, leases and gate, in virtual time. */
export async function play(options: PlayOptions): Promise<Played> {
  const { step = STEP } = options
  let now = START
  const clock: Clock = { ...systemClock(), now: () => now }
  const db = connect({ url: options.url, max: 6 })
  const configDb = connect({ url: options.url, max: 2 })
  const http = createHttpClient({ allowOrigins: [] })
  const road = openRoad(clock)
  const agenda = createAgenda()
  const draw = drawOf(options.seed)
  const market = openMarket({ ...options, draw, agenda, start: START, life: ORDER_LIFE })
  const rail = railOf(market)
  await ensureInstallation(db, now)
  const engine = createEngine({
    db,
    configDb,
    master: parseMasterKey(Buffer.from(options.random(32)).toString('hex')),
    clock,
    random: options.random,
    findSource: (name) => (name === rail.name ? rail : undefined),
    findProvider: (name) => road.providers.find((each) => each.name === name),
    http: http.request,
    publicUrl: () => 'https://world.example',
    rails: await loadRails(),
    law: await readLaw(),
    log: { debug: () => {}, warn: console.error, error: console.error },
    hintOthers: () => {},
  })
  try {
    const sender = await openWorldShop(db, engine, options, road, now)
    const checks = createChecks(market, CAP_PER_DAY)
    const end = START + options.days * DAY + TAIL
    for (;;) {
      const { own, healing } = await nextDue(db, sender.shop)
      const told = agenda.next()
      const due = earlier(told, own)
      if (due === null || due > end) break
      // What a connection's own rate kept back has its turn a step later.
      const keptBack = own !== null && own <= now && (told === null || told > now)
      const coarse = keptBack ? now + step : Math.max(now, upTo(due, step))
      // A healing has a few minutes for its try.
      now = healing !== null && healing > now ? Math.min(coarse, upTo(healing, MINUTE)) : coarse
      agenda.doUntil(now)
      const events = market.takeEvents()
      checks.told(events)
      for (let from = 0; from < events.length; from += 500)
        await engine.intake.keep(sender, events.slice(from, from + 500))
      // What buyers have done up to now comes before what the program does now.
      await switchOff(db, sender.shop, market)
      await engine.worker.drain()
      await deliverToBuyers(db, sender.shop, road, market, checks)
      options.onProgress?.((now - START) / (end - START))
    }
    const { arrivals, violations } = checks
    return { market, arrivals, violations, ...(await countDeeds(db, sender.shop)) }
  } finally {
    await engine.stop()
    await http.close()
    await configDb.close()
    await db.close()
  }
}

const CAP_PER_DAY = 3
/** Its rules of asking hold for the simulated rail: it tells each failed try, and can be asked. */
const RAIL = 'stripe'

/** The simulated rail as the program may ask it. It is told to try again through the shop only. */
function railOf(market: Market): Source {
  return {
    name: RAIL,
    title: { zh: RAIL, en: RAIL },
    trust: 'signed',
    settings: z.strictObject({}),
    secrets: [],
    receive: () => ({ kind: 'forged', why: 'the market tells by itself' }),
    async query(_settings, { refs }, { now }) {
      const no = refs.find(({ kind }) => kind === 'order_no')?.value
      const event = no === undefined ? null : market.asked(no, now)
      return event ? { kind: 'events', events: [event] } : { kind: 'stranger' }
    },
  }
}

async function openWorldShop(
  db: Db,
  engine: Engine,
  { policy, random }: PlayOptions,
  road: ReturnType<typeof openRoad>,
  now: Instant,
) {
  const shop = {
    slug: 'world',
    name: '星河小店',
    locale: 'zh-CN',
    timeZone: 'Asia/Shanghai',
    currency: 'CNY',
    country: 'CN',
    settings: { capPerDay: CAP_PER_DAY, retries: { byShop: 'ask' } },
    demo: false,
  }
  const accounts = road.providers.map(({ name, channel }) => ({
    channel,
    provider: name,
    name,
    settings: {},
    concurrency: 100,
  }))
  const deps = { db, keyring: engine.keyring, random }
  const opened = await openShop(deps, shop, policy.presets, accounts, now)
  if (!opened) throw new Error('the world wants an empty database')
  const connection = newId('conn', now, random)
  const { sealer } = await engine.keyring.open(opened.id)
  await addConnection(db, opened.id, {
    id: connection,
    source: RAIL,
    name: RAIL,
    path_hash: null,
    settings: sealer.seal('{}', { shop: opened.id, column: 'connection.settings', row: connection }),
    created_at: now,
  })
  await bumpConfig(db, opened.id)
  return { shop: opened.id, connection, trust: 'signed' as const }
}

const earlier = (a: Instant | null, b: Instant | null) =>
  a === null || b === null ? (a ?? b) : Math.min(a, b)

const upTo = (at: Instant, step: Millis): Instant => Math.ceil(at / step) * step

/** When the program itself next has something to do. */
async function nextDue(
  db: Db,
  shop: ShopId,
): Promise<{ readonly own: Instant | null; readonly healing: Instant | null }> {
  const { rows } = await db.query<{ own: Instant | null; healing: Instant | null }>(
    `select least((select min(due_at) from run where shop_id = $1 and due_at is not null),
       (select min(due_at) from message_work where shop_id = $1),
       (select min(due_at) from inquiry where shop_id = $1 and due_at is not null),
       (select min(due_at) from review where shop_id = $1 and due_at is not null)) as own,
     (select min(due_at) from inquiry where shop_id = $1 and due_at is not null and kind = 'platform') as healing`,
    [shop],
  )
  return rows[0]!
}

async function countDeeds(db: Db, shop: ShopId): Promise<Pick<Played, 'reviews' | 'healed'>> {
  const { rows } = await db.query<Pick<Played, 'reviews' | 'healed'>>(
    `select (select count(*) from review where shop_id = $1) as reviews,
       (select count(*) from inquiry where shop_id = $1 and outcome = 'healed') as healed`,
    [shop],
  )
  return rows[0]!
}

async function deliverToBuyers(
  db: Db,
  shop: ShopId,
  road: ReturnType<typeof openRoad>,
  market: Market,
  checks: ReturnType<typeof createChecks>,
): Promise<void> {
  const handed = road.take()
  if (handed.length === 0) return
  const { rows } = await db.query<{ id: string; no: string | null; template: string; step: string | null }>(
    `select m.id, o.no, m.template, m.step from message as m
     left join orders as o on o.shop_id = $1 and o.id = m.order_id
     where m.shop_id = $1 and m.id = any($2::uuid[])`,
    [shop, handed.map(({ message }) => message.id)],
  )
  const about = new Map(rows.map((row) => [row.id, row]))
  for (const { message, at } of handed) {
    const { no, template } = about.get(message.id)!
    if (message.channel === 'command') {
      if (no !== null && message.content.kind === 'webhook') market.commanded(no, message.content.type, at)
      continue
    }
    checks.arrived({ id: message.id, no, channel: message.channel, purpose: message.purpose, template, at })
    if (no !== null) market.arrives(no, message.channel, template, message.purpose === 'reminder', at)
  }
}

/** Buyers who have had enough press "no more reminders" on their preferences page. */
async function switchOff(db: Db, shop: ShopId, market: Market): Promise<void> {
  for (const n of market.fedUp) {
    if (switchedOff.get(market)?.has(n)) continue
    const { rows } = await db.query<{ customer_id: CustomerId }>(
      `select distinct o.customer_id from orders as o where o.shop_id = $1 and o.no like $2 and o.customer_id is not null`,
      [shop, `W${n}-%`],
    )
    for (const row of rows) await savePreferences(db, shop, row.customer_id, { off: ['reminder'] })
    const done = switchedOff.get(market) ?? new Set<number>()
    switchedOff.set(market, done.add(n))
  }
}

const switchedOff = new WeakMap<Market, Set<number>>()

/** Ids and nonces from a counter: the world wants repeatable, not secret. */
export function countingRandom(): Random {
  let counter = 0
  return (bytes) => {
    const out = new Uint8Array(bytes)
    for (let at = 0; at < bytes; at += 4) {
      counter = (Math.imul(counter, 1_664_525) + 1_013_904_223) >>> 0
      for (let byte = 0; byte < 4 && at + byte < bytes; byte++)
        out[at + byte] = (counter >>> (byte * 8)) & 255
    }
    return out
  }
}
