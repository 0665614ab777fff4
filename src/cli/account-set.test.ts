import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../../test/database.ts'
import { testMaster } from '../../test/kit/engine.ts'
import { MONDAY } from '../../test/kit/world.ts'
import { ensureInstallation } from '../db/shops.ts'
import { createKeyring } from '../pipeline/keyring.ts'
import { openShop } from '../pipeline/open-shop.ts'
import { commandRunner } from './command.test-kit.ts'

let database: TestDatabase
let folder: string
beforeAll(async () => {
  database = await testDatabase()
  folder = await mkdtemp(path.join(tmpdir(), 'dingdong-account-'))
  await ensureInstallation(database.db, MONDAY)
  const random = (bytes: number) => randomBytes(bytes)
  const details = { locale: 'zh-CN', timeZone: 'Asia/Shanghai', currency: 'CNY', country: 'CN' }
  const row = { slug: 'shop', name: '店', settings: {}, demo: false, ...details }
  const keyring = createKeyring({ db: database.db, master: testMaster, random })
  await openShop({ db: database.db, keyring, random }, row, { flows: [], templates: [] }, [], MONDAY)
})
afterAll(async () => {
  await database?.close()
  await rm(folder, { recursive: true, force: true })
})

const run: ReturnType<typeof commandRunner> = (...call) => commandRunner(database.url, folder)(...call)

async function file(text: string): Promise<string> {
  const place = path.join(folder, 'settings.yaml')
  await writeFile(place, text)
  return place
}

async function mailAccount(): Promise<string> {
  const mail = 'host: smtp.example.com\nport: 587\nuser: u\npass: p\nfrom: shop@example.com\n'
  return (await run('account add', ['smtp'], { settings: await file(mail) })).result.account!
}

it('a paused account that is put right stays paused, and the command that sets it says how to go on', async () => {
  const id = await mailAccount()
  const repaired = async () => run('account set', [id], { settings: await file('pass: another\n') })
  expect((await repaired()).shown).toBe(`${id} is changed: pass.`)
  await run('account pause', [id])
  const { shown, result } = await repaired()
  expect(shown).toContain(`It is still paused. To let it send again: dingdong account resume ${id}`)
  expect(result).toMatchObject({ state: 'paused' })
})

it('null takes a setting out, also one that is out already, but not one that there is not', async () => {
  const id = await mailAccount()
  const set = async (text: string) => run('account set', [id], { settings: await file(text) })
  await set('fromName: My shop\n')
  for (let times = 0; times < 2; times++)
    expect((await set('fromName: null\n')).shown).toBe(`${id} is changed: fromName.`)
  await expect(set('fromNam: null\n')).rejects.toThrow(/fromNam: .*did you mean fromName\?/)
  await expect(set('from: null\n')).rejects.toThrow(/from: is missing/)
})
