import { afterAll, beforeAll, expect, it } from 'vitest'
import { openSite, type Site } from '../../test/kit/site.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
}, 60_000)
afterAll(() => site?.close())

const send = (json: unknown) => site.call('POST', '/v1/events', { key: site.shop.key, json })

it('shows where a conflict differs, never what stands there', async () => {
  const one = {
    id: 'b9',
    type: 'order.created',
    time: '2026-11-22T08:00:00Z',
    data: { order: { no: 'B-9' }, customer: { email: 'lin@example.org' }, coupon: 'SPRING' },
  }
  await send(one)
  await send({
    ...one,
    type: 'order.paid',
    data: { ...one.data, customer: { name: 'Lin' }, coupon: 'FALL' },
  })
  const conflicts = await site.call('GET', '/v1/conflicts', { key: site.shop.key })
  expect(conflicts.json.items[0]).toMatchObject({
    id: 'b9',
    type: 'order.created',
    time: Date.parse(one.time),
    again: { type: 'order.paid', time: Date.parse(one.time) },
    differs: ['type', 'data.customer.email', 'data.customer.name', 'data.extra.coupon'],
  })
  expect(conflicts.text).not.toMatch(/Lin|lin@|SPRING|FALL/)
})
