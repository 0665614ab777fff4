import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../../test/database.ts'
import { testMaster } from '../../test/kit/engine.ts'
import { MONDAY } from '../../test/kit/world.ts'
import { compileTemplates } from '../app/presets.ts'
import { type AccountRow, listAccounts } from '../db/accounts.ts'
import { listAudit } from '../db/audit.ts'
import { listTemplates } from '../db/flows.ts'
import { ensureInstallation, readShop } from '../db/shops.ts'
import { formatId, type ShopId } from '../domain/ids.ts'
import { systemClock } from '../domain/time.ts'
import { createKeyring } from '../pipeline/keyring.ts'
import { openShop } from '../pipeline/open-shop.ts'
import { commandRunner } from './command.test-kit.ts'

const random = (bytes: number) => randomBytes(bytes)
const TENCENT = {
  request: {
    url: 'https://sms.example.com/send',
    body: { kind: 'form', fields: { to: '{{to}}', text: '{{text}}' } },
  },
  success: { status: true },
  law: 'tencent',
  signature: '星河小店',
  registeredLink: { url: 'https://shop.example.cn/d' },
}

let database: TestDatabase
let folder: string
let shop: ShopId
const run: ReturnType<typeof commandRunner> = (...call) => commandRunner(database.url, folder)(...call)

beforeAll(async () => {
  database = await testDatabase()
  folder = await mkdtemp(path.join(tmpdir(), 'dingdong-templates-'))
  await ensureInstallation(database.db, MONDAY)
  const templates = await compileTemplates(systemClock(), 'en', { names: new Set(['order_paid']) })
  const details = { locale: 'zh-CN', timeZone: 'Asia/Shanghai', currency: 'CNY', country: 'CN' }
  const row = { slug: 'shop', name: '店', settings: {}, demo: false, ...details }
  const keyring = createKeyring({ db: database.db, master: testMaster, random })
  const presets = { flows: [], templates }
  const accounts = [
    { channel: 'sms', provider: 'sms-http', name: 'free', settings: { ...TENCENT, law: 'none' } },
    { channel: 'sms', provider: 'sms-http', name: 'Tencent', settings: TENCENT, position: 2 },
  ] as const
  shop = (await openShop({ db: database.db, keyring, random }, row, presets, accounts, MONDAY))!.id
})
afterAll(async () => {
  await database?.close()
  await rm(folder, { recursive: true, force: true })
})

/** A template with these words in Chinese, by SMS and in the inbox. */
async function file(sms: string, name = 'order_paid.yaml'): Promise<string> {
  const place = path.join(folder, name)
  const words = { sms: { text: sms }, inbox: { title: '已付款', text: '订单 {订单号} 已付款。' } }
  const whole = { purpose: 'service', title: { 'zh-CN': '已付款', en: 'Paid' }, variants: { 'zh-CN': words } }
  // JSON is YAML.
  await writeFile(place, JSON.stringify(whole))
  return place
}

const inForce = async () => ({
  templates: await listTemplates(database.db, shop),
  config: (await readShop(database.db, shop))!.config_version,
})

async function refused(name: string, args: readonly string[], options: Record<string, string> = {}) {
  const before = await inForce()
  const error: unknown = await run(name, args, options).then(
    () => new Error('it was not refused'),
    (thrown: unknown) => thrown,
  )
  expect(await inForce()).toEqual(before)
  return (error as Error).message
}

