import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../../test/database.ts'
import { testRandom } from '../../test/kit/fixed.ts'
import { backup } from './backup.ts'
import { transaction } from './connect.ts'
import { keepDefinitions, listTemplates, publishTemplates, readDefinitions } from './flows.ts'
import { applyMigrations, migrate, readMigrations } from './migrate.ts'
import { restore } from './restore.ts'
import { forgetOld } from './retention.ts'
import { listVersions, versionBefore } from './versions.ts'

const shop = 1 as never
const [A, B, C] = ['a', 'b', 'c'].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer]

let database: TestDatabase
let folder: string
beforeEach(async () => {
  database = await testDatabase({ blank: true })
  folder = await mkdtemp(path.join(tmpdir(), 'dingdong-versions-'))
})
afterEach(async () => {
  await database.close()
  await rm(folder, { recursive: true })
})

const publish = (hash: Buffer, now: number) =>
  transaction(database.db, async (tx) => {
    await keepDefinitions(tx, [{ hash, kind: 'template', body: '{}' }], now)
    await publishTemplates(tx, shop, [{ key: 'hello', hash }], 'somebody', now)
  })

const kept = async ({ db } = database) =>
  (await listVersions(db, shop, 'template', 'hello', null, 10)).map((row) => [
    row.version,
    row.definition_hash.toString(),
    row.created_at,
    row.created_by,
  ])

it('a database with templates takes them over as the versions they are at', async () => {
  const { db } = database
  const earlier = (await readMigrations()).filter(({ number }) => number < 9)
  await transaction(db, (tx) => applyMigrations(tx, earlier, 1))
  await db.query("insert into template values (1, 'hello', 4, $1, 7), (1, 'other', 1, $2, 8)", [A, B])
  await migrate({ db, now: 9 })
  expect(await listTemplates(db, shop)).toEqual([
    { key: 'hello', version: 4, definition_hash: A },
    { key: 'other', version: 1, definition_hash: B },
  ])
  await publish(C, 10)
  expect(await kept()).toEqual([
    [5, 'c', 10, 'somebody'],
    [4, 'a', 7, 'upgrade'],
  ])
})

it('the version before is the newest that says something else', async () => {
  await migrate({ db: database.db, now: 1 })
  const before = async () => (await versionBefore(database.db, shop, 'template', 'hello'))?.version
  expect(await before()).toBeUndefined()
  await publish(A, 1)
  await publish(A, 2)
  expect(await before()).toBeUndefined()
  await publish(B, 3)
  expect(await before()).toBe(2)
  await publish(B, 4)
  expect(await before()).toBe(2)
  await publish(A, 5)
  expect(await before()).toBe(4)
})

it('versions outlive forgetting, with what they say, and go into a backup', async () => {
  const { db, url } = database
  await migrate({ db, now: 1 })
  await db.query(
    `insert into shop (id, slug, name, locale, time_zone, currency, country, settings, created_at)
     values (1, 'shop', 'Shop', 'en', 'UTC', 'EUR', 'DE', '{}', 1)`,
  )
  await publish(A, 1)
  await publish(B, 2)
  const now = 4_000_000_000_000
  await forgetOld(db, { eventKeys: now, events: now, bodies: now, caps: now, now, cardTries: now })
  const file = path.join(folder, 'shop.backup')
  await backup({ url, file, now, random: testRandom })
  const target = await testDatabase({ blank: true })
  try {
    await restore({ url: target.url, file, now })
    expect(await kept(target)).toEqual(await kept())
    expect((await kept(target)).map(([version]) => version)).toEqual([2, 1])
    expect((await readDefinitions(target.db, [A, B])).length).toBe(2)
  } finally {
    await target.close()
  }
})
