import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { compilePresets } from '../src/app/presets.ts'
import { connect } from '../src/db/connect.ts'
import { startPostgres } from '../src/db/postgres/supervisor.ts'
import type { SourceEvent } from '../src/domain/event.ts'
import { DAY, HOUR, type Instant, SECOND, systemClock } from '../src/domain/time.ts'
import type { Sender } from '../src/pipeline/intake.ts'
import { benchRandom, percentile } from './kit.ts'
import { type Bench, type BenchOptions, openBench } from './pipeline.ts'

// node bench/outage.ts [runs]: nobody worked for three hours, in which the first reminders of so many ladders fell due.
// What happens when work begins again while buyers go on paying, through an account with a rate and through one without
// that is slow. Exit 1 when a rule was broken.

const RUNS = Number(process.argv[2] ?? 20_000)
/** Messages a second that either account can send. */
const RATE = 200
const OUTAGE = 3 * HOUR
/** A buyer pays so often meanwhile, ms. */
const PAID_EVERY = 100
const CAP = 3
/** Orders of one buyer, where a buyer has several. */
const SHARED = 5
const A_GROUP = 500

const KINDS = [
  'night',
  'paid',
  'shared',
  'plain',
  'plain',
  'plain',
  'plain',
  'plain',
  'plain',
  'plain',
] as const
const kindOf = (n: number) => KINDS[n % KINDS.length]!
const buyerOf = (n: number) => {
  const kind = kindOf(n)
  const nth = Math.floor(n / KINDS.length)
  return `${kind}${kind === 'shared' ? Math.floor(nth / SHARED) : n}@example.org`
}

const clock = systemClock()
/** A zone where it is this hour now. */
const zoneAt = (hour: number) => {
  const ahead = ((hour - new Date(clock.now()).getUTCHours() + 36) % 24) - 12
  return `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`
}

const home = mkdtempSync(path.join(tmpdir(), 'dingdong-outage-'))
chmodSync(home, 0o755)
const log = { info: () => {}, warn: console.error, error: console.error, debug: () => {} }
const server = await startPostgres({
  dataDir: path.join(home, 'data'),
  clock,
  random: benchRandom,
  logger: log,
})
const admin = connect({ url: server.url, max: 1 })
const faults: string[] = []
try {
  const presets = await compilePresets(clock)
  const accounts: Readonly<Record<string, BenchOptions>> = {
    rate: { account: { ratePerSecond: RATE } },
    slow: { account: { concurrency: 8 }, callMs: (8 * SECOND) / RATE },
  }
  for (const [name, account] of Object.entries(accounts)) {
    await admin.query(`create database outage_${name}`)
    const url = new URL(server.url)
    url.pathname = `/outage_${name}`
    const figures = await outage(url.href, { ...account, presets })
    console.log(name, JSON.stringify(figures))
    faults.push(...figures.faults)
  }
} finally {
  await admin.close()
  await server.stop()
  rmSync(home, { recursive: true, force: true })
}
process.exitCode = faults.length === 0 ? 0 : 1

async function outage(url: string, options: BenchOptions) {
  let offset = -OUTAGE - HOUR
  const travelling = { ...clock, now: () => clock.now() + offset }
  const settings = { quiet: { email: [{ from: '22:00', to: '08:00' }] }, capPerDay: CAP }
  const bench = await openBench(url, { ...options, clock: travelling, settings })
  const [sender] = await bench.openShops(1)
  // Payments that failed in the three hours before: nobody sweeps, so nobody looks at timers.
  for (let from = 0; from < RUNS; from += A_GROUP) {
    offset = -OUTAGE - HOUR + Math.floor((from / RUNS) * OUTAGE)
    const at = travelling.now()
    await bench.engine.intake.keep(
      sender!,
      numbers(from, Math.min(RUNS, from + A_GROUP)).map((n) => failed(n, at)),
    )
    await none(bench, 'select from todo')
  }
  offset = 0
  await bench.db.query('analyze')
  const { rows } = await bench.db.query<{ due: number }>(
    'select count(*)::int as due from run where due_at <= $1',
    [clock.now()],
  )
  if (rows[0]!.due !== RUNS || bench.sent.count > 0)
    throw new Error(`expected ${RUNS} due runs and nothing sent, got ${rows[0]!.due}, ${bench.sent.count}`)
  const figures = await resume(bench, sender!, options.account?.ratePerSecond ?? null)
  await bench.close()
  return figures
}

interface Call {
  readonly to: string
  readonly at: Instant
}

