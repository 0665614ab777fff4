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

it('tells why a cascade began with a channel: what each cost, with its figures', async () => {
  const { shop, deps } = site
  await site.keep(shop, orderEvent('t2', 'order.created', 'T-2', { order: { no: 'T-2' } }))
  const costs = [
    { channel: 'email', segments: 1, each: 0, cost: 0 },
    { channel: 'sms', segments: 2, each: 45, cost: 90 },
  ]
  await deps.db.query(
    `update run set progress = progress || jsonb_build_object('costs', $2::jsonb)
     where shop_id = $1 and flow = 'order-received'`,
    [shop.id, JSON.stringify({ last: costs })],
  )
  const run = async (lang: string) =>
    (await site.call('GET', `/v1/orders/T-2/timeline?lang=${lang}`, { key: shop.key })).json.entries.find(
      ({ flow }: { flow?: string }) => flow === 'order-received',
    )
  expect(await run('en')).toMatchObject({
    costs: [{ step: 'last', channels: costs }],
    why: ['last goes from cheap to dear: email 0, sms 0.09 CNY (2 segments at 0.045).'],
  })
  expect((await run('zh')).why).toEqual(['last 从便宜的渠道开始：email 0，sms 0.09 CNY（2 条 × 0.045）。'])
})
