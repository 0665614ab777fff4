import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../../test/database.ts'
import { connect } from './connect.ts'
import { checkSchema, migrate } from './migrate.ts'
import { dumpSchema } from './schema-dump.ts'

let t: TestDatabase
let dir: string

beforeEach(async () => {
  t = await testDatabase({ blank: true })
  dir = await mkdtemp(path.join(tmpdir(), 'dingdong-migrations-'))
})
afterEach(async () => {
  await t.close()
  await rm(dir, { recursive: true })
})

const file = (name: string, text: string) => writeFile(path.join(dir, name), text)
const ledger = async () =>
  (await t.db.query('select number, name, breaking, applied_at from schema_migration')).rows

test('files are applied once, in order, and recorded', async () => {
  await file('0002_more.sql', 'alter table a add column y int;')
  await file('0001_first.sql', '-- breaking: true\ncreate table a (x int);')
  expect(await migrate({ db: t.db, dir, now: 5 })).toEqual(['0001_first.sql', '0002_more.sql'])
  expect(await migrate({ db: t.db, dir, now: 6 })).toEqual([])
  expect(await ledger()).toEqual([
    { number: 1, name: '0001_first.sql', breaking: true, applied_at: 5 },
    { number: 2, name: '0002_more.sql', breaking: false, applied_at: 5 },
  ])
})

test('a file that fails half way changes nothing, keeps the earlier ones and names the line', async () => {
  await file('0001_good.sql', 'create table a (x int);')
  await file('0002_bad.sql', 'create table b (x int);\nalter table missing add column y int;\n')
  await expect(migrate({ db: t.db, dir, now: 0 })).rejects.toMatchObject({
    code: 'SCHEMA_FAILED',
    message: expect.stringContaining(
      '0002_bad.sql failed and changed nothing: relation "missing" does not exist',
    ),
  })
  expect((await ledger()).length).toBe(1)
  expect((await t.db.query("select to_regclass('b') as b")).rows).toEqual([{ b: null }])
})

test('processes that migrate at the same moment do each step once', async () => {
  for (let n = 1; n <= 5; n++) await file(`000${n}_step.sql`, `create table t${n} (x int);`)
  const pools = [1, 2, 3, 4].map(() => connect({ url: t.url, max: 1 }))
  const applied = await Promise.all(pools.map((db) => migrate({ db, dir, now: 0 })))
  expect(applied.flat().sort()).toHaveLength(5)
  expect(await ledger()).toHaveLength(5)
  await Promise.all(pools.map((db) => db.close()))
})

test('an applied file whose contents changed is refused, line ends aside', async () => {
  await file('0001_a.sql', 'create table a (x int);\n')
  await migrate({ db: t.db, dir, now: 0 })
  await file('0001_a.sql', 'create table a (x int);\r\n')
  await migrate({ db: t.db, dir, now: 0 })
  await file('0001_a.sql', 'create table a (y int);\n')
  await expect(migrate({ db: t.db, dir, now: 0 })).rejects.toMatchObject({ code: 'SCHEMA_CHANGED' })
})

test('an older program goes on beside a newer harmless schema and refuses a newer breaking one', async () => {
  await file('0001_a.sql', 'create table a (x int);')
  await file('0002_harmless.sql', 'create table b (x int);')
  await migrate({ db: t.db, dir, now: 0 })
  await rm(path.join(dir, '0002_harmless.sql'))
  expect(await migrate({ db: t.db, dir, now: 0 })).toEqual([])
  await t.db.query("insert into schema_migration values (3, '0003_new.sql', 'x', true, 0)")
  await expect(migrate({ db: t.db, dir, now: 0 })).rejects.toMatchObject({ code: 'SCHEMA_NEWER' })
  await expect(checkSchema({ db: t.db, dir })).rejects.toMatchObject({ code: 'SCHEMA_NEWER' })
})

test('a number below an applied one, a doubled number and an odd name are refused', async () => {
  await file('0002_b.sql', 'create table b (x int);')
  await migrate({ db: t.db, dir, now: 0 })
  await file('0001_late.sql', 'create table a (x int);')
  await expect(migrate({ db: t.db, dir, now: 0 })).rejects.toMatchObject({ code: 'SCHEMA_ORDER' })
  await file('0002_c.sql', '')
  await expect(migrate({ db: t.db, dir, now: 0 })).rejects.toThrow(/0002 is used twice/)
  await rm(path.join(dir, '0002_c.sql'))
  await file('3_d.sql', '')
  await expect(migrate({ db: t.db, dir, now: 0 })).rejects.toThrow(/3_d\.sql: its name does not fit/)
})

test('a process that does not migrate is told what is missing', async () => {
  await file('0001_a.sql', 'create table a (x int);')
  await expect(checkSchema({ db: t.db, dir })).rejects.toThrow(/lacks the migrations 0001_a\.sql/)
  await migrate({ db: t.db, dir, now: 0 })
  await checkSchema({ db: t.db, dir })
})

test('the schema dump shows columns, keys, indexes, storage and partitioning', async () => {
  await file(
    '0001_a.sql',
    `create type mood as enum ('glad', 'sad');
     create table shop (id bigint generated always as identity primary key, name text not null default 'x', m mood) with (fillfactor = 80);
     create table part (shop_id bigint references shop, at bigint not null, body text, primary key (shop_id, at)) partition by range (at);
     alter table part alter column body set storage external;
     create table part_1 partition of part for values from (0) to (10);
     create index part_body on part (body) where body is not null;
     comment on table shop is 'A tenant';`,
  )
  await migrate({ db: t.db, dir, now: 0 })
  const dump = await dumpSchema(t.db)
  expect(dump).toContain("create type mood as enum ('glad', 'sad');")
  expect(dump).toContain('id bigint not null generated always as identity')
  expect(dump).toContain("name text not null default 'x'::text")
  expect(dump).toContain('constraint shop_pkey PRIMARY KEY (id)\n) with (fillfactor=80);')
  expect(dump).toContain("comment on table shop is 'A tenant';")
  expect(dump).toContain(') partition by RANGE (at);')
  expect(dump).toContain('body text storage external')
  expect(dump).toMatch(
    /CREATE INDEX part_body ON ONLY public\.part USING btree \(body\) WHERE \(body IS NOT NULL\);/,
  )
  expect(dump).not.toContain('part_1')
})
