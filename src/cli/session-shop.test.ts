import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../../test/database.ts'
import { testMaster } from '../../test/kit/engine.ts'
import { MONDAY } from '../../test/kit/world.ts'
import { listAudit } from '../db/audit.ts'
import { listApiKeys } from '../db/connections.ts'
import { ensureInstallation } from '../db/shops.ts'
import { formatId, type ShopId } from '../domain/ids.ts'
import { createKeyring } from '../pipeline/keyring.ts'
import { openShop } from '../pipeline/open-shop.ts'
import { commandRunner } from './command.test-kit.ts'
import type { Context } from './command.ts'
import { chooseShop, shopFlag } from './session.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
  await ensureInstallation(database.db, MONDAY)
})
afterAll(() => database?.close())

async function open(slug: string) {
  const { db } = database
  const random = (bytes: number) => randomBytes(bytes)
  const details = { locale: 'zh-CN', timeZone: 'Asia/Shanghai', currency: 'CNY', country: 'CN' }
  const shop = { slug, name: '店', settings: {}, demo: false, ...details }
  const keyring = createKeyring({ db, master: testMaster, random })
  await openShop({ db, keyring, random }, shop, { flows: [], templates: [] }, [], MONDAY)
}

const chosen = async (named: string | undefined, DINGDONG_SHOP?: string) => {
  const context = { language: 'en', env: { DINGDONG_SHOP } } as unknown as Context
  const pools = { db: database.db, configDb: database.db, close: async () => {} }
  return (await chooseShop(context, { pools }, named)).slug
}

it('the commands that are printed name the shop as soon as there are several, and a variable may name it for all', async () => {
  const { db, url } = database
  await open('one')
  expect(await shopFlag(db, { slug: 'one' })).toBe('')
  expect(await chosen(undefined)).toBe('one')
  await open('two')
  expect(await shopFlag(db, { slug: 'two' })).toBe(' --shop two')
  await expect(chosen(undefined)).rejects.toThrow(/several shops \(one, two\).+DINGDONG_SHOP/)
  expect(await chosen(undefined, 'two')).toBe('two')
  expect(await chosen('one', 'two')).toBe('one')
  const { shown, result } = await commandRunner(url, tmpdir())('connection add', ['stripe'], { shop: 'two' })
  expect(shown).toContain(`connection set ${result.connection} --shop two --settings secrets.yaml`)
})

it('a new shop’s key says what it may do, and the audit log begins with the shop and the key', async () => {
  const run = commandRunner(database.url, tmpdir())
  const { result, shown } = await run('shop create', ['fresh'], { name: 'Fresh' })
  expect(shown).toContain('everything in this shop')
  expect(shown).toContain('key create NAME --scopes events:write --shop fresh')
  const id = Number(result.shop) as ShopId
  const audit = await listAudit(database.db, id, null, 10)
  expect(audit.map(({ action, actor }) => [action, actor]).toSorted()).toEqual([
    ['key.create', 'command line'],
    ['shop.create', 'command line'],
  ])
  const [key] = await listApiKeys(database.db, id)
  const named = [formatId('key', key!.id)]
  expect((await run('key revoke', named, { shop: 'fresh' })).shown).toMatch(/is revoked\.$/)
  expect((await run('key revoke', named, { shop: 'fresh' })).shown).toMatch(
    /was revoked already \(2026-11-23T/,
  )
})
