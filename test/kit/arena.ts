import { connect, type Db } from '../../src/db/connect.ts'
import { addConnection } from '../../src/db/connections.ts'
import { bumpConfig, ensureInstallation } from '../../src/db/shops.ts'
import { type ConnectionId, newId, type ShopId } from '../../src/domain/ids.ts'
import { prngOf } from '../../src/domain/order/history.test-kit.ts'
import { type Clock, MINUTE, type Millis, SECOND, systemClock } from '../../src/domain/time.ts'
import { type Lab, startLab } from '../../src/lab/lab.ts'
import { createKeyring, type Keyring } from '../../src/pipeline/keyring.ts'
import { type AccountToOpen, openShop } from '../../src/pipeline/open-shop.ts'
import type { Presets } from '../../src/pipeline/presets.ts'
import { testMaster, testRandom } from './fixed.ts'
import { type Fleet, startFleet } from './fleet.ts'
import { observe } from './observer.ts'
import { presetsForTests } from './presets.ts'
import { type Receipts, receiveReceipts } from './receipts.ts'
import { batches, type Story } from './stories.ts'
import { waitUntil } from './wait-until.ts'

/** Four worker processes, one PostgreSQL and the provider lab, with a clock for all of them. */
export interface Arena {
  readonly db: Db
  readonly lab: Lab
  readonly fleet: Fleet
  readonly clock: Clock & { offset(): Millis }
  readonly progress: Progress
  readonly keyring: Keyring
  openShop(slug: string, options?: ShopOptions): Promise<{ id: ShopId; connection: ConnectionId }>
  /** Gives the shop a connection of this source. */
  connect(shop: ShopId, source: string, settings: object): Promise<ConnectionId>
  /** Lets every lease of an inquiry run out, as it would a minute after its worker has died. */
  endLeases(shop: ShopId): Promise<void>
  /** Tells the stories; resolves when every event is acknowledged. */
  tell(
    stories: readonly Story[],
    options?: { readonly batch?: number; readonly atOnce?: number },
  ): Promise<void>
  /** Lets business time pass, from one due moment to the next, until the shop has nothing left to do. */
  finish(shop: ShopId, within?: Millis, leap?: Millis): Promise<void>
  /** Sets everybody's clock: the machine's plus so much. */
  setClock(offset: Millis): void
  /** Resolves when nothing of the shop is due now or in anybody's hands. */
  quiet(shop: ShopId, within?: Millis): Promise<void>
  /** Whether anything of the shop is due now or in anybody's hands. */
  busy(shop: ShopId): Promise<boolean>
  /** Ends something else before the database goes. */
  onClose(end: () => Promise<void>): void
  close(): Promise<void>
}

export interface ShopOptions {
  readonly accounts?: readonly ('email' | 'sms' | 'command')[]
  /** Messages a person and day that are not essential; 50 if left out, which no order reaches. */
  readonly capPerDay?: number
  /** Replaces or adds presets. */
  readonly presets?: (presets: Presets) => Presets
  readonly settings?: object
}

export interface ArenaOptions {
  /** Starts more simulators on the arena's clock, and gives the origins that workers may reach. */
  readonly simulators?: (clock: Clock) => Promise<readonly string[]>
}

/** Counts what has happened: chaos goes by it and not by the clock. */
interface Progress {
  count(): number
  /** Resolves once `count` more things have happened. */
  more(count: number): Promise<void>
}

const LEASE: Millis = 2_000
/** Statements and idle transactions are given up after this: no test can wait half a minute for a frozen worker. */
const PATIENCE: Millis = 2_500
/** Longest wait for a shop's work; a busy machine is slow, and that is not what these tests are about. */
const WITHIN: Millis = process.env.DINGDONG_LONG === '1' ? 900_000 : 90_000