describe('template set', () => {
  it('publishes a file as the presets are written, under every account’s law', async () => {
    const config = (await inForce()).config
    const text = await readFile(new URL('../../flows/templates/order_paid.yaml', import.meta.url), 'utf8')
    const place = path.join(folder, 'order_paid.yaml')
    await writeFile(place, text)
    const { result, shown } = await run('template set', [place])
    // Its English SMS leads to the order by a link that varies: the Chinese account carries the Chinese one alone.
    const kept = [{ account: 'Tencent', texts: ['en sms'], because: ['tencent-links'] }]
    expect(result).toMatchObject({ template: 'order_paid', gone: [], kept })
    expect(shown).toContain('The account “Tencent” will never carry: en sms (tencent-links)')
    // It is in force already, word for word.
    expect(result).toMatchObject({ version: 1, changed: false })
    expect((await inForce()).config).toBe(config + 1)
  })

  it('replaces the whole template, and says what is no longer there', async () => {
    const { result, shown } = await run('template set', [await file('您的订单 {订单短码} 已更新。')])
    expect(result).toMatchObject({ version: 2, variants: ['zh-CN sms', 'zh-CN inbox'] })
    expect(result.gone).toContain('en email')
    expect(shown).toMatch(/no longer there: .*en email/)
    const noted = {
      action: 'template.set',
      target: 'order_paid',
      detail: expect.objectContaining({ version: 2 }),
    }
    expect(await listAudit(database.db, shop, null, 10)).toContainEqual(expect.objectContaining(noted))
    const sms = await run('template show', ['order_paid'], { channel: 'sms' })
    expect(sms.shown).toMatch(/order_paid v2[\s\S]*zh-CN sms · service[\s\S]*您的订单 .* 已更新/)
  })

  it('says that no flow uses a template whose name is new', async () => {
    const { shown, result } = await run('template set', [
      'order_piad',
      await file('您的订单 {订单短码} 已更新。'),
    ])
    expect(result).toMatchObject({ version: 1, unused: true })
    expect(shown).toMatch(/"order_piad" is a new template, and no flow uses it; did you mean order_paid\?/)
  })

  it('refuses a file in another encoding, whose words would go out as signs for nothing', async () => {
    const utf8 = await readFile(await file('您的订单 {订单短码} 已更新。'), 'utf8')
    const gbk = path.join(folder, 'gbk.yaml')
    // 更新 in GBK.
    const [before, after] = utf8.split('更新').map((part) => Buffer.from(part.replace(/\P{ASCII}/gu, '')))
    await writeFile(gbk, Buffer.concat([before!, Buffer.from([0xb8, 0xfc, 0xd0, 0xc2]), after!]))
    expect(await refused('template set', ['order_paid', gbk])).toMatch(/in UTF-8.*probably GB18030/)
  })

  it('refuses an SMS that one account’s law forbids, naming rule and source', async () => {
    const message = await refused('template set', [await file('您的订单已更新，请打开 https://a.cn/x 查看')])
    expect(message).toMatch(/The template was not changed/)
    expect(message).toMatch(/zh-CN\.sms\.text: .*https:\/\/a\.cn.*tencent-links.*cloud\.tencent\.com/)
  })

  it('refuses unknown names and Liquid that cannot be read, all at once, and a file with no name of a template', async () => {
    const message = await refused('template set', [await file('您的订单 {订单好} 已更新 {% if %}')])
    expect(message).toMatch(/zh-CN\.sms\.text: .*订单好.*订单号/)
    expect(message).toMatch(/Liquid/)
    expect(await refused('template set', [await file('x', 'layout.yaml')])).toMatch(/not layout/)
    const empty = path.join(folder, 'empty.yaml')
    await writeFile(empty, 'purpose: service\ntitle: { en: x }\nvariants: {}\n')
    expect(await refused('template set', [empty])).toMatch(/variants: There are no words in it/)
    expect(await refused('template set', [path.join(folder, 'not_there.yaml')])).toMatch(/could not be read/)
  })
})

