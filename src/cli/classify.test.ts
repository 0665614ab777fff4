import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../../test/database.ts'
import { testMaster } from '../../test/kit/engine.ts'
import { MONDAY } from '../../test/kit/world.ts'
import { ensureInstallation } from '../db/shops.ts'
import { createKeyring } from '../pipeline/keyring.ts'
import { openShop } from '../pipeline/open-shop.ts'
import { commandEnder, commandRunner } from './command.test-kit.ts'

const BIN = fileURLToPath(new URL('../../bin/dingdong.mjs', import.meta.url))

/** Runs the program in a terminal of that language, with no database anywhere near. */
function dingdong(args: readonly string[], LANG = 'C.UTF-8') {
  const env = { ...process.env, LANG, LC_ALL: '', DINGDONG_DATA_DIR: '/nonexistent' }
  return new Promise<{ readonly exit: number; readonly out: string; readonly err: string }>((resolve) => {
    execFile(process.execPath, [BIN, ...args], { env, encoding: 'utf8' }, (error, out, err) =>
      resolve({ exit: Number(error?.code ?? 0), out, err }),
    )
  })
}

type Call = Parameters<ReturnType<typeof commandEnder>>

/** The same within this process. */
const classify = (args: Call[1], options?: Call[2], language?: Call[3]) =>
  commandEnder(null, tmpdir())('classify', args, options, language)

describe('dingdong classify', () => {
  it('explains a code in the language of the terminal', async () => {
    const en = await dingdong(['classify', 'stripe', 'insufficient_funds'])
    expect(en).toMatchObject({ exit: 0, err: '' })
    expect(en.out).toMatch(/^Class +insufficient_funds +not enough money or credit$/m)
    expect(en.out).toMatch(/^First move +another way to pay now/m)
    expect(en.out).toMatch(/^Source +docs\.stripe\.com\/declines\/codes/m)
    const zh = await dingdong(['classify', 'stripe', 'stolen_card'], 'zh_CN.UTF-8')
    expect(zh.out).toMatch(/^类别 +risk_block +被风控拒绝$/m)
    expect(zh.out).toMatch(/^买家 +看不到原因/m)
  })

  it('takes advice, network codes and a day, and prints JSON', async () => {
    const args = ['classify', 'stripe', 'generic_decline', '--network', '57', '--at', '2026-10-25', '--json']
    const { out } = await dingdong([...args, '--advice', 'try_again_later'])
    expect(JSON.parse(out)).toMatchObject({
      class: 'other',
      advice: 'LATER',
      decidedBy: { field: 'networkCode', validFrom: Date.parse('2026-10-25T00:00:00Z') },
      adviceFrom: { field: 'adviceCode' },
    })
  })

  it('suggests near names for a rail and a code it does not know, and ends with 3', async () => {
    const { exit, shown } = await classify(['strip', 'insuficient_funds'])
    expect(exit).toBe(3)
    expect(shown).toMatch(/no rail "strip"; did you mean stripe\?/)
    expect(shown).toMatch(/"insuficient_funds" of strip; did you mean insufficient_funds\?/)
  })

  it('ends with 3 where the rail is not known, though the code is', async () => {
    const { exit, shown } = await classify(['strip', '51'], { network: '51' })
    expect(exit).toBe(3)
    expect(shown).toMatch(/no rail "strip"; did you mean stripe\?/)
    expect(shown).toMatch(/insufficient_funds/)
    expect((await classify(['strip', 'insufficient_funds'])).exit).toBe(3)
  })

  it('says of a time-out once when the buyer hears of it', async () => {
    const { shown } = await classify(['stripe', 'processing_error'])
    expect(shown).toMatch(/^First move +ask what became of it, then go by the advice$/m)
    expect(shown).toMatch(
      /^Buyer +hears nothing while it is asked about or tried again; once it has failed, /m,
    )
    const zh = await classify(['stripe', 'processing_error'], {}, 'zh')
    expect(zh.shown).toMatch(/^买家 +查询结果和自动重试期间不提醒；/m)
  })

  it('tells meanings in the reader’s language', async () => {
    for (const [rail, code] of [
      ['adyen', '12'],
      ['iso8583_f39', '51'],
      ['paypal', '5120'],
      ['shopify', 'CARD_DECLINED'],
    ] as const)
      expect((await classify([rail, code], {}, 'zh')).shown).toMatch(/余额不足|被拒绝/)
  })

  it('says that it went by the table alone, and what a code nobody knows would come to', async () => {
    const { exit, shown } = await classify(['stripe', 'no_such_code'])
    expect(exit).toBe(3)
    expect(shown).toMatch(/^By the program’s table alone.*: there is no database yet in \/nonexistent$/m)
    expect(shown).toMatch(/A payment that comes with it .* counted as unknown \(see code list\)/)
    const chinese = await classify(['stripe', 'expired_card'], {}, 'zh')
    expect(chinese.shown).toMatch(/^没有查看店铺自己的设定/m)
  })

  it('refuses a code or a rail without characters', async () => {
    expect(await classify(['stripe', ''])).toMatchObject({
      exit: 2,
      shown: expect.stringContaining('<code> came without a value.'),
    })
    expect(await classify(['', 'x'])).toMatchObject({ exit: 2 })
  })

  it('refuses a day that is none, and a class that is none, naming what was expected', async () => {
    expect(await classify(['stripe', 'x'], { at: 'tomorrow' })).toMatchObject({ exit: 2 })
    const set = await commandEnder(null, tmpdir())('code set', ['stripe', 'x', 'expired_cart'])
    expect(set).toMatchObject({ exit: 2 })
    expect(set.shown).toMatch(
      /expected one of network_timeout, .*; got "expired_cart"; did you mean expired_card\?/,
    )
  })
})

