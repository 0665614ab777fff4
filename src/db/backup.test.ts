import { mkdtemp, open, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../../test/database.ts'
import { testRandom } from '../../test/kit/fixed.ts'
import { backup } from './backup.ts'
import { connect } from './connect.ts'
import { migrate } from './migrate.ts'
import { restore } from './restore.ts'

const FIRST = `
create type mood as enum ('glad', 'sad');
create table parent (id bigint generated always as identity primary key, name text);
-- Sorts before "parent", so that an order by name would break on the reference.
create table child (id int primary key, parent_id bigint not null references parent, up int references child,
  twice int generated always as (id * 2) stored);
create table odd ("Select" text, moods mood[], blob bytea, js jsonb, at timestamptz, day date, xid xid8);
create table part (shop_id int, at bigint, body text, primary key (shop_id, at)) partition by range (at);
create table part_rest partition of part default;
create sequence counter;`

let dir: string
let migrations: string
let source: TestDatabase
let target: TestDatabase
let file: string

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'dingdong-backup-'))
  migrations = path.join(dir, 'migrations')
  await import('node:fs/promises').then((fs) => fs.mkdir(migrations))
  await writeFile(path.join(migrations, '0001_first.sql'), FIRST)
})
afterAll(() => rm(dir, { recursive: true }))

beforeEach(async () => {
  source = await testDatabase({ blank: true })
  target = await testDatabase({ blank: true })
  file = path.join(dir, `${Math.random().toString(36).slice(2)}.backup`)
  await migrate({ db: source.db, dir: migrations, now: 1 })
})
afterEach(async () => {
  await source.close()
  await target.close()
})

async function fill(rows = 3): Promise<void> {
  await source.db.query(`insert into parent (name) select 'p' || n from generate_series(1, $1) n`, [rows])
  await source.db.query('insert into child (id, parent_id, up) values (1, 1, null), (2, 2, 1)')
  await source.db.query('create table part_1 partition of part for values from (0) to (100)')
  await source.db.query(`insert into part select 1, n, repeat('消息', 50) from generate_series(1, 200) n`)
  await source.db.query(
    `insert into odd values (E'tab\\tline\\nback\\\\slash \\\\N', '{glad,sad,NULL}', '\\x00ff0a5c', '{"a": "\\u00e9"}',
       '2026-03-29 01:30:00+00', '2026-03-29', '123456789012'), (null, null, null, null, null, null, null), ('', '{}', '', 'null', 'infinity', '-infinity', '3')`,
  )
  await source.db.query(`select setval('counter', 41)`)
}

const TABLES = ['parent', 'child', 'odd', 'part', 'part_1']
const contents = async (db: TestDatabase['db']) => {
  const all: unknown[] = []
  for (const table of TABLES) all.push((await db.query(`select * from ${table} order by 1, 2`)).rows)
  return all
}
const put = (more: { passphrase?: string; url?: string } = {}) =>
  restore({ url: target.url, file, now: 9, migrationsDir: migrations, afterRestore: [], ...more })
const tablesIn = async (db: TestDatabase['db']) =>
  (await db.query("select relname from pg_class where relnamespace = 'public'::regnamespace")).rows

test.each([undefined, 'Schlüssel 钥匙'])(
  'everything comes back as it was (passphrase: %s)',
  async (passphrase) => {
    await fill()
    const more = passphrase === undefined ? {} : { passphrase }
    const made = await backup({ url: source.url, file, now: 7, random: testRandom, ...more })
    expect(made).toMatchObject({ tables: 4, rows: 208 })
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await put(more)).toEqual({ backedUpAt: 7, tables: 4, rows: 208 })
    expect(await contents(target.db)).toEqual(await contents(source.db))
    const next = await target.db.query(
      `insert into parent (name) values ('next') returning id, nextval('counter') as n`,
    )
    expect(next.rows).toEqual([{ id: 4, n: 42 }])
    expect(await migrate({ db: target.db, dir: migrations, now: 10 })).toEqual([])
  },
)

test('a backup is of one moment, however long it takes and whatever is written meanwhile', async () => {
  await fill()
  await source.db.query(`insert into parent (name) select repeat('x', 500) from generate_series(1, 20000)`)
  // Each writing keeps the number of parents and that in the counter row equal; half of one would show.
  await source.db.query(`insert into odd ("Select", xid) select 'total', count(*)::text::xid8 from parent`)
  let writing = true
  const writer = (async () => {
    let written = 0
    while (writing) {
      await source.db.query(
        `with added as (insert into parent (name) values ('more') returning id)
         update odd set xid = (xid::text::bigint + (select count(*) from added))::text::xid8 where "Select" = 'total'`,
      )
      written++
    }
    return written
  })()
  await backup({ url: source.url, file, now: 7, random: testRandom })
  writing = false
  expect(await writer).toBeGreaterThan(0)
  await put()
  const { rows } = await target.db.query<{ told: string; counted: string }>(
    `select (select xid::text from odd where "Select" = 'total') as told, (select count(*)::text from parent) as counted`,
  )
  expect(rows[0]!.told).toBe(rows[0]!.counted)
})