describe('law check', () => {
  it('holds the shop’s own words against the law of each of its accounts', async () => {
    await run('template set', [await file('您的订单已付款成功，请到本店网站查看')])
    const own = await run('law check', ['order_paid'])
    expect(own.shown).toMatch(/order_paid zh-CN · free \(none\) · CN: nothing was checked/)
    expect(own.shown).toMatch(/order_paid zh-CN · Tencent \(tencent\) · CN: may go/)
    expect(own.result).toMatchObject([{ account: 'free' }, { account: 'Tencent' }])
    expect(own.shown).toMatch(/About 24 units, billed as 1 \(with the signature 【星河小店】\)/)
    expect((await run('law check', [], { text: '您的游戏道具已到账' })).result).toMatchObject([
      { account: 'free', checked: false },
      { account: 'Tencent', lawful: false },
    ])
    const named = await run('law check', ['order_paid'], { law: 'aliyun', shop: 'shop' })
    expect(named.result).toMatchObject([{ account: null, law: 'aliyun', country: 'CN', lawful: true }])
    await expect(run('law check', ['order_payed'])).rejects.toThrow(/did you mean order_paid\?/)
    await expect(run('law check', ['order_paid'], { shop: 'other' })).rejects.toMatchObject({ exit: 3 })
  })

  it('tells what a rule says once, with all the words that break it, none within another', async () => {
    const text = '您的订单未付款，请尽快付款，点击立即支付'
    const { shown } = await run('law check', [], { text, law: 'aliyun', shop: 'shop' })
    expect(shown.match(/✗ aliyun-words: .*/g)).toEqual([
      expect.stringMatching(/^✗ aliyun-words: “订单未付” “未付款” “请尽快付款” “点击立即支付” /),
    ])
  })
})