async function resume(bench: Bench, sender: Sender, rate: number | null) {
  const { engine, sent } = bench
  const offered = new Map<string, Instant>()
  const late: number[] = []
  const calls: Call[] = []
  sent.onSend = ({ to }) => {
    calls.push({ to, at: clock.now() })
    const since = offered.get(to)
    if (since !== undefined) late.push(clock.now() - since)
  }
  // Payments of which nobody could tell meanwhile. So long ago that no receipts stand beside those that are measured.
  const paid = numbers(0, RUNS).filter((n) => kindOf(n) === 'paid')
  await engine.intake.keep(
    sender,
    paid.map((n) => paidFor(n, clock.now() - 8 * DAY, buyerOf(n))),
  )
  const started = clock.now()
  engine.worker.start()
  let over = false
  const buyers = (async () => {
    for (let n = 0; !over; n++) {
      const to = `fresh${n}@example.org`
      offered.set(to, clock.now())
      await engine.intake.keep(sender, [paidFor(RUNS + n, clock.now(), to)])
      await pause(started + (n + 1) * PAID_EVERY - clock.now())
    }
  })()
  await none(bench, 'select from run where due_at <= $1')
  const planned = clock.now()
  await none(
    bench,
    `select from message_work as w join message as m on m.shop_id = w.shop_id and m.id = w.message_id
     where w.due_at <= $1 and m.purpose = 'reminder'`,
  )
  const drained = clock.now()
  over = true
  await buyers
  await none(bench, 'select from message_work where due_at <= $1')
  sent.onSend = () => {}
  late.sort((a, b) => a - b)
  const { rows } = await bench.db.query<{ state: string; verdict: string; n: number }>(
    `select m.state, regexp_replace(coalesce(w.verdict, m.verdict), '^([a-z]+)[^:]*:([a-z_,]*).*$', '\\1 \\2') as verdict, count(*)::int as n
     from message as m left join message_work as w on w.shop_id = m.shop_id and w.message_id = m.id
     where m.purpose = 'reminder' group by 1, 2 order by 3 desc`,
  )
  return {
    plannedSeconds: (planned - started) / SECOND,
    drainedSeconds: (drained - started) / SECOND,
    reminders: Object.fromEntries(rows.map(({ state, verdict, n }) => [`${state} ${verdict}`, n])),
    fresh: {
      count: late.length,
      p50: percentile(late, 0.5),
      p95: percentile(late, 0.95),
      most: late.at(-1),
    },
    inTenSeconds: mostWithin(calls, 10 * SECOND),
    faults: faultsIn(calls, offered.size, late.length, rate),
  }
}

function faultsIn(calls: readonly Call[], offered: number, receipts: number, rate: number | null): string[] {
  const found: string[] = []
  const perBuyer = new Map<string, number>()
  for (const { to } of calls) {
    if (to.startsWith('night') || to.startsWith('paid')) found.push(`${to} was reminded`)
    perBuyer.set(to, (perBuyer.get(to) ?? 0) + 1)
  }
  for (const [to, count] of perBuyer)
    if (count > (to.startsWith('shared') ? CAP : 1)) found.push(`${to} got ${count} messages`)
  if (receipts !== offered) found.push(`${offered} paid, ${receipts} got a receipt`)
  // A full bucket gives a second's worth more, and what was granted may wait for a second until it is called.
  const most = mostWithin(calls, 10 * SECOND)
  if (rate !== null && most > rate * 12) found.push(`${most} messages in ten seconds at ${rate} a second`)
  return found
}

function mostWithin(calls: readonly Call[], span: number): number {
  let most = 0
  let from = 0
  calls.forEach(({ at }, to) => {
    while (at - calls[from]!.at >= span) from++
    most = Math.max(most, to - from + 1)
  })
  return most
}

function failed(n: number, now: Instant): SourceEvent {
  const failure = { code: 'card_declined', declineCode: 'insufficient_funds' }
  return orderEvent(n, 'payment.failed', now, {
    payment: { id: `ch_${n}`, rail: 'stripe', method: 'card', failure },
    customer: { email: buyerOf(n), locale: 'en', timeZone: zoneAt(kindOf(n) === 'night' ? 2 : 12) },
  })
}

function paidFor(n: number, at: Instant, email: string): SourceEvent {
  return orderEvent(n, 'order.paid', at, {
    payment: { id: `paid_${n}`, rail: 'stripe' },
    customer: { email, locale: 'en', timeZone: zoneAt(12) },
  })
}

function orderEvent(n: number, type: string, time: Instant, data: Partial<SourceEvent['data']>): SourceEvent {
  const no = `O-${n}`
  const order = {
    no,
    total: { minor: 12_800, currency: 'CNY' },
    title: 'Membership, three months',
    expiresAt: clock.now() + 2 * DAY,
    payUrl: `https://shop.example/pay/${n}`,
  }
  return {
    id: `${type}-${n}`,
    type,
    source: 'https://shop.example',
    time,
    subject: no,
    data: { refs: [], order, ...data },
  }
}

function numbers(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from }, (_, at) => from + at)
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)))
}

/** Waits until there are no such rows; `$1` is now. */
async function none({ db }: Bench, rows: string): Promise<void> {
  for (;;) {
    const values = rows.includes('$1') ? [clock.now()] : []
    const { rows: found } = await db.query<{ there: boolean }>(`select exists (${rows}) as there`, values)
    if (!found[0]!.there) return
    await pause(20)
  }
}
