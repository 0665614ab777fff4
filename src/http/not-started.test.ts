import { afterAll, beforeAll, expect, it } from 'vitest'
import { openSite, orderEvent, type Site } from '../../test/kit/site.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
}, 60_000)
afterAll(() => site?.close())

const timeline = async (no: string) =>
  (await site.call('GET', `/v1/orders/${no}/timeline?lang=en`, { key: site.shop.key })).json
const failed = (id: string, no: string) =>
  orderEvent(id, 'payment.failed', no, {
    payment: { id: `pay_${id}`, rail: 'stripe', failure: { code: 'incorrect_cvc' } },
  })

it('knows the order as it was decided on: with what came along, or soon after and was applied together', async () => {
  const { engine, shop } = site
  const list = (no: string) => [
    orderEvent(`${no}-paid`, 'order.paid', no, { order: { no, total: { minor: 100, currency: 'CNY' } } }),
    failed(`${no}-failed`, no),
  ]
  const reasons = async (no: string) =>
    (await timeline(no)).notStarted
      .filter(
        ({ type, flow }: Record<string, string>) => type === 'payment.failed' && /^payment-f/.test(flow!),
      )
      .map(({ reason }: { reason: string }) => reason)
  const paid = Array.from({ length: 7 }, () => 'paid')
  // Keys of one millisecond are in no order.
  for (const [no, events] of [
    ['BATCH-0', list('BATCH-0')],
    ['BATCH-1', list('BATCH-1').reverse()],
  ] as const) {
    await site.keep(shop, ...events)
    expect(await reasons(no)).toEqual(paid)
  }
  site.clock.set(site.clock.now() + 1_000)
  await site.keep(shop, ...list('BATCH-2'))
  await engine.database.db.query(
    `update event set received_at = received_at - 5 where shop_id = $1 and type = 'payment.failed' and received_at = $2`,
    [shop.id, site.clock.now()],
  )
  // At its arrival six ladders did not fit; only the one that did knows of the payment.
  expect((await reasons('BATCH-2')).toSorted()).toEqual([
    ...Array.from({ length: 6 }, () => 'condition_false'),
    'paid',
  ])
})
