import { afterAll, beforeAll, expect, it } from 'vitest'
import { openSite, type Site } from '../../test/kit/site.ts'
import { parseId } from '../domain/ids.ts'

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

it('shows the others when one can no longer be opened', async () => {
  const one = { type: 'order.created', time: '2026-11-22T09:00:00Z', data: { order: { no: 'B-10' } } }
  for (const id of ['b10', 'b11']) {
    site.clock.set(site.clock.now() + 1)
    for (const extra of ['one', 'other']) await send({ ...one, id, data: { ...one.data, coupon: extra } })
  }
  const broken = 'set body = set_byte(body, 60, 255 - get_byte(body, 60))'
  const seen = async () => {
    const { json } = await site.call('GET', '/v1/conflicts?limit=2', { key: site.shop.key })
    return json.items.map(({ id, differs }: { id: string; differs: string[] }) => ({ id, differs }))
  }
  const [newer, older] = await seen()
  expect([newer, older].map(({ id }) => id)).toEqual(['b11', 'b10'])
  expect([newer, older]).toMatchObject(Array(2).fill({ differs: ['data.extra.coupon'] }))
  const [newest] = (await site.call('GET', '/v1/conflicts?limit=1', { key: site.shop.key })).json.items
  const key = parseId('evt', newest.first)
  await site.engine.database.db.query(`update event_conflict ${broken} where first_event_id = $1`, [key])
  expect(await seen()).toEqual([{ ...newer, differs: [] }, older])
  await site.engine.database.db.query(`update event ${broken} where id = $1`, [key])
  expect(await seen()).toEqual([{ id: null, differs: [] }, older])
})