test('an encrypted backup shows nothing of its contents, and an unencrypted one is compressed', async () => {
  await source.db.query(`insert into parent (name) values ('planted-secret')`)
  await backup({ url: source.url, file, now: 7, random: testRandom, passphrase: 'pass' })
  const bytes = await readFile(file)
  expect(bytes.includes('planted-secret')).toBe(false)
  expect(bytes.includes('parent')).toBe(false)
  await source.db.query(`insert into parent (name) select 'the same words' from generate_series(1, 10000)`)
  const plain = await backup({ url: source.url, file: `${file}2`, now: 7, random: testRandom })
  expect(plain.bytes).toBeLessThan(60_000)
})

test('a wrong or missing passphrase changes nothing and says so', async () => {
  await fill()
  await backup({ url: source.url, file, now: 7, random: testRandom, passphrase: 'right' })
  await expect(put()).rejects.toMatchObject({ code: 'BACKUP_PASSPHRASE_NEEDED' })
  await expect(put({ passphrase: 'wrong' })).rejects.toMatchObject({ code: 'BACKUP_PASSPHRASE_WRONG' })
  expect(await tablesIn(target.db)).toEqual([])
  await put({ passphrase: 'right' })
})

test.each([undefined, 'pass'])(
  'cut off anywhere, nothing is restored (passphrase: %s)',
  async (passphrase) => {
    await fill(2000)
    const more = passphrase === undefined ? {} : { passphrase }
    await backup({ url: source.url, file, now: 7, random: testRandom, ...more })
    const { size } = await stat(file)
    const lengths = passphrase ? [] : [0, 5, 20, 70, size - 40]
    for (const length of [...lengths, 200, Math.floor(size / 2), size - 1]) {
      await truncateCopy(length)
      await expect(put({ ...more }), `cut at ${length} of ${size}`).rejects.toMatchObject({
        code: expect.stringMatching(/^BACKUP_(CORRUPT|FOREIGN)$/),
      })
      await writeFile(file, whole)
    }
    expect(await tablesIn(target.db)).toEqual([])
  },
)

let whole: Buffer
async function truncateCopy(length: number): Promise<void> {
  whole = await readFile(file)
  await truncate(file, length)
}

test.each([undefined, 'pass'])(
  'with any one byte changed, nothing is restored (passphrase: %s)',
  async (passphrase) => {
    await fill(500)
    const more = passphrase === undefined ? {} : { passphrase }
    await backup({ url: source.url, file, now: 7, random: testRandom, ...more })
    const { size } = await stat(file)
    for (let at = 130; at < size; at += Math.ceil(size / (passphrase ? 4 : 12))) {
      const handle = await open(file, 'r+')
      const byte = Buffer.alloc(1)
      await handle.read(byte, 0, 1, at)
      await handle.write(Buffer.from([byte[0]! ^ 0x10]), 0, 1, at)
      await expect(put(more), `byte ${at} of ${size}`).rejects.toMatchObject({
        code: expect.stringMatching(/^BACKUP_/),
      })
      await handle.write(byte, 0, 1, at)
      await handle.close()
    }
    expect(await tablesIn(target.db)).toEqual([])
    await put(more)
  },
)

test('a file that is no backup, or of a later format, is told apart', async () => {
  await writeFile(file, 'PGDMP…')
  await expect(put()).rejects.toMatchObject({ code: 'BACKUP_FOREIGN' })
  await writeFile(file, 'dingdong backup\n{"format":2,"encryption":null}\n')
  await expect(put()).rejects.toThrow(/has the format 2; this Dingdong knows 1/)
  await rm(file)
  await expect(put()).rejects.toMatchObject({ code: 'BACKUP_UNREADABLE' })
})

test('a database with rows is refused; an empty one with the same schema is filled', async () => {
  await fill()
  await backup({ url: source.url, file, now: 7, random: testRandom })
  await migrate({ db: target.db, dir: migrations, now: 1 })
  await target.db.query(`insert into odd ("Select") values ('mine')`)
  await expect(put()).rejects.toMatchObject({
    code: 'RESTORE_NOT_EMPTY',
    message: expect.stringContaining('odd'),
  })
  await target.db.query('delete from odd')
  expect(await put()).toMatchObject({ rows: 208 })
})

test('an older backup goes into a blank database and is then migrated; newer ones are refused', async () => {
  await fill()
  await backup({ url: source.url, file, now: 7, random: testRandom })
  const later = path.join(migrations, '0002_later.sql')
  await writeFile(later, `alter table parent add column extra text not null default 'new';`)
  onTestFinished(() => rm(later, { force: true }))
  const migrated = await testDatabase({ blank: true })
  await migrate({ db: migrated.db, dir: migrations, now: 1 })
  await expect(put({ url: migrated.url })).rejects.toMatchObject({ code: 'RESTORE_OTHER_SCHEMA' })
  await put()
  expect(await migrate({ db: target.db, dir: migrations, now: 10 })).toEqual(['0002_later.sql'])
  expect((await target.db.query('select extra from parent limit 1')).rows).toEqual([{ extra: 'new' }])

  await backup({ url: migrated.url, file: `${file}2`, now: 8, random: testRandom })
  await rm(later)
  const blank = await testDatabase({ blank: true })
  await expect(
    restore({ url: blank.url, file: `${file}2`, now: 9, migrationsDir: migrations }),
  ).rejects.toMatchObject({ code: 'RESTORE_SCHEMA_UNKNOWN' })
  await migrated.close()
  await blank.close()
})

