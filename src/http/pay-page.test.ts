import { afterAll, beforeAll, expect, it } from 'vitest'
import { openSite, orderEvent, type Site } from '../../test/kit/site.ts'
import { changeShopSettings } from '../app/shop-settings.ts'
import { findOrder } from '../db/orders.ts'
import { HOUR } from '../domain/time.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
}, 60_000)
afterAll(() => site?.close())

/** The mail that asks to pay this order: its words, and where its button leads. */
async function mailOf(no: string, order: object = {}, locale = 'en') {
  await site.keep(
    site.shop,
    orderEvent(`created-${no}`, 'order.created', no, {
      order: { no, ...order },
      customer: { email: `${no.toLowerCase()}@example.org`, locale },
    }),
  )
  const mail = site.lab.smtp.received.list().findLast(({ to }) => to.includes(no.toLowerCase()))!.content!
  const [, href, label] = /<a\s[^>]*href="([^"]*\/l\/[^"]*)"[^>]*>\s*([^<]*?)\s*<\/a>/.exec(mail.html)!
  return { text: mail.text, label, page: await site.call('GET', new URL(href!).pathname) }
}

const notesOf = async (no: string, lang = 'en') => {
  const { json } = await site.call('GET', `/v1/orders/${no}/timeline?lang=${lang}`, { key: site.shop.key })
  const messages = json.entries.filter(
    ({ kind, message }: { kind: string; message: { audience: string } }) =>
      kind === 'message' && message.audience === 'buyer',
  )
  return messages.flatMap(({ notes }: { notes: string[] }) => notes)
}

it('a button that says "pay" leads to payment', async () => {
  const { text, label, page } = await mailOf('PP-1', { payUrl: 'https://shop.example/pay/PP-1' })
  expect([label, text]).toEqual(['Pay now', expect.stringContaining('Pay now: http')])
  expect(page.text).toContain('https://shop.example/pay/PP-1')
  expect(await notesOf('PP-1')).toEqual([])
})

it('without a payment page it says that it leads to the order, and does; the timeline says so', async () => {
  const { text, label, page } = await mailOf('PP-2')
  expect([label, text]).toEqual(['See the order', expect.stringContaining('See the order: http')])
  expect(page.status).toBe(200)
  expect(page.text).toMatch(/id="go"[^>]* href="\/o\//)
  expect(page.text).not.toContain('cannot be opened')
  expect((await mailOf('PP-3', {}, 'zh-CN')).label).toBe('查看订单')
  expect(await notesOf('PP-2')).toEqual([expect.stringMatching(/^No payment page .* payUrlTemplate/)])
  expect(await notesOf('PP-2', 'zh')).toEqual([expect.stringMatching(/^这个订单没有已知的支付页面/)])
})

it('leads to the shop’s own page of the order where only that is known', async () => {
  const { label, page } = await mailOf('PP-4', { pageUrl: 'https://shop.example/orders/PP-4' })
  expect(label).toBe('See the order')
  expect(page.text).toContain('https://shop.example/orders/PP-4')
  expect(await notesOf('PP-4')).toEqual([])
})

it('has a page once the shop names one for all orders', async () => {
  await changeShopSettings(site.deps, site.shop.id, {
    given: { payUrlTemplate: 'https://shop.example/cashier/{no}' },
    actor: 'test',
    check: () => {},
  })
  expect(await notesOf('PP-2')).toEqual([])
  expect((await mailOf('PP-5')).label).toBe('Pay now')
})

it.each([
  ['en', 'Payment on its way', 'Your payment is on its way', 'Pay another way'],
  ['zh', '款项在途', '款项正在路上', '改用其他方式支付'],
])('while money is on its way nobody is asked to pay, in %s', async (lang, badge, title, otherWay) => {
  const no = `PP-6-${lang}`
  const payUrl = `https://shop.example/pay/${no}`
  const { page: before } = await mailOf(no, {
    payUrl,
    expiresAt: site.clock.now() + HOUR,
  })
  expect(before.text).toContain('id="go"')
  const mail = site.lab.smtp.received.list().findLast(({ to }) => to.includes(no.toLowerCase()))!.content!
  const link = new URL(/href="([^"]*\/l\/[^"]*)"/.exec(mail.html)![1]!).pathname
  const started = { id: `pay-${no}`, amount: { minor: 900, currency: 'EUR' }, underWay: true }
  await site.keep(site.shop, orderEvent(`s-${no}`, 'payment.started', no, { payment: started }))
  const order = (await findOrder(site.deps.db, site.shop.id, { kind: 'order_no', value: no }))!
  const seen = async () =>
    (await site.call('GET', `/o/${await site.link(site.shop, 'order', order)}?lang=${lang}`)).text
  const page = await seen()
  expect(page).toContain(`>${badge}</span>`)
  expect(page).not.toContain(`class="button" rel="noreferrer" href="${payUrl}"`)
  const { text } = await site.call('GET', `${link}?lang=${lang}`)
  expect(text).toContain(title)
  expect(text).toMatch(new RegExp(`href="${payUrl}">${otherWay}`))
  expect(text).not.toContain('id="go"')
  // The bank says no after all: there is something to pay again.
  const failed = { ...started, underWay: undefined, failure: { code: 'debit_refused' } }
  await site.keep(site.shop, orderEvent(`f-${no}`, 'payment.failed', no, { payment: failed }))
  expect((await site.call('GET', `${link}?lang=${lang}`)).text).toContain('id="go"')
  expect(await seen()).toContain(`class="button" rel="noreferrer" href="${payUrl}"`)
})
