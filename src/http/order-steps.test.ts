import { afterAll, beforeAll, expect, it } from 'vitest'
import { openSite, orderEvent, type Site } from '../../test/kit/site.ts'
import { findOrder } from '../db/orders.ts'
import { HOUR } from '../domain/time.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
}, 60_000)
afterAll(() => site?.close())

it('the order page has no moment for an order’s placing that nobody told, least of all one after its payment', async () => {
  const stepsOf = async (no: string) => {
    const id = (await findOrder(site.deps.db, site.shop.id, { kind: 'order_no', value: no }))!
    const { text } = await site.call('GET', `/o/${await site.link(site.shop, 'order', id)}?lang=en`)
    const steps = /<ol class="steps">(.*?)<\/ol>/s.exec(text)![1]!
    return [...steps.matchAll(/<li class="(\w*)">(.*?)<\/li>/gs)].map(([, done, words]) => [
      done,
      words!.replace(/<[^>]*>/g, ''),
    ])
  }
  const paid = orderEvent('p1', 'order.paid', 'S-1', { order: { no: 'S-1' } })
  await site.keep(site.shop, { ...paid, time: site.clock.now() - 3 * HOUR })
  const [placed, payment] = await stepsOf('S-1')
  expect(placed).toEqual(['done', 'Placed'])
  expect(payment).toEqual(['done', expect.stringMatching(/^Paid .*07:00/)])
  const created = orderEvent('c1', 'order.created', 'S-1', { order: { no: 'S-1' } })
  await site.keep(site.shop, { ...created, time: site.clock.now() - 4 * HOUR })
  expect((await stepsOf('S-1'))[0]).toEqual(['done', expect.stringMatching(/^Placed .*06:00/)])
})
