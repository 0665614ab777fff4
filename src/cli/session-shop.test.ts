import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../../test/database.ts'
import { testMaster } from '../../test/kit/engine.ts'
import { MONDAY } from '../../test/kit/world.ts'
import { listAudit } from '../db/audit.ts'
import { listApiKeys } from '../db/connections.ts'
import { ensureInstallation, findShop } from '../db/shops.ts'
import { formatId, type ShopId } from '../domain/ids.ts'
import { createKeyring } from '../pipeline/keyring.ts'
import { openShop } from '../pipeline/open-shop.ts'
import { commandEnder, commandRunner } from './command.test-kit.ts'
import { type Context, EXIT } from './command.ts'
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
  expect(shown).toContain(
    'Next: an account to send through, dingdong account add smtp --shop fresh --settings FILE',
  )
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

it('a shop says what it was made with; currency and country change until there is an order', async () => {
  const run = commandEnder(database.url, tmpdir())
  const { shown } = await run('shop create', ['abroad'], { name: 'Abroad' })
  expect(shown).toContain('language is zh-CN, its time zone Asia/Shanghai, its currency CNY, its country CN.')
  const germany = { locale: 'en', timeZone: 'Europe/Berlin', currency: 'EUR', country: 'DE' }
  expect((await run('shop set', ['abroad'], germany)).exit).toBe(0)
  const shop = (await findShop(database.db, 'abroad'))!
  const { locale, time_zone: timeZone, currency, country } = shop
  expect({ locale, timeZone, currency, country }).toEqual(germany)
  await database.db.query(
    "insert into orders (shop_id, id, status, facts, created_at, updated_at) values ($1, gen_random_uuid(), 'open', '', 1, 1)",
    [shop.id],
  )
  const late = await run('shop set', ['abroad'], { currency: 'CNY', name: 'Elsewhere' })
  expect(late).toMatchObject({ exit: EXIT.failed, shown: expect.stringContaining('has orders') })
  expect(await findShop(database.db, 'abroad')).toMatchObject({ currency: 'EUR', name: 'Abroad' })
  expect((await run('shop set', ['abroad'], { name: 'Elsewhere' })).exit).toBe(0)
  expect(await run('shop set', ['abroad'])).toMatchObject({
    exit: EXIT.usage,
    shown: 'Say what to change: --settings FILE or another option, see --help. Nothing was changed.',
  })
})

it('a new admin secret is told in the audit log of every shop', async () => {
  await open('audited')
  const shop = (await findShop(database.db, 'audited'))!
  const { result, shown } = await commandRunner(database.url, tmpdir())('admin secret', [])
  expect(shown).toContain(result.adminSecret)
  const audit = await listAudit(database.db, shop.id, null, 10)
  expect(audit.filter(({ action }) => action === 'admin.secret')).toMatchObject([{ actor: 'command line' }])
  expect(JSON.stringify(audit)).not.toContain(result.adminSecret)
})

it('what a shop is made with is checked as a whole, with what was probably meant, before anything is made', async () => {
  const run = commandEnder(database.url, tmpdir())
  const wrong = { locale: 'xx_', timeZone: 'Mars/X', currency: 'RMB', country: 'ZZ' }
  expect(await run('shop create', ['wrong'], wrong)).toEqual({
    exit: EXIT.usage,
    result: null,
    shown: [
      'locale: expected zh-CN, en …, got xx_',
      'timeZone: expected a zone such as Asia/Shanghai, got Mars/X',
      'currency: expected a currency of ISO 4217 such as CNY, got RMB; did you mean CNY?',
      'country: expected a country such as CN, got ZZ',
    ].join('\n'),
  })
  const near = { locale: 'zh_CN', currency: 'usd', country: 'UK' }
  expect((await run('shop create', ['wrong'], near, 'zh')).shown).toBe(
    [
      'locale: 应为 zh-CN、en 这样的语言，收到的是 zh_CN，是否想写 zh-CN？',
      'currency: 应为 ISO 4217 货币代码，如 CNY，收到的是 usd，是否想写 USD？',
      'country: 应为国家代码，如 CN，收到的是 UK，是否想写 GB？',
    ].join('\n'),
  )
  for (const locale of ['中文', '', 'xx'])
    expect(await run('shop create', ['wrong'], { locale })).toMatchObject({ exit: EXIT.usage })
  expect(await findShop(database.db, 'wrong')).toBeNull()
})

it('a key has a name', async () => {
  const run = commandEnder(database.url, tmpdir())
  const keys = async () => (await run('key list', [], { shop: 'one' })).result
  const before = await keys()
  for (const [name, problem] of [
    ['', '<name> came without a value'],
    ['  ', '<name> came without a value'],
    ['x'.repeat(101), '<name>: expected 1 to 100 characters, got'],
  ] as const) {
    expect(await run('key create', [name], { shop: 'one' })).toMatchObject({
      exit: EXIT.usage,
      shown: expect.stringContaining(problem) as string,
    })
  }
  expect(await keys()).toEqual(before)
})
