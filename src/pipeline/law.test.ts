import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type ScriptedProvider, scriptedProvider } from '../../test/kit/scripted-provider.ts'
import { shopRows } from '../../test/kit/shop-rows.ts'
import { account, event, MONDAY, openWorld, type TestShop, type World } from '../../test/kit/world.ts'
import { transaction } from '../db/connect.ts'
import { keepDefinitions, publishTemplates } from '../db/flows.ts'
import { findOrder } from '../db/orders.ts'
import { decodeVerdict } from '../domain/gate/verdict.ts'
import type { AccountLaw } from '../domain/law/book.ts'
import { SHORT_CODE_ALPHABET } from '../domain/short-code.ts'
import type { TemplateSource } from '../domain/template/template.ts'
import { HOUR } from '../domain/time.ts'
import { publishTemplate } from '../templates/publish.ts'
import { presetOf } from './presets.ts'

const REGISTERED = 'https://shop.example.cn/d'

/** An SMS road under a law, whose calls a test can read. */
function road(name: string, law: Partial<AccountLaw>): ScriptedProvider {
  const ruled: AccountLaw = {
    law: null,
    country: null,
    signature: null,
    registered: { url: REGISTERED, icp: null },
    ...law,
  }
  return { ...scriptedProvider('sms', 'visible', { name }), lawOf: () => ruled }
}

const tencent = road('tencent-sms', { law: 'tencent' })
const china = road('china-sms', {})
const usa = road('us-sms', { country: 'US' })
const linkless = road('linkless-sms', { registered: null })
const abroad = road('abroad-sms', { country: 'US', registered: null })
const free = road('free-sms', { law: 'none' })
let world: World
let shops = 0

beforeAll(async () => {
  world = await openWorld({ providers: [tencent, china, usa, linkless, abroad, free] })
})
afterAll(() => world?.close())
beforeEach(() => {
  world.clock.set(MONDAY)
  for (const each of [tencent, china, usa, linkless, abroad, free]) each.calls.length = 0
})

/** A shop with one SMS account and one template, compiled as publishing does. */
async function open(
  provider: ScriptedProvider,
  texts: Readonly<Record<string, string>>,
  more: Partial<TemplateSource> = {},
) {
  const shop = await world.openShop(`law-${++shops}`, {
    accounts: [account(provider)],
    settings: { capPerDay: 50, quiet: {} },
  })
  const variants = await Promise.all(
    Object.entries(texts).map(async ([locale, text]) => {
      const source = { channel: 'sms', purpose: 'service', locale, text, ...more } as const
      const published = await publishTemplate(source, {
        compileMjml: async () => ({ html: '', problems: [] }),
      })
      if (!('ok' in published)) throw new Error(JSON.stringify(published.problems))
      return published.ok
    }),
  )
  const notice = presetOf('template', 'notice', { variants })
  await transaction(world.db, async (tx) => {
    await keepDefinitions(tx, [notice], MONDAY)
    await publishTemplates(tx, shop.id, [notice], 'test', MONDAY)
    await tx.query('update shop set config_version = config_version + 1 where id = $1', [shop.id])
  })
  return shop
}

async function say(shop: TestShop, title: string, more: object = {}) {
  const buyer = await shop.buyer({ phone: '+8613800138000' })
  const no = `L-${shops}`
  await shop.keep([event('order.created', no, { order: { title } })])
  await world.engine.worker.drain()
  const orderId = await findOrder(world.db, shop.id, { kind: 'order_no', value: no })
  await shop.plan([{ to: buyer, channel: 'sms', template: 'notice', orderId, ...more }])
  await world.engine.worker.drain()
  return (await shopRows(world).messages(shop)).at(-1)!
}

const said = (provider: ScriptedProvider) =>
  provider.calls.map(({ content }) => (content.kind === 'sms' ? content.text : ''))

describe('a value that breaks the law', () => {
  it.each([
    ['an address', '课程 pay。example点com'],
    ['a word', '星河 遊 戲 点卡'],
    ['a sign', '实付¥12'],
  ])('keeps the message back: %s in a product’s name, with the rule on the message', async (_, title) => {
    const shop = await open(
      china,
      { 'zh-CN': '您购买的{{ order.title | upcase }}已发货' },
      { purpose: 'service' },
    ).catch(() => null)
    // Names of goods are kept out of SMS at publishing already; a compiled template from before is not.
    expect(shop).toBeNull()
    const old = await world.openShop(`law-${++shops}`, { accounts: [account(china)] })
    const row = await say(old, title, { template: 'hello' })
    expect(row).toMatchObject({ state: 'failed', fate_code: expect.stringMatching(/^law:cn-/) })
    expect(said(china)).toEqual([])
  })

  it('and goes where the operator says that no law applies', async () => {
    const shop = await world.openShop(`law-${++shops}`, { accounts: [account(free)] })
    expect(await say(shop, '课程 pay.example.com', { template: 'hello' })).toMatchObject({ state: 'sent' })
  })
})

