import chromium from '@sparticuz/chromium'
import { type Browser, chromium as driver } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSite, orderEvent, type Site } from '../../test/kit/site.ts'
import { messagesOfOrder } from '../db/messages.ts'
import { findOrder } from '../db/orders.ts'

let site: Site
let browser: Browser
let link: string
beforeAll(async () => {
  site = await openSite()
  await site.keep(
    site.shop,
    orderEvent('e1', 'payment.failed', 'A-1', {
      order: { no: 'A-1', title: 'x', payUrl: 'https://shop.example/pay/A-1' },
      customer: { email: 'buyer@example.org' },
      payment: { id: 'pay_1', failure: { code: 'incorrect_cvc' } },
    }),
  )
  const order = (await findOrder(site.deps.db, site.shop.id, { kind: 'order_no', value: 'A-1' }))!
  const [message] = await messagesOfOrder(site.deps.db, site.shop.id, order)
  link = `${site.url}/l/${await site.link(site.shop, 'pay', message!.id)}`
  browser = await driver.launch({
    executablePath: await chromium.executablePath(),
    args: ['--no-sandbox', '--disable-gpu', '--headless=shell'],
  })
}, 90_000)
afterAll(async () => {
  await browser?.close()
  await site?.close()
})

const clicks = async () =>
  (
    await site.deps.db.query<{ n: number }>(
      `select count(*)::int as n from event where type = 'link.clicked'`,
    )
  ).rows[0]!.n

describe('a pay link in a real browser', () => {
  it('opened by a person goes straight to the payment and is one click', async () => {
    const page = await browser.newPage()
    await page.route('https://shop.example/**', (route) => route.fulfill({ body: 'pay here' }))
    // Asked at the server: the browser's own view of the report ends with the page that sent it.
    const reported = site.answered('POST', '/l/')
    await page.goto(link)
    await page.waitForURL('https://shop.example/pay/A-1')
    expect(await reported).toBe(204)
    expect(await clicks()).toBe(1)
    // The address of our page, which is a secret, is not told to the payment page.
    expect(await page.evaluate('document.referrer')).toBe('')
    await page.close()
  })

  it('works without scripts by its plain link', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    const page = await context.newPage()
    await page.route('https://shop.example/**', (route) => route.fulfill({ body: 'pay here' }))
    await page.goto(link)
    expect(page.url()).toBe(link)
    await page.click('#go')
    await page.waitForURL('https://shop.example/pay/A-1')
    expect(await clicks()).toBe(1)
    await context.close()
  })

  it('opened in a page that nobody sees yet reports nothing until it is seen', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.route('https://shop.example/**', (route) => route.fulfill({ body: 'pay here' }))
    await page.addInitScript(
      `Object.defineProperty(document, 'visibilityState', { get: () => window.seen ? 'visible' : 'hidden' })`,
    )
    await page.goto(link)
    expect(page.url()).toBe(link)
    await page.evaluate(`window.seen = true; document.dispatchEvent(new Event('visibilitychange'))`)
    await page.waitForURL('https://shop.example/pay/A-1')
    await context.close()
  })
})
