import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'
import { connect, type Db, type Tx, transaction } from '../src/db/connect.ts'
import { startPostgres } from '../src/db/postgres/supervisor.ts'
import { systemClock } from '../src/domain/time.ts'
import { benchRandom, round } from './kit.ts'
import { openBench, runPipeline } from './pipeline.ts'
import { serverSeconds } from './processor.ts'
import { yardstick } from './yardstick.ts'

// node bench/floor.ts [events]: how near to the yardstick the road could come at all.
// - "rows alone": PostgreSQL writes the rows of an event's road by itself, from copies of them that already lie in it:
//   500 at a time, four commits, every index, on as many connections as there are cores; nothing is read, sealed,
//   decided or rendered and nothing crosses a socket.
// - "Node alone": if PostgreSQL cost nothing and JavaScript used all cores.

const EVENTS = Number(process.argv[2] ?? 20_000)
const BATCH = 500
const CORES = availableParallelism()
/** Kept rows of the road and what each of them tells its event by. */
const KEPT = {
  event_key: 'event_id',
  event: 'id',
  order_ref: 'order_id',
  orders: 'id',
  customer: 'id',
  contact: 'id',
  run: 'id',
  message: 'id',
  message_body: 'message_id',
  attempt: 'message_id',
} as const
type Kept = keyof typeof KEPT
/** Rows that are written and taken away again. */
const PASSING = ['todo', 'message_work'] as const

const home = mkdtempSync(path.join(tmpdir(), 'dingdong-floor-'))
chmodSync(home, 0o755)
const log = { info: () => {}, warn: console.error, error: console.error, debug: () => {} }
const server = await startPostgres({
  dataDir: path.join(home, 'data'),
  clock: systemClock(),
  random: benchRandom,
  logger: log,
})
try {
  const admin = connect({ url: server.url, max: 1 })
  const database = async (name: string) => {
    await admin.query(`create database ${name}`)
    const url = new URL(server.url)
    url.pathname = `/${name}`
    return url.href
  }
  const before = await yardstick(await database('before'), EVENTS)
  const road = await database('road')
  const cost = await measureRoad(road)
  const rows = await rowsAlone(road)
  const after = await yardstick(await database('after'), EVENTS)
  const yard = (before.perSecond + after.perSecond) / 2
  const node = (CORES * 1e6) / cost.nodeMicros
  console.log('yardstick'.padEnd(12), `${Math.round(yard)}/s`)
  for (const [name, perSecond] of Object.entries({
    'whole road': cost.perSecond,
    'rows alone': rows,
    'Node alone': node,
  }))
    console.log(
      name.padEnd(12),
      `${Math.round(perSecond)}/s`.padStart(8),
      ' ratio',
      round(perSecond / yard, 2),
    )
  console.log(
    `an event: Node ${Math.round(cost.nodeMicros)} µs, PostgreSQL ${Math.round(cost.postgresMicros)} µs;`,
  )
  console.log(
    `a ratio of 0.5 allows ${Math.round((CORES * 1e6) / (yard / 2))} µs for both, with no core ever idle`,
  )
  await admin.close()
} finally {
  await server.stop()
  rmSync(home, { recursive: true, force: true })
}

async function measureRoad(url: string) {
  const bench = await openBench(url)
  const [sender] = await bench.openShops(1)
  await runPipeline(bench, [sender!], Math.min(EVENTS, 5_000), 1_000_000)
  const [own, theirs] = [process.cpuUsage(), serverSeconds(server.pid())]
  const { perSecond } = await runPipeline(bench, [sender!], EVENTS, 2_000_000)
  const { user, system } = process.cpuUsage(own)
  const postgres = serverSeconds(server.pid()) - theirs
  await bench.close()
  return { perSecond, nodeMicros: (user + system) / EVENTS, postgresMicros: (postgres * 1e6) / EVENTS }
}

/** Events a second. */
async function rowsAlone(url: string): Promise<number> {
  const db = connect({ url, max: CORES, statementTimeout: 0 })
  const events = await copyRows(db)
  const columns = await columnsOf(db)
  const add = (tx: Tx, table: Kept, batch: number) =>
    tx.query(
      `insert into new_${table} (${columns[table]}) select ${columns[table]} from old_${table} where batch = $1`,
      [batch],
    )
  let next = 0
  const lane = async () => {
    for (let batch = next++; batch * BATCH < events; batch = next++) {
      await transaction(db, async (tx) => {
        await add(tx, 'event_key', batch)
        await add(tx, 'event', batch)
        await tx.query(
          `insert into new_todo select shop_id, id, received_at from old_event where batch = $1`,
          [batch],
        )
      })
      await transaction(db, async (tx) => {
        for (const table of ['order_ref', 'orders', 'customer', 'contact', 'run', 'message'] as const)
          await add(tx, table, batch)
        await tx.query(
          `insert into new_message_work (shop_id, message_id, channel, due_at, priority)
           select shop_id, id, channel, due_at, 1 from old_message where batch = $1`,
          [batch],
        )
        await tx.query(
          `delete from new_todo t using old_event e where e.batch = $1 and (t.shop_id, t.event_id) = (e.shop_id, e.id)`,
          [batch],
        )
      })
      await transaction(db, async (tx) => {
        await tx.query(
          `update new_message_work w set state = 'calling', fence = 1, tries = 1, lease_until = now(),
             verdict = m.verdict, gate_snapshot = m.gate_snapshot
           from old_message m where m.batch = $1 and (w.shop_id, w.message_id) = (m.shop_id, m.id)`,
          [batch],
        )
        await add(tx, 'message_body', batch)
      })
      await transaction(db, async (tx) => {
        await add(tx, 'attempt', batch)
        await tx.query(
          `delete from new_message_work w using old_message m
           where m.batch = $1 and (w.shop_id, w.message_id) = (m.shop_id, m.id)`,
          [batch],
        )
        await tx.query(
          `update new_message n set state = m.state, attempts = m.attempts, settled_at = m.settled_at + 1
           from old_message m where m.batch = $1 and (n.shop_id, n.id) = (m.shop_id, m.id)`,
          [batch],
        )
      })
    }
  }
  const started = performance.now()
  await Promise.all(Array.from({ length: CORES }, lane))
  const seconds = (performance.now() - started) / 1000
  await db.close()
  return events / seconds
}

/** Copies the rows of the road, numbered by batch, and makes empty tables like theirs; says how many events they are of. */
async function copyRows(db: Db): Promise<number> {
  const { rows } = await db.query<{ events: number }>('select count(*)::int as events from event')
  const { events } = rows[0]!
  for (const [table, id] of Object.entries(KEPT)) {
    await db.query(
      `create table old_${table} as
       select (((row_number() over (order by ${id}) - 1) * ${events} / count(*) over ()) / ${BATCH})::int as batch, t.*
       from ${table} t`,
    )
    await db.query(`create index on old_${table} (batch)`)
  }
  for (const table of [...Object.keys(KEPT), ...PASSING])
    await db.query(`create table new_${table} (like ${table} including all)`)
  await db.query('vacuum analyze')
  return events
}

async function columnsOf(db: Db): Promise<Record<Kept, string>> {
  const { rows } = await db.query<{ table: Kept; columns: string }>(
    `select t.name as "table", string_agg(quote_ident(a.attname), ', ' order by a.attnum) as columns
     from unnest($1::text[]) as t (name) join pg_attribute a on a.attrelid = t.name::regclass
     where a.attnum > 0 and not a.attisdropped group by t.name`,
    [Object.keys(KEPT)],
  )
  return Object.fromEntries(rows.map((row) => [row.table, row.columns])) as Record<Kept, string>
}
