import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../../test/database.ts'
import { testMaster } from '../../test/kit/engine.ts'
import { MONDAY } from '../../test/kit/world.ts'
import { ensureInstallation, readShop } from '../db/shops.ts'
import type { ShopId } from '../domain/ids.ts'
import { createKeyring } from '../pipeline/keyring.ts'
import { openShop } from '../pipeline/open-shop.ts'
import { commandRunner } from './command.test-kit.ts'
import type { CommandError } from './command.ts'

const random = (bytes: number) => randomBytes(bytes)

let database: TestDatabase
let folder: string
let shop: ShopId

beforeAll(async () => {
  database = await testDatabase()
  folder = await mkdtemp(path.join(tmpdir(), 'dingdong-policy-'))
  await ensureInstallation(database.db, MONDAY)
  const details = { locale: 'zh-CN', timeZone: 'Asia/Shanghai', currency: 'CNY', country: 'CN' }
  const row = { slug: 'shop', name: '店', settings: {}, demo: false, ...details }
  const keyring = createKeyring({ db: database.db, master: testMaster, random })
  const deps = { db: database.db, keyring, random }
  shop = (await openShop(deps, row, { flows: [], templates: [] }, [], MONDAY))!.id
})
afterAll(async () => {
  await database?.close()
  await rm(folder, { recursive: true, force: true })
})

const run: ReturnType<typeof commandRunner> = (...call) => commandRunner(database.url, folder)(...call)

async function file(text: string): Promise<string> {
  const name = path.join(folder, 'policy.yaml')
  await writeFile(name, text)
  return name
}

describe('a shop’s policy', () => {
  it('is set from a file, and what the file does not name stays', async () => {
    const { result } = await run('policy set', [], {
      settings: await file(
        'capPerDay: 2\ncaps: [{ name: sms, max: 1, within: day, of: { channel: sms } }]\n',
      ),
    })
    expect(result).toMatchObject({ set: ['capPerDay', 'caps'] })
    await run('policy set', ['shop'], { settings: await file('dropBelow: normal\n') })
    const shown = (await run('policy show', [])).result
    expect(shown).toMatchObject({
      capPerDay: 2,
      dropBelow: 'normal',
      caps: [{ name: 'sms', max: 1, within: 'day', to: 'person' }],
      quiet: { sms: [{ from: '21:00', to: '08:00' }] },
    })
  })

  it('says what a setting kept by name has lost, as it is replaced as a whole', async () => {
    const night = 'quiet: { email: [{ from: "22:00", to: "07:00" }] }\n'
    const { result, shown } = await run('policy set', [], { settings: await file(night) })
    expect(result).toMatchObject({ lost: [{ setting: 'quiet', names: ['sms'] }] })
    expect(shown).toContain('quiet is replaced as a whole and no longer has: sms')
    const both = 'quiet: { email: [{ from: "22:00", to: "07:00" }], sms: [{ from: "21:00", to: "08:00" }] }\n'
    const again = await run('policy set', [], { settings: await file(both) })
    expect(again.result).toMatchObject({ lost: [] })
    expect(again.shown).not.toContain('replaced')
  })

  it.each([
    'quiet: { email: [{ from: "00:00", to: "24:00" }] }',
    'quiet: { email: [{ from: "20:00", to: "08:00" }, { from: "08:00", to: "20:00" }] }',
  ])('of quiet hours without end is refused: %s', async (text) => {
    const before = (await readShop(database.db, shop))!.settings
    await expect(run('policy set', [], { settings: await file(`${text}\n`) })).rejects.toMatchObject({
      exit: 2,
      message: expect.stringMatching(/quiet\.email: .*whole day.*flow off/),
    })
    expect((await readShop(database.db, shop))!.settings).toEqual(before)
  })

  it('that cannot be meant is refused with everything that is wrong, and changes nothing', async () => {
    const before = (await readShop(database.db, shop))!.settings
    const wrong = await file(
      'capsPerDay: 2\ncaps: [{ name: a, max: 0, within: 9y }, { name: a, max: 1, within: 72h, off: { chanel: sms } }]\nwindows: { office: [{ from: "12:00", to: "12:00" }] }\n',
    )
    const refusal = await run('policy set', [], { settings: wrong }).then(
      () => '',
      (error: CommandError) => error.message,
    )
    for (const part of ['capsPerDay', 'caps.0.max', 'caps.0.within', 'caps.1.off', 'windows.office.0'])
      expect(refusal).toContain(part)
    expect(refusal).toContain('72h')
    expect((await readShop(database.db, shop))!.settings).toEqual(before)
  })
})

