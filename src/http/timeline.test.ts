import { afterAll, beforeAll, expect, it } from 'vitest'
import { openSite, orderEvent, type Site } from '../../test/kit/site.ts'
import { startInquiries } from '../db/inquiries.ts'
import { findOrder } from '../db/orders.ts'
import { formatId } from '../domain/ids.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
}, 60_000)
afterAll(() => site?.close())

it('an order’s timeline shows what was asked about it, what was answered, and when it is asked again', async () => {
  const { shop, clock, deps } = site
  await site.keep(shop, orderEvent('t1', 'payment.started', 'T-1'))
  const order = (await findOrder(deps.db, shop.id, { kind: 'order_no', value: 'T-1' }))!
  const now = clock.now()
  const inquiry = {
    order,
    connection: shop.internal,
    kind: 'unpaid',
    startedAt: now,
    dueAt: now + 5_000,
  } as const
  await startInquiries(deps.db as never, shop.id, [{ ...inquiry, payment: null }], 1)
  await deps.db.query('update inquiry set log = $2 where shop_id = $1', [
    shop.id,
    JSON.stringify([
      [now, 'later', 'http_503'],
      [now + 1_000, 'pending', null],
    ]),
  ])
  const timeline = await site.call('GET', '/v1/orders/T-1/timeline', { key: shop.key })
  const seen = timeline.json.entries.filter(({ kind }: { kind: string }) => kind === 'inquiry')
  const connection = formatId('conn', shop.internal)
  const common = { kind: 'inquiry', connection, source: 'dingdong', clock: 'unpaid' }
  expect(seen).toEqual([
    { ...common, at: now, what: 'later', code: 'http_503' },
    { ...common, at: now + 1_000, what: 'pending', code: null },
    { ...common, at: now + 5_000, what: 'next', code: null },
  ])
})
