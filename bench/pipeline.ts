import { readLaw } from '../src/app/law.ts'
import { loadRails } from '../src/app/rails.ts'
import type { Provider } from '../src/channels/channel.ts'
import { nullProvider } from '../src/channels/null.ts'
import { connect, type Db } from '../src/db/connect.ts'
import { migrate } from '../src/db/migrate.ts'
import { ensureInstallation } from '../src/db/shops.ts'
import type { ShopId } from '../src/domain/ids.ts'
import type { OutboundMessage } from '../src/domain/message.ts'
import { type Clock, systemClock } from '../src/domain/time.ts'
import { createEngine, type Engine } from '../src/pipeline/engine.ts'
import type { Sender } from '../src/pipeline/intake.ts'
import { openShop } from '../src/pipeline/open-shop.ts'
import type { Presets } from '../src/pipeline/presets.ts'
import { benchLog, benchMaster, benchRandom } from './kit.ts'
import { failedPayment } from './payload.ts'
import { benchPresets, bodyHash, expectedHash } from './templates.ts'

interface Mail {
  readonly to: string
  readonly content: Extract<OutboundMessage['content'], { kind: 'email' }>
}

export interface Bench {
  readonly db: Db
  readonly engine: Engine
  readonly sent: Sent
  openShops(count: number): Promise<readonly Sender[]>
  close(): Promise<void>
}

/** What the null provider was given. Bodies are hashed after the clock has stopped: checking is not the work. */
export interface Sent {
  count: number
  readonly mails: Mail[]
  /** Called with each message, after it was counted. */
  onSend: (message: OutboundMessage) => void
}

export interface BenchOptions {
  /** Keeps the worker from starting by itself on what intake has kept: for looking at one stage at a time. */
  readonly byHand?: boolean
  readonly clock?: Clock
  readonly presets?: Presets
  /** Of the shops that are opened. */
  readonly settings?: object
  readonly account?: { readonly concurrency?: number; readonly ratePerSecond?: number }
  /** How long the provider takes for one message, ms. */
  readonly callMs?: number
}

/** An engine as in production (sealing, verdicts, synchronous commit) with a provider that sends nothing. */
export async function openBench(url: string, options: BenchOptions = {}): Promise<Bench> {
  const db = connect({ url, max: 10 })
  await migrate({ db, now: Date.now() })
  const configDb = connect({ url, max: 2 })
  const { clock = systemClock(), presets = benchPresets(), callMs = 0 } = options
  await ensureInstallation(db, clock.now())
  const sent: Sent = { count: 0, mails: [], onSend: () => {} }
  const counting: Provider = {
    ...nullProvider,
    open: () => ({
      send: async (message) => {
        sent.count++
        if (message.content.kind === 'email') sent.mails.push({ to: message.to, content: message.content })
        sent.onSend(message)
        if (callMs > 0) await new Promise((resolve) => setTimeout(resolve, callMs))
        return { kind: 'sent', providerRef: null }
      },
      close: async () => {},
    }),
  }
  const engine = createEngine({
    db,
    configDb,
    master: benchMaster,
    clock,
    random: benchRandom,
    findProvider: (name) => (name === 'null' ? counting : undefined),
    rails: await loadRails(),
    http: async () => ({ kind: 'refused', code: 'connect', detail: 'no network in the benchmark' }),
    law: await readLaw(),
    publicUrl: () => 'https://dingdong.example',
    log: benchLog,
    ...(options.byHand ? { hintOthers: () => {} } : {}),
  })
  let opened = 0
  return {
    db,
    engine,
    sent,
    async openShops(count) {
      const senders: Sender[] = []
      for (let n = 0; n < count; n++) {
        const shop = await open(db, engine, presets, {
          ...options,
          slug: `bench-${opened++}`,
          now: clock.now(),
        })
        senders.push(shop)
      }
      return senders
    },
    async close() {
      await engine.stop()
      await configDb.close()
      await db.close()
    },
  }
}

async function open(
  db: Db,
  engine: Engine,
  presets: Presets,
  {
    slug,
    now,
    settings = {},
    account: of = {},
  }: Pick<BenchOptions, 'settings' | 'account'> & { readonly slug: string; readonly now: number },
): Promise<Sender> {
  const shop = {
    slug,
    name: 'Bench shop',
    locale: 'en',
    timeZone: 'UTC',
    currency: 'CNY',
    country: 'CN',
    settings,
    demo: false,
  }
  const account = {
    channel: 'email' as const,
    provider: 'null',
    name: 'null',
    settings: {},
    concurrency: 500,
    ...of,
  }
  const opened = await openShop(
    { db, keyring: engine.keyring, random: benchRandom },
    shop,
    presets,
    [account],
    now,
  )
  if (!opened) throw new Error(`shop ${slug} exists already: the benchmark wants an empty database`)
  await engine.configs.get(opened.id)
  return { shop: opened.id as ShopId, connection: opened.internal, trust: 'signed' }
}

export interface PipelineResult {
  readonly perSecond: number
  readonly seconds: number
  readonly bodiesRight: boolean
}

/**
 * `count` payment-failed events in, decided, gated, rendered, handed to the provider and settled: the time from the
 * first event offered to the last one settled. 16 senders give 50 events at a time.
 */
export async function runPipeline(
  bench: Bench,
  senders: readonly Sender[],
  count: number,
  from = 0,
): Promise<PipelineResult> {
  const { engine, sent, db } = bench
  sent.count = 0
  sent.mails.length = 0
  const now = Date.now()
  engine.worker.start()
  const started = performance.now()
  let next = 0
  const batch = senders.length === 1 ? 50 : Math.max(1, Math.min(10, Math.floor(count / senders.length)))
  const sendAll = async () => {
    while (next < count) {
      const first = next
      next = Math.min(count, next + batch)
      const events = Array.from({ length: next - first }, (_, at) => failedPayment(from + first + at, now))
      await engine.intake.keep(senders[Math.floor(first / batch) % senders.length]!, events)
    }
  }
  await Promise.all(Array.from({ length: 16 }, sendAll))
  await until(
    () => sent.count >= count,
    () => engine.worker.drain(),
  )
  await settled(db)
  const seconds = (performance.now() - started) / 1000
  return {
    perSecond: count / seconds,
    seconds,
    bodiesRight: sent.count === count && bodiesRight(sent.mails, from),
  }
}

/** Sums of 64-bit hashes, so that the order does not matter and one wrong, missing or double body shows. */
function bodiesRight(mails: readonly Mail[], from: number): boolean {
  let difference = 0n
  mails.forEach((mail, at) => {
    difference += bodyHash(mail.to, mail.content) - expectedHash(from + at)
  })
  return difference === 0n
}

async function until(done: () => boolean, work: () => Promise<void>): Promise<void> {
  while (!done()) await work()
}

async function settled(db: Db): Promise<void> {
  for (;;) {
    const soon = Date.now() + 86_400_000
    const { rows } = await db.query<{ left: boolean }>(
      'select exists (select from message_work where due_at < $1) as left',
      [soon],
    )
    if (!rows[0]!.left) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
