import { afterAll, beforeAll, expect, it } from 'vitest'
import { openSite, orderEvent, type Site } from '../../test/kit/site.ts'
import { findOrder } from '../db/orders.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
}, 60_000)
afterAll(() => site?.close())

it('the order page tells the sum that came and the total where they differ, calling nobody short, and what went back', async () => {
  const cny = (minor: number) => ({ minor, currency: 'CNY' })
  await site.keep(
    site.shop,
    orderEvent('part-1', 'order.paid', 'PART-1', {
      order: { total: cny(39_900) },
      payment: { id: 'part', amount: cny(1), byGateway: true },
    }),
  )
  const id = (await findOrder(site.deps.db, site.shop.id, { kind: 'order_no', value: 'PART-1' }))!
  const link = `/o/${await site.link(site.shop, 'order', id)}`
  const page = (await site.call('GET', `${link}?lang=en`)).text
  expect(page).toContain('>Payment received</span>')
  expect(page).toContain('CN¥0.01 has arrived; the order’s total is CN¥399.00.')
  expect(page).not.toContain('Your payment has arrived')
  expect((await site.call('GET', `${link}?lang=zh`)).text).toContain('已收到 ¥0.01，订单金额是 ¥399.00。')
  await site.keep(
    site.shop,
    orderEvent('part-2', 'order.paid', 'PART-1', {
      payment: { id: 'rest', amount: cny(39_899), byGateway: true },
    }),
  )
  expect((await site.call('GET', `${link}?lang=en`)).text).toContain('Your payment has arrived')
  await site.keep(
    site.shop,
    orderEvent('part-3', 'order.refunded', 'PART-1', { refund: { id: 'back', amount: cny(900) } }),
  )
  const back = (await site.call('GET', `${link}?lang=en`)).text
  expect(back).toContain('>Partly refunded</span>')
  expect(back).toContain('<dt>Refunded</dt><dd>CN¥9.00</dd>')
})
