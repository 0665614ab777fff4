import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { connect, type Db } from '../src/db/connect.ts'
import { startPostgres } from '../src/db/postgres/supervisor.ts'
import { systemClock } from '../src/domain/time.ts'
import { measureFairness } from './fairness.ts'
import { measureIdle } from './idle.ts'
import { measureIngest } from './ingest.ts'
import { benchRandom, round } from './kit.ts'
import { addWaitingRuns, measureLadder } from './ladder.ts'
import { openBench, type PipelineResult, runPipeline } from './pipeline.ts'
import { startServer } from './server.ts'
import { addWaiting, measureWaiting } from './waiting.ts'
import { yardstick } from './yardstick.ts'

// npm run bench [-- --quick] [--json]: the whole road against graphile-worker on the same PostgreSQL, in one run.
// Figures on a shared machine are noisy; the ratio is what to compare.

const quick = process.argv.includes('--quick')
const json = process.argv.includes('--json')
const EVENTS = quick ? 10_000 : 50_000
const SHOPS = quick ? 500 : 5_000
const WAITING = quick ? 100_000 : 1_000_000
/** Of one run; shorter ones differ by more than the waiting messages could make. */
const BESIDE_WAITING = quick ? 4_000 : 10_000
const INGEST = quick ? 6_000 : 30_000
/** Until the compiler has warmed up: what a process does in its first seconds. */
const COLD = 6_000
const IDLE = quick ? 100 : 400
const FAIR = quick ? 100 : 300
const REMINDERS = quick ? 1_000 : 4_000

const figures: Record<string, number | boolean> = {}
const note = (name: string, value: number | boolean) => {
  figures[name] = value
  if (!json) console.log(name.padEnd(26), value)
}

const home = mkdtempSync(path.join(tmpdir(), 'dingdong-bench-'))
chmodSync(home, 0o755)
try {
  await measureServer()
  await measurePipeline()
} finally {
  rmSync(home, { recursive: true, force: true })
}
if (json) console.log(JSON.stringify(figures))
process.exit(figures.bodies_right === true ? 0 : 1)

/** The program as it is started: first and later start, memory at rest, single events over HTTP. */
async function measureServer(): Promise<void> {
  const first = await startServer(home)
  note('first_start_s', round(first.startSeconds, 2))
  await first.stop()
  const server = await startServer(home)
  note('start_s', round(server.startSeconds, 2))
  await new Promise((resolve) => setTimeout(resolve, 8_000))
  note('rss_idle_mb', round(server.residentMb()))
  const cold = await measureIngest(server, COLD, 5_000_000)
  note('ingest_cold_per_s', Math.round(cold.perSecond))
  const ingest = await measureIngest(server, INGEST, 6_000_000)
  note('ingest_per_s', Math.round(ingest.perSecond))
  note('ingest_p95_ms', round(ingest.p95))
  await server.stop()
}

/** The pipeline in this process, with a provider that sends nothing, against the yardstick. */
async function measurePipeline(): Promise<void> {
  const log = { info: () => {}, warn: console.error, error: console.error, debug: () => {} }
  const dataDir = path.join(home, 'pipeline')
  const server = await startPostgres({ dataDir, clock: systemClock(), random: benchRandom, logger: log })
  const admin = connect({ url: server.url, max: 1 })
  const database = async (name: string) => {
    await admin.query(`create database ${name}`)
    const url = new URL(server.url)
    url.pathname = `/${name}`
    return url.href
  }
  try {
    const before = await yardstick(await database('before'), EVENTS)
    const one = await oneShop(await database('one'), await database('bare'), admin)
    const many = await manyShops(await database('many'))
    const after = await yardstick(await database('after'), EVENTS)
    const each = await yardstick(await database('each'), EVENTS, { completeEach: true })
    const yard = (before.perSecond + after.perSecond) / 2
    note('yardstick_per_s', Math.round(yard))
    note('ratio', round(one.perSecond / yard, 2))
    note('yardstick_complete_each_per_s', Math.round(each.perSecond))
    note('ratio_complete_each', round(one.perSecond / each.perSecond, 2))
    note('ratio_many_shops', round(many.perSecond / yard, 2))
    note('bodies_right', one.bodiesRight && many.bodiesRight)
  } finally {
    await admin.close()
    await server.stop()
  }
}

async function oneShop(url: string, bareUrl: string, admin: Db): Promise<PipelineResult> {
  const bench = await openBench(url)
  const [sender] = await bench.openShops(1)
  await runPipeline(bench, [sender!], Math.min(5_000, EVENTS), 1_000_000)
  const from = await walPosition(admin)
  const result = await runPipeline(bench, [sender!], EVENTS, 2_000_000)
  note('pipeline_per_s', Math.round(result.perSecond))
  note('wal_bytes_per_event', Math.round((await walSince(admin, from)) / EVENTS))
  const idle = await measureIdle(bench, sender!, IDLE)
  note('idle_p50_ms', round(idle.p50))
  note('idle_p99_ms', round(idle.p99))
  const [other] = await bench.openShops(1)
  const fair = await measureFairness(bench, other!, sender!, FAIR)
  note('quiet_shop_p95_ms', round(fair.alone))
  note('quiet_shop_beside_75x_p95_ms', round(fair.beside))
  await addWaiting(bench.db, sender!.shop, WAITING)
  const waiting = await measureWaiting(bareUrl, bench, sender!, BESIDE_WAITING)
  note('waiting_slowdown', round(waiting.slowdown, 3))
  await addWaitingRuns(bench.db, sender!.shop, WAITING)
  const ladder = await measureLadder(bench, sender!, REMINDERS)
  note('ladder_lateness_p50_ms', round(ladder.p50))
  note('ladder_lateness_p99_ms', round(ladder.p99))
  note('rss_peak_mb', round(process.resourceUsage().maxRSS / 1024))
  await bench.close()
  return { ...result, bodiesRight: result.bodiesRight && waiting.bodiesRight }
}

async function manyShops(url: string): Promise<PipelineResult> {
  const bench = await openBench(url)
  const senders = await bench.openShops(SHOPS)
  const result = await runPipeline(bench, senders, EVENTS, 6_000_000)
  note('pipeline_many_shops_per_s', Math.round(result.perSecond))
  await bench.close()
  return result
}

async function walPosition(db: Db): Promise<string> {
  return (await db.query<{ at: string }>('select pg_current_wal_lsn()::text as at')).rows[0]!.at
}

async function walSince(db: Db, from: string): Promise<number> {
  const { rows } = await db.query<{ bytes: string }>(
    'select pg_wal_lsn_diff(pg_current_wal_lsn(), $1)::text as bytes',
    [from],
  )
  return Number(rows[0]!.bytes)
}
