import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openSite, orderEvent, type Site } from '../../test/kit/site.ts'
import { findOrder } from '../db/orders.ts'
import type { OrderId } from '../domain/ids.ts'
import { DAY, MINUTE } from '../domain/time.ts'

let site: Site
let paid: OrderId
beforeAll(async () => {
  site = await openSite()
  await site.keep(
    site.shop,
    orderEvent('e1', 'order.paid', 'B-1', {
      customer: { email: 'buyer@example.org', locale: 'zh-CN' },
      order: { no: 'B-1', title: '游戏点卡', total: { minor: 5_000, currency: 'CNY' } },
    }),
    orderEvent('e2', 'order.delivered', 'B-1', { delivery: { id: 'd1', keys: ['KEY-AAAA-1111'] } }),
  )
  paid = (await findOrder(site.deps.db, site.shop.id, { kind: 'order_no', value: 'B-1' }))!
}, 60_000)
afterAll(() => site?.close())
beforeEach(() => site.clock.set(site.clock.now() + 2 * DAY))

const post = (path: string, form: Record<string, string>, cookie = '') =>
  site.call('POST', path, { form, headers: cookie === '' ? {} : { cookie } })
const cookieOf = (answer: { readonly headers: Headers }) => answer.headers.get('set-cookie')!.split(';')[0]!
const askerIn = (text: string) => /name="asker" value="([\w-]{22})"/.exec(text)![1]!
const anyBut = (code: string) => (code === '000000' ? '000001' : '000000')
const codeMails = () =>
  site.lab.smtp.received.list().filter(({ content }) => /\b\d{6}\b/.test(content!.subject))
const lastCode = () => /\b(\d{6})\b/.exec(codeMails().at(-1)!.content!.subject)![1]!

/** Where the order's page is, and the buyer's address on it. */
async function openPage() {
  const link = `/o/${await site.link(site.shop, 'order', paid)}`
  const { text } = await site.call('GET', link)
  return { link, contact: /name="contact" value="(con_\w+)"/.exec(text)![1]! }
}

describe('the code before card keys', () => {
  it('sends one code a minute, forgets it after ten, and lets nobody guess more than five times', async () => {
    const { link, contact } = await openPage()
    const cookie = cookieOf(await post(`${link}/code`, { contact }))
    const soon = await post(`${link}/code`, { contact }, cookie)
    expect([soon.status, soon.headers.get('retry-after')]).toEqual([429, '60'])
    await site.engine.worker.drain()
    const code = lastCode()
    site.clock.set(site.clock.now() + 10 * MINUTE)
    expect((await post(`${link}/keys`, { code, contact }, cookie)).status).toBe(422)

    expect((await post(`${link}/code`, { contact }, cookie)).status).toBe(200)
    await site.engine.worker.drain()
    const fresh = lastCode()
    for (let n = 0; n < 5; n++) await post(`${link}/keys`, { code: anyBut(fresh), contact }, cookie)
    expect((await post(`${link}/keys`, { code: fresh, contact }, cookie)).status).toBe(422)
  })

  it('opens keys to the browser that asked, whatever another one tries, and without cookies as well', async () => {
    const { link, contact } = await openPage()
    const asked = await post(`${link}/code`, { contact })
    await site.engine.worker.drain()
    const code = lastCode()
    const another = cookieOf(await post(`${link}/code`, { contact }))
    for (let n = 0; n < 5; n++) await post(`${link}/keys`, { code: anyBut(code), contact }, another)
    for (let n = 0; n < 5; n++) await post(`${link}/keys`, { code: anyBut(code), contact })
    expect((await post(`${link}/keys`, { code, contact })).status).toBe(422)
    const shown = await post(`${link}/keys`, { code, contact, asker: askerIn(asked.text) })
    expect(shown.text).toContain('KEY-AAAA-1111')
  })

  it('leaves the buyer codes, whatever a stranger who knows number and address asks for', async () => {
    const before = codeMails().length
    const form = { no: 'B-1', contact: 'buyer@example.org', shop: String(site.shop.id) }
    for (let n = 0; n < 3; n++) {
      const planned = site.background()
      await post('/o', form)
      await planned
    }
    await post('/o', form)
    const { link, contact } = await openPage()
    expect((await post(`${link}/code`, { contact })).status).toBe(200)
    await site.engine.worker.drain()
    expect(codeMails()).toHaveLength(before + 4)
  })
})