it('a length of time that is a bare number is told what one looks like', async () => {
  const refused = async (text: string, language: 'zh' | 'en') => {
    const runner = commandRunner(database.url, folder, language)
    return runner('policy set', [], { settings: await file(text) }).then(
      () => 'it was not refused',
      (error: CommandError) => error.message,
    )
  }
  expect(await refused('ordersApart: 5\n', 'en')).toMatch(
    /ordersApart: expected a length of time from 1m to 1d, such as 10m, or never, .*got 5$/m,
  )
  expect(await refused('ordersApart: 5\n', 'zh')).toMatch(/ordersApart: 应为 1m 到 1d 的时长，如 10m/)
  expect(await refused('caps: [{ name: a, max: 1, within: 72 }]\n', 'en')).toMatch(
    /caps\.0\.within: expected day .* or a length of time from 1m to 31d, such as 72h, got 72$/m,
  )
})

describe('shop set', () => {
  it('takes a setting out again, and leaves the other fields of a setting as they are', async () => {
    const settings = async (text: string) => {
      await run('shop set', ['shop'], { settings: await file(text) })
      return (await readShop(database.db, shop))!.settings
    }
    await settings('payUrlTemplate: https://shop.example/pay/{no}\nretries: { byUs: never, byShop: never }\n')
    await settings("brand: { colour: '#0f766e', support: help@shop.example }\n")
    expect(await settings("retries: { byShop: ask }\nbrand: { colour: '#2563eb' }\n")).toMatchObject({
      retries: { byUs: 'never', byShop: 'ask' },
      brand: { colour: '#2563eb', support: 'help@shop.example' },
    })
    const after = await settings('payUrlTemplate: null\nbrand: { support: null }\n')
    expect(after).toMatchObject({ brand: { colour: '#2563eb' }, retries: { byUs: 'never' } })
    expect(JSON.stringify(after)).not.toMatch(/payUrlTemplate|support|null/)
    for (const [text, words] of [
      ['payUrlTemplat: null\n', /payUrlTemplat: .*did you mean payUrlTemplate\?/],
      ['quiet: { sms: null }\n', /quiet\.sms: expected a list, got null/],
    ] as const)
      await expect(settings(text)).rejects.toThrow(words)
  })

  it('gives a shop the name, language and time zone that were meant, at once and in every process', async () => {
    const before = (await readShop(database.db, shop))!
    await run('shop set', ['shop'], { name: ' 星河小店 ' })
    await run('shop set', [], {
      locale: 'en',
      timeZone: 'Europe/Berlin',
      settings: await file('capPerDay: 4\n'),
    })
    const after = (await readShop(database.db, shop))!
    expect(after).toMatchObject({
      name: '星河小店',
      locale: 'en',
      time_zone: 'Europe/Berlin',
      currency: 'CNY',
    })
    expect(after.settings).toMatchObject({ ...(before.settings as object), capPerDay: 4 })
    expect(after.config_version).toBeGreaterThan(before.config_version)
    const wrong = run('shop set', [], { locale: 'zh_CN', timeZone: 'Beijing', name: 'Other' })
    await expect(wrong).rejects.toThrow(/locale: .*did you mean zh-CN\?\ntimeZone: expected a zone/)
    expect(await readShop(database.db, shop)).toEqual(after)
  })
})
