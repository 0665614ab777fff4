import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSite, orderEvent, type Site } from '../../test/kit/site.ts'
import { DAY, MINUTE } from '../domain/time.ts'

let site: Site
let code: string
let page: string

beforeAll(async () => {
  site = await openSite()
  const customer = { email: 'buyer@example.org', name: '小林', phone: '+8613800138000', locale: 'zh-CN' }
  await site.keep(
    site.shop,
    orderEvent('s1', 'order.paid', 'S-1', {
      customer,
      order: { no: 'S-1', title: '季度会员', total: { minor: 12_800, currency: 'CNY' } },
    }),
  )
  const text = site.lab.sms.received.list().at(-1)!.content.text
  code = /短码 (\w{8}) /.exec(text)![1]!
  expect(text).toBe(`您的订单已付款成功，请在 https://shop.example/d 输入短码 ${code} 查看`)
  page = `/c/${site.shop.id}`
}, 60_000)
afterAll(() => site?.close())

const post = (path: string, form: Record<string, string>, from = '203.0.113.1') =>
  site.call('POST', path, { form, headers: { 'x-forwarded-for': from, 'accept-language': 'zh' } })
const next = () => site.clock.set(site.clock.now() + DAY)

describe('the page of the registered address', () => {
  it('asks for the code, and names nobody', async () => {
    const answer = await site.call('GET', page, {})
    expect(answer.status).toBe(200)
    expect(answer.text).toContain('name="short"')
    expect((await site.call('GET', '/c/999999', {})).status).toBe(404)
  })

  it('shows how the order stands, and nothing personal', async () => {
    const answer = await post(page, { short: `${code.slice(0, 4)} ${code.slice(4).toLowerCase()}` })
    expect(answer.status).toBe(200)
    expect(answer.text).toContain('已付款')
    for (const personal of ['S-1', '季度会员', '128', '小林', 'buyer', '13800138000', 'con_', 'ord_'])
      expect(answer.text).not.toContain(personal)
  })

  it('another shop does not know the code', async () => {
    expect((await post(`/c/${site.other.id}`, { short: code })).status).toBe(422)
  })

  it('leads to the order itself once the code that was sent to its contact is typed', async () => {
    const planned = site.background()
    const sent = await post(`${page}/code`, { short: code })
    expect(sent.status).toBe(200)
    await planned
    await site.engine.worker.drain()
    const mail = site.lab.smtp.received.list().at(-1)!.content!
    const digits = /\b(\d{6})\b/.exec(mail.subject)![1]!
    const wrong = digits === '000000' ? '000001' : '000000'
    const asker = /name="asker" value="([\w-]{22})"/.exec(sent.text)![1]!
    expect((await post(`${page}/keys`, { short: code, code: wrong, asker })).status).toBe(422)
    const opened = await post(`${page}/keys`, { short: code, code: digits, asker })
    expect(opened.status).toBe(303)
    const order = await site.call('GET', opened.headers.get('location')!, {})
    expect(order.text).toContain('季度会员')
  })

  it('a code ends', async () => {
    const now = site.clock.now()
    site.clock.set(now + 31 * DAY)
    expect((await post(page, { short: code })).status).toBe(422)
    site.clock.set(now)
  })
})

describe('guessing', () => {
  it('ends after ten tries of one address in ten minutes; a right code does not help it on', async () => {
    next()
    for (let n = 0; n < 10; n++) expect((await post(page, { short: '22222222' })).status).toBe(422)
    expect((await post(page, { short: code })).status).toBe(429)
    site.clock.set(site.clock.now() + 10 * MINUTE)
    expect((await post(page, { short: code })).status).toBe(200)
  })

  it('is not what a right code is taken for', async () => {
    next()
    await site.engine.database.db.query('delete from short_code_try where shop_id = $1', [site.shop.id])
    for (const path of [page, `${page}/code`, page])
      expect((await post(path, { short: code })).status).toBe(200)
    const { rows } = await site.engine.database.db.query<{ used: number }>(
      'select used from short_code_try where shop_id = $1',
      [site.shop.id],
    )
    expect(rows.map(({ used }) => used)).toEqual([0, 0, 0])
  })

  it('keeps no address of a visitor in the clear', async () => {
    const { rows } = await site.engine.database.db.query<{ bucket: Buffer }>(
      'select bucket from short_code_try',
    )
    for (const { bucket } of rows) expect(bucket.toString('latin1')).not.toContain('127.0.0.1')
  })
})

describe('the law by API', () => {
  it('lists every rule with its source, in both languages', async () => {
    const { json } = await site.call('GET', '/v1/law', { key: site.shop.key })
    expect(json.items.length).toBeGreaterThan(80)
    expect(json.items.find(({ id }: { id: string }) => id === 'tencent-links')).toMatchObject({
      source: { url: 'https://cloud.tencent.com/document/product/382/39023' },
      says: { zh: expect.any(String), en: expect.any(String) },
      inForce: true,
    })
  })

  it('holds a text against the shop’s own account, or a vendor, and offers the nearest that may go', async () => {
    const check = (json: object) => site.call('POST', '/v1/law/check', { key: site.shop.key, json })
    const own = await check({ text: '请打开 {订单链接} 查看' })
    expect(own.json.items[0]).toMatchObject({ account: 'lab', country: 'CN', lawful: false })
    expect(own.json.items[0].findings[0].rule).toBe('cn-links')
    const again = await check({ text: own.json.items[0].nearest })
    expect(again.json.items[0]).toMatchObject({ lawful: true, nearest: null })
    const named = await check({ text: '您的游戏道具已到账', law: 'tencent' })
    expect(named.json.items[0]).toMatchObject({ account: null, law: 'tencent', lawful: false })
    const typo = await check({ text: 'x', law: 'tencnet' })
    expect([typo.status, typo.json.error.fields[0].path]).toEqual([422, 'law'])
    expect(typo.json.error.fields[0].problem).toMatch(/aliyun, .*none; did you mean tencent\?/)
    const stranger = await check({ text: 'x', provider: 'bogus' })
    expect([stranger.status, JSON.stringify(stranger.json.error.fields)]).toEqual([
      422,
      expect.stringContaining('provider'),
    ])
    const none = await check({ text: '您的游戏道具已到账', law: 'none' })
    expect(none.json.items[0]).toMatchObject({ checked: false, findings: [] })
    expect(named.json.items[0].checked).toBe(true)
  })
})