test('what must be put right after a restore runs in its transaction: when it fails, nothing is restored', async () => {
  await fill()
  await backup({ url: source.url, file, now: 7, random: testRandom })
  const seen: object[] = []
  const failing = restore({
    url: target.url,
    file,
    now: 9,
    migrationsDir: migrations,
    afterRestore: [
      async (tx, restored) => {
        seen.push(restored, (await tx.query('select count(*) as n from parent')).rows[0]!)
        throw new Error('not like this')
      },
    ],
  })
  await expect(failing).rejects.toThrow('not like this')
  expect(seen).toEqual([{ backedUpAt: 7, restoredAt: 9 }, { n: 3 }])
  expect(await tablesIn(target.db)).toEqual([])
})

test('a backup that cannot be finished leaves no file and overwrites none', async () => {
  await expect(
    backup({ url: source.url, file: path.join(dir, 'none', 'x'), now: 7, random: testRandom }),
  ).rejects.toMatchObject({
    code: 'BACKUP_UNWRITABLE',
  })
  await writeFile(file, 'precious')
  await expect(backup({ url: source.url, file, now: 7, random: testRandom })).rejects.toMatchObject({
    code: 'BACKUP_EXISTS',
  })
  expect(await readFile(file, 'utf8')).toBe('precious')
  await fill()
  await source.db.query(`insert into parent (name) select repeat('x', 1000) from generate_series(1, 30000)`)
  const killed = backup({ url: source.url, file: `${file}3`, now: 7, random: testRandom })
  const killer = (async () => {
    for (;;) {
      const { rows } = await source.db.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where application_name = 'dingdong backup' and datname = current_database() and query like 'copy (%'`,
      )
      if (rows.length > 0) return
    }
  })()
  await expect(killed).rejects.toThrow(/terminat|connection error/)
  await killer
  expect((await readdir(dir)).filter((one) => one.startsWith(path.basename(`${file}3`)))).toEqual([])
})

test('the product’s own schema goes through, work in progress becomes an unknown outcome', async () => {
  const product = await testDatabase()
  await product.db.query(`insert into message_work (shop_id, message_id, channel, due_at, state, lease_until, fence)
    values (1, gen_random_uuid(), 'sms', 5, 'calling', clock_timestamp() + interval '1 minute', 3),
           (1, gen_random_uuid(), 'sms', 6, 'waiting', null, 0)`)
  await product.db.query(`insert into order_ref (shop_id, kind, value, paid_at, paid_xid)
    values (1, 'no', 'A1', 5, pg_current_xact_id())`)
  await product.db.query(`insert into event (shop_id, id, connection_id, type, trust, occurred_at, received_at, body)
    values (1, gen_random_uuid(), gen_random_uuid(), 'order.paid', 'signed', 1, 1, '\\x00')`)
  await backup({ url: product.url, file, now: 7, random: testRandom, passphrase: 'p' })
  await restore({ url: target.url, file, now: 9, passphrase: 'p' })
  const { rows } = await target.db.query(
    `select state, fence, lease_until < clock_timestamp() as over from message_work order by due_at`,
  )
  expect(rows).toEqual([
    { state: 'calling', fence: 4, over: true },
    { state: 'waiting', fence: 0, over: null },
  ])
  const refs = await target.db.query('select paid_at, paid_xid from order_ref')
  expect(refs.rows).toEqual([{ paid_at: 5, paid_xid: null }])
  expect((await target.db.query('select type from event')).rows).toEqual([{ type: 'order.paid' }])
  await migrate({ db: target.db, now: 10 })
  await product.close()
})

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Bytes that something still holds: what the process keeps beyond that depends on how busy the machine is. */
function living(): number {
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

test('a big table streams: memory stays small beside it', async () => {
  await source.db.query(
    `insert into parent (name) select repeat(md5(n::text), 1000) from generate_series(1, 4000) n`,
  )
  const before = living()
  let peak = before
  const watch = setInterval(() => {
    peak = Math.max(peak, living())
  }, 50)
  const start = performance.now()
  await backup({ url: source.url, file, now: 7, random: testRandom })
  const middle = performance.now()
  await put()
  const end = performance.now()
  clearInterval(watch)
  const more = Math.round((peak - before) / 1e6)
  console.log(
    `128 MB: backup ${Math.round(middle - start)} ms, restore ${Math.round(end - middle)} ms, ${more} MB memory`,
  )
  // All of it at once would be at least 256 MB: the rows, and the packets they came in.
  expect(more).toBeLessThan(100)
  const db = connect({ url: target.url, max: 1 })
  expect((await db.query('select count(*) as n, sum(length(name)) as bytes from parent')).rows).toEqual([
    { n: 4000, bytes: 128_000_000 },
  ])
  await db.close()
})
