import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { connect, type Db } from '../src/db/connect.ts'
import { startPostgres } from '../src/db/postgres/supervisor.ts'
import { NO_RETRIES } from '../src/domain/healing/rules.ts'
import { systemClock } from '../src/domain/time.ts'
import { decide } from '../src/pipeline/decide.ts'
import type { Sender } from '../src/pipeline/intake.ts'
import { benchLog, benchRandom } from './kit.ts'
import { failedPayment } from './payload.ts'
import { type Bench, openBench } from './pipeline.ts'
import { serverSeconds } from './processor.ts'

// node bench/profile.ts [events] [folder]: where the time of one event goes. The three stages run one after the other
// on one shop, so that each can be told apart; processor time of this process and of PostgreSQL's, per event, then the
// dearest statements. With a folder: a V8 profile of each stage, for Chrome's or VS Code's viewer.

const EVENTS = Number(process.argv[2] ?? 20_000)
const folder = process.argv[3]

const home = mkdtempSync(path.join(tmpdir(), 'dingdong-profile-'))
chmodSync(home, 0o755)
if (folder) mkdirSync(folder, { recursive: true })
const log = { info: () => {}, warn: console.error, error: console.error, debug: () => {} }
const settings = { shared_preload_libraries: 'pg_stat_statements', 'pg_stat_statements.max': 2_000 }
const server = await startPostgres({
  dataDir: path.join(home, 'data'),
  clock: systemClock(),
  random: benchRandom,
  logger: log,
  settings,
})
try {
  const admin = connect({ url: server.url, max: 1 })
  await admin.query('create extension pg_stat_statements')
  await admin.query('create database profile')
  const url = new URL(server.url)
  url.pathname = '/profile'
  const bench = await openBench(url.href, { byHand: true })
  const [sender] = await bench.openShops(1)
  await road(bench, sender!, Math.min(EVENTS, 5_000), 0, async (_, work) => work())
  await admin.query('select pg_stat_statements_reset()')
  const from = await walPosition(admin)
  await road(bench, sender!, EVENTS, 1_000_000, measured)
  console.log('log bytes', Math.round((await walPosition(admin, from)) / EVENTS))
  await dearest(admin)
  await bench.close()
  await admin.close()
} finally {
  await server.stop()
  rmSync(home, { recursive: true, force: true })
}

async function road(
  bench: Bench,
  sender: Sender,
  count: number,
  from: number,
  stage: (name: string, work: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const { engine } = bench
  const { deliver } = engine.delivery
  const now = Date.now()
  bench.sent.mails.length = 0
  await stage('intake', async () => {
    let next = 0
    const give = async () => {
      while (next < count) {
        const first = next
        next = Math.min(count, next + 50)
        await engine.intake.keep(
          sender,
          Array.from({ length: next - first }, (_, at) => failedPayment(from + first + at, now)),
        )
      }
    }
    await Promise.all(Array.from({ length: 16 }, give))
  })
  await stage('decide', async () => {
    const { keyring, configs, recall } = engine
    const deps = { db: bench.db, keyring, configs, recall, retries: () => NO_RETRIES, clock: systemClock() }
    const lane = async () => {
      while ((await decide({ ...deps, random: benchRandom, log: benchLog }, sender.shop, 500)).applied > 0);
    }
    await Promise.all([lane(), lane()])
  })
  await stage('deliver', async () => {
    const lane = async () => {
      while ((await deliver(sender.shop, 'email')).taken > 0);
    }
    await Promise.all([lane(), lane(), lane()])
  })
}

async function measured(name: string, work: () => Promise<void>): Promise<void> {
  const session = new Session()
  if (folder) {
    session.connect()
    await session.post('Profiler.enable')
    await session.post('Profiler.setSamplingInterval', { interval: 500 })
    await session.post('Profiler.start')
  }
  const [own, theirs, started] = [process.cpuUsage(), serverSeconds(server.pid()), performance.now()]
  await work()
  const { user, system } = process.cpuUsage(own)
  const seconds = (performance.now() - started) / 1000
  const perEvent = (spent: number) => `${Math.round((spent * 1e6) / EVENTS)} µs`.padStart(8)
  console.log(
    name.padEnd(8),
    'node',
    perEvent((user + system) / 1e6),
    ' postgres',
    perEvent(serverSeconds(server.pid()) - theirs),
    ' wall',
    perEvent(seconds),
  )
  if (folder) {
    const { profile } = await session.post('Profiler.stop')
    writeFileSync(path.join(folder, `${name}.cpuprofile`), JSON.stringify(profile))
    session.disconnect()
  }
}

async function walPosition(db: Db, from = 0): Promise<number> {
  const { rows } = await db.query<{ at: string }>(
    "select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::text as at",
  )
  return Number(rows[0]!.at) - from
}

async function dearest(db: Db): Promise<void> {
  const { rows } = await db.query<{ us: string; calls: number; rows: number; wal: string; query: string }>(
    `select round((total_exec_time * 1000 / $1)::numeric, 1)::text as us, calls::int, rows::int,
       round(wal_bytes / $1)::text as wal, regexp_replace(left(query, 110), '\\s+', ' ', 'g') as query
     from pg_stat_statements order by total_exec_time desc limit 32`,
    [EVENTS],
  )
  console.log('\nµs/event     calls       rows  log B/event')
  for (const row of rows)
    console.log(
      row.us.padStart(8),
      String(row.calls).padStart(9),
      String(row.rows).padStart(10),
      row.wal.padStart(8),
      ' ',
      row.query,
    )
}