describe('account set', () => {
  const LINKLESS = {
    request: TENCENT.request,
    success: TENCENT.success,
    country: 'CN',
    signature: '星河小店',
  }
  const settingsFile = async (settings: object) => {
    const place = path.join(folder, 'settings.yaml')
    await writeFile(place, JSON.stringify(settings))
    return { settings: place }
  }

  it('gives an account the registered link without which it carries no reminder', async () => {
    const added = await run('account add', ['sms-http'], await settingsFile(LINKLESS))
    const id = added.result.account!
    const place = path.join(folder, 'payment_failed_last.yaml')
    const words = new URL('../../flows/templates/payment_failed_last.yaml', import.meta.url)
    await writeFile(place, await readFile(words, 'utf8'))
    const first = await run('template set', [place])
    expect(first.shown).toMatch(/“sms-http” will never carry: zh-CN sms, en sms \(no_registered_link\)/)
    expect(first.shown).toMatch(/no registered link: write registeredLink/)
    expect(first.result).toMatchObject({ version: 1 })
    const link = { registeredLink: { url: 'https://d.example.cn/', icp: '京ICP备00000000号' } }
    const { shown } = await run('account set', [id], await settingsFile(link))
    expect(shown).toMatch(/is changed: registeredLink/)
    expect(shown).not.toMatch(/registered link/)
    const again = await run('template set', [place])
    expect(again.shown).not.toMatch(/no_registered_link|registered link/)
    expect(again.result).toMatchObject({ changed: false })
    const account = (await listAccounts(database.db, shop)).find((each) => formatId('acct', each.id) === id)!
    const keyring = createKeyring({ db: database.db, master: testMaster, random })
    const { sealer } = await keyring.open(shop)
    const kept = sealer.openText(account.settings, { shop, column: 'account.settings', row: account.id })
    expect(JSON.parse(kept)).toEqual({ ...LINKLESS, ...link })
    const noted = { action: 'account.set', target: id, detail: { settings: ['registeredLink'] } }
    expect(await listAudit(database.db, shop, null, 10)).toContainEqual(expect.objectContaining(noted))
  })

  it('takes a setting out that is given as null', async () => {
    const link = { registeredLink: { url: 'https://d.example.cn/', icp: '京ICP备00000000号' } }
    const added = await run('account add', ['sms-http'], await settingsFile({ ...LINKLESS, ...link }))
    const id = added.result.account!
    const { shown } = await run('account set', [id], await settingsFile({ registeredLink: null }))
    expect(shown).toMatch(/is changed: registeredLink/)
    const account = (await listAccounts(database.db, shop)).find((each) => formatId('acct', each.id) === id)!
    const { sealer } = await createKeyring({ db: database.db, master: testMaster, random }).open(shop)
    const kept = sealer.openText(account.settings, { shop, column: 'account.settings', row: account.id })
    expect(JSON.parse(kept)).toEqual(LINKLESS)
    const required = run('account set', [id], await settingsFile({ success: null }))
    await expect(required).rejects.toThrow(/success/)
  })

  it('changes place, pace and name, and leaves the rest as it was', async () => {
    const free = async () => (await listAccounts(database.db, shop)).find(({ name }) => /^fre/.test(name))!
    const before = await free()
    const id = formatId('acct', before.id)
    await run('account set', [id], { position: '3', rate: '20', concurrency: '8', name: 'free of law' })
    const changed = { position: 3, rate_per_s: 20, concurrency: 8, name: 'free of law' }
    const { settings: _, ...rest } = before
    const { settings, ...after } = await free()
    expect(after).toEqual({ ...rest, ...changed })
    const keyring = createKeyring({ db: database.db, master: testMaster, random })
    const { sealer } = await keyring.open(shop)
    const place = { shop, column: 'account.settings', row: before.id }
    expect(sealer.openText(settings, place)).toBe(sealer.openText(before.settings, place))
    const { shown } = await run('account set', [id], { rate: 'none', position: '1', name: 'free' })
    expect(shown).toContain('position, rate, name')
    expect(await free()).toMatchObject({ rate_per_s: null, position: 1, concurrency: 8, name: 'free' })
    await expect(run('account set', [id])).rejects.toThrow(/Nothing was given to change/)
    await expect(run('account set', [id], { position: '0' })).rejects.toThrow(/--position/)
    await expect(run('account set', [id], { rate: 'fast' })).rejects.toThrow(/--rate/)
  })

  it('says, for an account as it is made, which templates lack the link alone', async () => {
    const { result, shown } = await run('account add', ['sms-http'], await settingsFile(LINKLESS))
    expect(shown).toMatch(/no registered link, .* will not go by SMS: payment_failed_last/)
    expect(shown).toContain(`dingdong account set ${result.account} --settings`)
  })

  it('keeps what it had when a setting is wrong', async () => {
    const [{ id, settings }] = (await listAccounts(database.db, shop)) as [AccountRow]
    const wrong = await settingsFile({ registeredLink: { url: 'no address' } })
    await expect(run('account set', [formatId('acct', id)], wrong)).rejects.toThrow(/registeredLink\.url/)
    const refusals = [
      [
        { law: 'tencnet' },
        /law: there are no such rules; did you mean tencent\? There are: .*volcengine, toll-free, none/,
      ],
      [{ countries: ['CN', 'China'] }, /countries\.1: expected a country such as CN/],
      [{ countries: ['ZZ'] }, /countries\.0: expected a country such as CN/],
      [{ countries: [] }, /countries: expected at least one country/],
      [{ countries: 'CN' }, /countries: .*expected a list, got text of 2 characters/],
      [{ countries: ['US'], country: 'CN' }, /country: expected one of `countries`/],
      [{ countries: ['CN', 'HK'], number: 'cn' }, /countries: `number: cn` writes Chinese numbers only/],
    ] as const
    for (const [given, told] of refusals) {
      const options = await settingsFile(given)
      await expect(run('account set', [formatId('acct', id)], options)).rejects.toThrow(told)
    }
    const now = (await listAccounts(database.db, shop)).find((each) => each.id === id)
    expect(now!.settings.equals(settings)).toBe(true)
    const misspelt = await settingsFile({ ...LINKLESS, law: 'volcengin' })
    await expect(run('account add', ['sms-http'], misspelt)).rejects.toThrow(
      /law: .*did you mean volcengine\?/,
    )
    await expect(run('account set', ['acct_x'], wrong)).rejects.toThrow(/no account acct_x/)
  })
})

describe('template show', () => {
  it('names the nearest template, and the words there are', async () => {
    expect(await refused('template show', ['order_payed'])).toMatch(/did you mean order_paid\?/)
    expect(await refused('template show', ['order_paid'], { locale: 'de' })).toMatch(/zh-CN sms/)
  })
})
