import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../../test/database.ts'
import { testMaster } from '../../test/kit/engine.ts'
import { waitingForLocks } from '../../test/kit/locks.ts'
import { MONDAY } from '../../test/kit/world.ts'
import { changeAccount, removeAccount, setAccountState } from '../db/accounts.ts'
import { transaction } from '../db/connect.ts'
import { bumpConfig, ensureInstallation } from '../db/shops.ts'
import { parseId, type ShopId } from '../domain/ids.ts'
import { systemClock } from '../domain/time.ts'
import { createKeyring, type Keyring } from '../pipeline/keyring.ts'
import { openShop } from '../pipeline/open-shop.ts'
import { pauseAccount } from '../pipeline/settle.ts'
import { commandRunner } from './command.test-kit.ts'

const PASSWORD = 'kept-by-nobody-anymore'
let database: TestDatabase
let folder: string
let keyring: Keyring
let shop: ShopId
beforeAll(async () => {
  database = await testDatabase()
  folder = await mkdtemp(path.join(tmpdir(), 'dingdong-account-'))
  await ensureInstallation(database.db, MONDAY)
  const random = (bytes: number) => randomBytes(bytes)
  const details = { locale: 'zh-CN', timeZone: 'Asia/Shanghai', currency: 'CNY', country: 'CN' }
  const row = { slug: 'shop', name: '店', settings: {}, demo: false, ...details }
  keyring = createKeyring({ db: database.db, master: testMaster, random })
  const opened = await openShop(
    { db: database.db, keyring, random },
    row,
    { flows: [], templates: [] },
    [],
    MONDAY,
  )
  shop = opened!.id
})
afterAll(async () => {
  await database?.close()
  await rm(folder, { recursive: true, force: true })
})

const run: ReturnType<typeof commandRunner> = (...call) => commandRunner(database.url, folder)(...call)

async function mailAccount(name: string): Promise<string> {
  const place = path.join(folder, 'mail.yaml')
  await writeFile(
    place,
    `host: smtp.example.com\nport: 587\nuser: u\npass: ${PASSWORD}\nfrom: shop@example.com\n`,
  )
  return (await run('account add', ['smtp'], { settings: place, name })).result.account!
}
const names = async () =>
  ((await run('account list', [])).result as unknown as { name: string }[]).map(({ name }) => name)
const wait = (channel: string) =>
  database.db.query(
    `insert into message_work (shop_id, message_id, channel, due_at) values ($1, gen_random_uuid(), $2, $3)`,
    [shop, channel, MONDAY],
  )

it('an account that was added by mistake is gone: from the lists, and its secrets with it; the record says who did it', async () => {
  const [keep, mistake] = [await mailAccount('keep'), await mailAccount('mistake')]
  await wait('email')
  const { shown, result } = await run('account remove', [mistake])
  expect(shown).toBe(`${mistake} (mistake) is taken away, its settings and secrets with it.`)
  expect(result).toEqual({ account: mistake, removed: true })
  expect(await names()).toEqual(['keep'])
  const id = parseId('acct', mistake)!
  const { rows } = await database.db.query<{ settings: Buffer; state: string }>(
    'select settings, state from account where id = $1',
    [id],
  )
  const { sealer } = await keyring.open(shop)
  expect(rows[0]!.state).toBe('removed')
  expect(sealer.openText(rows[0]!.settings, { shop, column: 'account.settings', row: id })).toBe('{}')
  const audit = await database.db.query('select actor, target from audit where action = $1', [
    'account.remove',
  ])
  expect(audit.rows).toEqual([{ actor: expect.any(String), target: mistake }])
  for (const again of ['account remove', 'account resume', 'account pause'])
    await expect(run(again, [mistake])).rejects.toMatchObject({ exit: 3 })
  // Nor does somebody who was just changing it, nor a worker that has just met its trouble, bring it back.
  const secrets = Buffer.from('secrets')
  const change = { id, settings: secrets, name: 'back', position: 1, rate_per_s: null, concurrency: 1 }
  expect(await changeAccount(database.db, shop, change)).toBe(false)
  expect(await setAccountState(database.db, shop, id, 'paused', '530', MONDAY)).toBe(false)

  await expect(run('account remove', [keep])).rejects.toThrow(
    /Waiting to go by email: 1, and no other account sends there\. Add another first/,
  )
  expect(await names()).toEqual(['keep'])
  await database.db.query('delete from message_work where shop_id = $1', [shop])
  await run('account remove', [keep])
  expect(await names()).toEqual([])
})

it('of two that go at once one stays where messages wait for both', async () => {
  const both = [await mailAccount('one'), await mailAccount('two')]
  await wait('email')
  const { going } = await transaction(database.db, async (tx) => {
    await bumpConfig(tx, shop)
    const going = Promise.allSettled(both.map((id) => run('account remove', [id])))
    await waitingForLocks(database.db, 2)
    return { going }
  })
  expect((await going).map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  expect(await names()).toHaveLength(1)
})

it('whoever was just pausing one that is taken away is told that it is gone, and stands in nobody’s way', async () => {
  const gone = await mailAccount('gone')
  const id = parseId('acct', gone)!
  const log = { warn: () => {} }
  const { late, worker } = await transaction(database.db, async (tx) => {
    await bumpConfig(tx, shop)
    const late = expect(run('account pause', [gone])).rejects.toMatchObject({ exit: 3 })
    const worker = pauseAccount({ db: database.db, clock: systemClock(), log }, shop, id, '530')
    await waitingForLocks(database.db, 2)
    expect(await removeAccount(tx, shop, id, Buffer.from('{}'), 'test', MONDAY)).toBe(true)
    return { late, worker }
  })
  await Promise.all([late, worker])
  expect(await names()).not.toContain('gone')
})