describe('what a shop has decided', () => {
  let database: TestDatabase
  const run: ReturnType<typeof commandRunner> = (...call) => commandRunner(database.url, tmpdir())(...call)
  const open = (slug: string) => {
    const random = (bytes: number) => randomBytes(bytes)
    const keyring = createKeyring({ db: database.db, master: testMaster, random })
    const row = {
      slug,
      name: slug,
      locale: 'en',
      timeZone: 'UTC',
      currency: 'EUR',
      country: 'DE',
      demo: false,
    }
    const empty = { flows: [], templates: [] }
    return openShop({ db: database.db, keyring, random }, { ...row, settings: {} }, empty, [], MONDAY)
  }
  beforeAll(async () => {
    database = await testDatabase()
    await ensureInstallation(database.db, MONDAY)
  })
  afterAll(() => database?.close())

  it('counts by itself where there is one shop, and needs its name where there are several', async () => {
    const ask = (options = {}) => run('classify', ['stripe', 'do_not_honor'], options)
    expect((await ask()).shown).toMatch(/table alone.*there is no shop yet/)
    await open('one')
    await run('code set', ['stripe', 'do_not_honor', 'insufficient_funds'], { advice: 'LATER' })
    const only = await ask()
    expect(only.result).toMatchObject({ shop: 'one', class: 'insufficient_funds', advice: 'LATER' })
    expect(only.shown).toContain('this shop’s own decision')
    expect(only.shown).not.toContain('table alone')
    await open('two')
    const several = await ask()
    expect(several.result).toMatchObject({ shop: null, class: 'other' })
    expect(several.shown).toMatch(/table alone.*several shops \(one, two\); name one with --shop/)
    expect((await ask({ shop: 'one' })).result).toMatchObject({ class: 'insufficient_funds' })
    expect((await ask({ shop: 'two' })).result).toMatchObject({ shop: 'two', class: 'other' })
    const byVariable = commandRunner(database.url, tmpdir(), 'en', { DINGDONG_SHOP: 'one' })
    const named = await byVariable('classify', ['stripe', 'do_not_honor'])
    expect(named.result).toMatchObject({ shop: 'one', class: 'insufficient_funds' })
    expect(named.shown).not.toContain('table alone')
  })

  it('is about a rail there is, or one of the shop’s own: what nearly looks so is refused', async () => {
    const set = (rail: string, options = {}) =>
      run('code set', [rail, 'E42', 'other'], { shop: 'one', ...options })
    for (const typo of ['strip', 'Str ipe', 'Stripe'])
      await expect(set(typo)).rejects.toThrow(/There is no rail .*did you mean stripe\? There are: .*wechat/)
    expect((await set('strip', { own: true })).shown).not.toContain('Mind')
    expect((await set('nosuchrail')).shown).toMatch(
      /Mind: there is no rail "nosuchrail".*There are: .*stripe/,
    )
    // It is decided now, so it is one.
    expect((await set('nosuchrail')).shown).not.toContain('Mind')
    await expect(set('nosuchrial')).rejects.toThrow(/did you mean nosuchrail\?/)
  })

  it('warns of a code that the table does not know and that nearly says one it knows', async () => {
    const set = (code: string) => run('code set', ['stripe', code, 'other'], { shop: 'two', advice: 'LATER' })
    expect((await set('do_not_honour')).shown).toMatch(
      /Mind: the table does not know stripe\/do_not_honour; did you mean do_not_honor\?.*code unset stripe do_not_honour/,
    )
    expect((await set('zzzzqqqq')).shown).not.toContain('Mind')
    expect((await set('do_not_honor')).shown).not.toContain('Mind')
  })

  it('warns when a hard decline is to be tried again', async () => {
    const set = (code: string, advice: string) =>
      run('code set', ['stripe', code, 'other'], { shop: 'two', advice })
    expect((await set('stolen_card', 'AUTO_ONCE')).shown).toMatch(
      /Mind: the table calls stripe\/stolen_card risk_block, NEVER: a hard decline.*code unset stripe stolen_card/,
    )
    expect((await set('stolen_card', 'NEVER')).shown).not.toContain('Mind')
    expect((await set('do_not_honor', 'LATER')).shown).not.toContain('Mind')
  })

  it('is not waited for where the database does not answer', async () => {
    const url = 'postgres://nobody@127.0.0.1:1/none'
    const { result, shown } = await commandRunner(url, tmpdir())('classify', ['stripe', 'expired_card'])
    expect(result).toMatchObject({ shop: null, class: 'expired_card' })
    expect(shown).toMatch(/^By the program’s table alone.*$/m)
    await expect(
      commandRunner(url, tmpdir())('classify', ['stripe', 'expired_card'], { shop: 'one' }),
    ).rejects.toThrow()
  })
})
