import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { testDatabase } from '../../test/database.ts'
import { testMaster } from '../../test/kit/engine.ts'
import { presetsForTests } from '../../test/kit/presets.ts'
import { MONDAY } from '../../test/kit/world.ts'
import { demoSecrets } from '../app/demo-secrets.ts'
import { ensureDemoShop } from '../app/demo-shop.ts'
import { readConfig } from '../config.ts'
import { listAccounts } from '../db/accounts.ts'
import { ensureInstallation, readShop } from '../db/shops.ts'
import { systemClock } from '../domain/time.ts'
import { startLab } from '../lab/lab.ts'
import { createKeyring } from '../pipeline/keyring.ts'
import type { Context } from './command.ts'
import { checkDataDir, checkPort, checkPostgres, dataDirTrouble, type Finding } from './doctor-checks.ts'
import { lookAtShop } from './doctor-shops.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'dingdong-doctor-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const configOf = (flags: Record<string, unknown>) =>
  readConfig({ env: {}, cwd: folder, flags: { dataDir: folder, ...flags } })

function contextOf(flags: Record<string, unknown> = {}): Context {
  return {
    language: 'en',
    env: {},
    clock: systemClock(),
    config: () => configOf(flags),
  } as unknown as Context
}

it('finds data of another PostgreSQL before a start refuses it', async () => {
  await mkdir(path.join(folder, 'cluster'))
  const version = (major: string) => writeFile(path.join(folder, 'cluster', 'PG_VERSION'), `${major}\n`)
  await version('16')
  expect(await checkPostgres(contextOf(), configOf({}))).toMatchObject({
    state: 'fail',
    detail: expect.stringMatching(/is of PostgreSQL 16, but this Dingdong brings PostgreSQL 18/) as string,
  })
  await version('18')
  expect(await checkPostgres(contextOf(), configOf({}))).toMatchObject({ state: 'ok' })
})

it('finds a folder of somebody else before a start refuses it, and leaves nothing in it', async () => {
  const dataDir = path.join(folder, 'theirs')
  await mkdir(dataDir)
  expect(await checkDataDir(contextOf(), configOf({ dataDir }))).toMatchObject({ state: 'ok' })
  await writeFile(path.join(dataDir, 'readme.txt'), 'hi')
  expect(await checkDataDir(contextOf(), configOf({ dataDir }))).toMatchObject({
    state: 'fail',
    detail: expect.stringMatching(/theirs is not empty .*found: readme\.txt/) as string,
  })
  expect(await readdir(dataDir)).toEqual(['readme.txt'])
})

it('tells a full disk and a read-only one from a folder that belongs to somebody else', () => {
  expect(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES'].map(dataDirTrouble)).toEqual([
    'dataDirFull',
    'dataDirFull',
    'dataDirReadOnly',
    'dataDirClosed',
  ])
})

it('does not take another installation on the port for this one', async () => {
  const other = createServer((_request, answer) => answer.end('{"ok":true}'))
  await new Promise<void>((listening) => void other.listen(0, '127.0.0.1', listening))
  const { port } = other.address() as AddressInfo
  const found = async (given: boolean) => {
    const config = { ...configOf({ port }), portGiven: given }
    return (await checkPort(contextOf({ port }), config)) as Finding
  }
  expect(await found(true)).toMatchObject({ state: 'fail', text: 'portOther' })
  expect(await found(false)).toMatchObject({ state: 'warn', text: 'portNext' })
  const own = { url: `http://127.0.0.1:${port}`, publicUrl: '', pid: process.pid, allowOrigins: [] }
  await writeFile(path.join(folder, 'server.json'), JSON.stringify(own))
  expect(await found(true)).toMatchObject({ state: 'ok', text: 'portOurs' })
  await new Promise((closed) => other.close(closed))
})

it.each(['zh', 'en'] as const)(
  'finds nothing amiss in a fresh demo shop (%s), whether its simulators run or not',
  async (language) => {
    const { db, close } = await testDatabase()
    await ensureInstallation(db, MONDAY)
    const clock = systemClock()
    const lab = await startLab({ clock, random: randomBytes })
    const secrets = demoSecrets(testMaster)
    const keyring = createKeyring({ db, master: testMaster, random: randomBytes })
    lab.sms.sendCallbacksTo({ url: 'http://127.0.0.1:9/', secret: secrets.smsCallback })
    const deps = {
      db,
      keyring,
      master: testMaster,
      clock,
      random: randomBytes,
      lab,
      secrets,
      language,
      presets: presetsForTests,
    }
    const { id } = await ensureDemoShop(deps)
    const look = async () => {
      const ward = {
        db,
        shop: (await readShop(db, id))!,
        sealer: (await keyring.open(id)).sealer,
        now: MONDAY,
      }
      return (await lookAtShop(ward)).map(({ state, text }) => [state, text])
    }
    expect(await look()).toEqual([['ok', 'accountGood']])
    const countryOfSms = async () => {
      const { sealer } = await keyring.open(id)
      const row = (await listAccounts(db, id)).find(({ channel }) => channel === 'sms')!
      const place = { shop: id, column: 'account.settings', row: row.id }
      return (JSON.parse(sealer.openText(row.settings, place)) as { country: string }).country
    }
    const { country } = (await readShop(db, id))!
    expect([country, await countryOfSms()]).toEqual(language === 'zh' ? ['CN', 'CN'] : ['US', 'US'])
    // A terminal in the other language moves it to no other country.
    const again = await ensureDemoShop({ ...deps, language: language === 'zh' ? 'en' : 'zh' })
    expect(again).toMatchObject({ id, language })
    expect(await countryOfSms()).toBe(country)
    expect(await look()).toEqual([['ok', 'accountGood']])
    await lab.close()
    expect(await look()).toEqual([['ok', 'accountSimulated']])
    await close()
  },
)