export async function startArena(url: string, options: ArenaOptions = {}): Promise<Arena> {
  const machine = systemClock()
  let offset = 0
  const clock = { now: () => machine.now() + offset, after: machine.after, offset: () => offset }
  const db = connect({ url, max: 4, connectionTimeout: 1_000, statementTimeout: 0 })
  await ensureInstallation(db, clock.now())
  await observe(db)
  const [lab] = await Promise.all([startLab({ clock, random: testRandom, everyId: true }), presetsForTests()])
  const more = (await options.simulators?.(clock)) ?? []
  const start = { url, lease: LEASE, offset: 0, origins: [...lab.origins, ...more], patience: PATIENCE }
  const fleet = await startFleet(4, { ...start, without: [] })
  const progress = createProgress()
  for (const simulator of [lab.smtp, lab.sms, lab.webhook]) simulator.received.onMessage(progress.note)
  const receipts: Receipts = await receiveReceipts({ db, lab, clock, fleet })

  const keyring = createKeyring({ db, master: testMaster, random: testRandom })

  const endings: (() => Promise<void>)[] = []

  function setClock(next: Millis): void {
    offset = next
    fleet.setClock(next)
  }

  async function quiet(shop: ShopId, within = WITHIN): Promise<void> {
    await waitUntil(
      `shop ${shop} has nothing to do`,
      async () => {
        const work = await due(db, shop, clock.now())
        return work.now === 0 || `${JSON.stringify(work)} due`
      },
      within,
    )
  }

  return {
    db,
    lab,
    fleet,
    clock,
    progress,
    keyring,
    async openShop(
      slug,
      {
        accounts = ['email', 'sms', 'command'],
        presets = (all: Presets) => all,
        capPerDay = 50,
        settings = {},
      } = {},
    ) {
      const shop = {
        slug,
        name: slug,
        locale: 'zh-CN',
        timeZone: 'Asia/Shanghai',
        currency: 'CNY',
        country: 'CN',
      }
      const opened = await openShop(
        { db, keyring, random: testRandom },
        { ...shop, settings: { quiet: {}, capPerDay, ...settings }, demo: false },
        presets(await presetsForTests()),
        labAccounts(lab).filter((account) => (accounts as readonly string[]).includes(account.channel)),
        clock.now(),
      )
      if (opened === null) throw new Error(`there is a shop ${slug} already`)
      await receipts.aim(opened.id, opened.internal)
      return { id: opened.id, connection: opened.internal }
    },
    async connect(shop, source, settings) {
      const id = newId('conn', clock.now(), testRandom)
      const { sealer } = await keyring.open(shop)
      const sealed = sealer.seal(JSON.stringify(settings), { shop, column: 'connection.settings', row: id })
      const named = { id, source, name: source, path_hash: null, created_at: clock.now() }
      await addConnection(db, shop, { ...named, settings: sealed })
      await bumpConfig(db as never, shop)
      return id
    },
    async endLeases(shop) {
      await db.query(
        "update inquiry set lease_until = '2020-01-01T00:00:00Z' where shop_id = $1 and lease_until is not null",
        [shop],
      )
    },
    async tell(stories, { batch = 20, atOnce = 8 } = {}) {
      const waiting = [...batches(stories, batch, prngOf(stories.length))]
      const lane = async () => {
        for (let next = waiting.shift(); next; next = waiting.shift()) {
          await fleet.give(
            next[0]!.sender,
            next.map((arrival) => arrival.event),
          )
          for (const _ of next) progress.note()
        }
      }
      await Promise.all(Array.from({ length: atOnce }, lane))
    },
    setClock,
    quiet,
    busy: async (shop) => (await due(db, shop, clock.now())).now > 0,
    async finish(shop, within = WITHIN, leap = 5 * MINUTE) {
      const deadline = performance.now() + within
      for (;;) {
        await quiet(shop, deadline - performance.now())
        // A receipt that is under way is stamped with the time it was sent.
        await lab.sms.callbacksDone()
        await quiet(shop, deadline - performance.now())
        const { next } = await due(db, shop, clock.now())
        if (next === null) return
        // What is due close together is let come due together.
        setClock(offset + (next - clock.now()) + leap)
      }
    },
    onClose: (end) => void endings.push(end),
    async close() {
      await fleet.stop()
      await Promise.all(endings.map((end) => end()))
      await receipts.close()
      await lab.close()
      await db.close()
    },
  }
}

function createProgress(): Progress & { note(): void } {
  let count = 0
  let waiters: { at: number; wake: () => void }[] = []
  return {
    count: () => count,
    note() {
      count++
      const ready = waiters.filter(({ at }) => at <= count)
      if (ready.length === 0) return
      waiters = waiters.filter(({ at }) => at > count)
      for (const { wake } of ready) wake()
    },
    more: (more) => new Promise((wake) => waiters.push({ at: count + more, wake })),
  }
}

/** Work of the shop that is due or in somebody's hands, and when the next comes due. */
async function due(db: Db, shop: ShopId, now: number): Promise<{ now: number; next: number | null }> {
  const { rows } = await db.query<{ now: number; next: number | null }>(
    `select (select count(*) from todo where shop_id = $1)
        + (select count(*) from run where shop_id = $1 and due_at <= $2)
        + (select count(*) from message_work where shop_id = $1 and (due_at <= $2 or state <> 'waiting'))
        + (select count(*) from inquiry where shop_id = $1 and due_at is not null
             and (due_at <= $2 or lease_until > clock_timestamp())) as now,
      least((select min(due_at) from inquiry where shop_id = $1),
        (select min(due_at) from run where shop_id = $1 and due_at is not null),
        (select min(due_at) from message_work where shop_id = $1)) as next`,
    [shop, now],
  )
  return rows[0]!
}

function labAccounts(lab: Lab): readonly AccountToOpen[] {
  const { host, port, user, pass } = lab.smtp
  const registeredLink = { url: 'https://shop.example/d' }
  return [
    {
      channel: 'email',
      provider: 'smtp',
      name: 'lab',
      settings: { host, port, security: 'none', user, pass, from: 'shop@example.com', timeout: 5 * SECOND },
    },
    { channel: 'sms', provider: 'sms-http', name: 'lab', settings: { ...lab.sms.account(), registeredLink } },
    {
      channel: 'command',
      provider: 'command',
      name: 'lab',
      settings: { url: lab.webhook.url, secrets: [lab.webhook.secret] },
    },
  ]
}