describe('a template that may not go', () => {
  it('is dropped by the gate with the reason law: a reminder to pay through a vendor that bans them', async () => {
    const shop = await open(
      tencent,
      { 'zh-CN': '您的订单状态有更新，请在 {备案链接} 输入短码 {订单短码} 查看' },
      { purpose: 'reminder', asksToPay: true },
    )
    const row = await say(shop, '课程', { purpose: 'reminder' })
    expect(row.state).toBe('dropped')
    expect(decodeVerdict(row.verdict!)).toEqual({ kind: 'drop', reasons: ['law'] })
    expect(said(tencent)).toEqual([])
  })

  it('goes in the lawful form where reminders are not banned: the fixed address and a short code', async () => {
    const shop = await open(
      china,
      {
        'zh-CN': '您的订单状态有更新，请在 {备案链接} 输入短码 {订单短码} 查看',
        en: 'Your payment is not complete yet: {links.order}',
      },
      { purpose: 'reminder', asksToPay: true },
    )
    await world.db.query(`update customer set locale = 'en' where shop_id = $1`, [shop.id])
    expect(await say(shop, '课程', { purpose: 'reminder' })).toMatchObject({ state: 'sent' })
    const [text] = said(china)
    expect(text).toMatch(
      new RegExp(`^您的订单状态有更新，请在 ${REGISTERED} 输入短码 [${SHORT_CODE_ALPHABET}]{8} 查看$`),
    )
  })

  const EITHER =
    '您有一笔订单即将到期，{% if links.registered %}请在 {备案链接} 输入短码 {订单短码} 查看{% else %}请打开 {订单链接}{% endif %}'
  const asks = { purpose: 'reminder', asksToPay: true } as const

  it('is dropped where a reminder in China has no registered link to lead to payment by', async () => {
    for (const text of [EITHER, EITHER.replace('请打开 {订单链接}', '请到店铺网站查看')]) {
      const published = { 'zh-CN': text, en: 'Your order closes soon: {links.order}' }
      const shop = await open(linkless, published, asks)
      const row = await say(shop, '课程', { purpose: 'reminder' })
      expect(decodeVerdict(row.verdict!)).toEqual({ kind: 'drop', reasons: ['law'] })
    }
    expect(said(linkless)).toEqual([])
  })

  it('keeps its own language abroad, with a link that varies', async () => {
    const shop = await open(abroad, { 'zh-CN': EITHER, en: 'Your order closes soon: {links.order}' }, asks)
    expect(await say(shop, 'course', { purpose: 'reminder' })).toMatchObject({ state: 'sent' })
    expect(said(abroad)).toEqual([expect.stringMatching(/^您有一笔订单即将到期，请打开 https?:\/\/\S+$/)])
  })

  it('says the same short code again, and another order another one', async () => {
    const shop = await open(china, { 'zh-CN': '短码 {订单短码} 已更新，请查看' })
    await say(shop, '课程')
    const orderId = (await shopRows(world).orders(shop))[0]!.id
    const buyer = await shop.buyer({ phone: '+8613800138001' })
    await shop.plan([{ to: buyer, channel: 'sms', template: 'notice', orderId: orderId as never }])
    await shop.keep([event('order.created', 'OTHER')])
    await world.engine.worker.drain()
    const other = await findOrder(world.db, shop.id, { kind: 'order_no', value: 'OTHER' })
    await shop.plan([{ to: buyer, channel: 'sms', template: 'notice', orderId: other }])
    await world.engine.worker.drain()
    const [first, again, third] = said(china)
    expect(again).toBe(first)
    expect(third).not.toBe(first)
  })
})

describe('hours by law', () => {
  it('hold a promotion until eight in the morning in China, and not a notice', async () => {
    const promotion = await open(china, { 'zh-CN': '本店有新消息，拒收请回复R' }, { purpose: 'promotion' })
    const evening = MONDAY + 10.5 * HOUR
    world.clock.set(evening)
    await world.db.query(`update contact set consent = '{promotion}' where shop_id = $1`, [promotion.id])
    const buyer = await promotion.buyer({ phone: '+8613800138000' })
    await world.db.query(`update contact set consent = '{promotion}' where shop_id = $1`, [promotion.id])
    await promotion.plan([{ to: buyer, channel: 'sms', template: 'notice', purpose: 'promotion' }])
    await world.engine.worker.drain()
    const row = (await shopRows(world).messages(promotion)).at(-1)!
    expect(decodeVerdict(row.verdict!)).toEqual({
      kind: 'hold',
      until: MONDAY + 22 * HOUR,
      reasons: ['law_hours'],
    })
    const service = await open(china, { 'zh-CN': '您的订单已发货，请查收' })
    expect(await say(service, '课程')).toMatchObject({ state: 'sent' })
  })

  it('a promotion without a yes is dropped, by law too', async () => {
    const shop = await open(usa, { en: 'New in our shop. Reply STOP to opt out' }, { purpose: 'promotion' })
    const row = await say(shop, 'course', { purpose: 'promotion' })
    expect(decodeVerdict(row.verdict!)?.reasons).toEqual(['no_consent', 'law_consent'])
  })
})
