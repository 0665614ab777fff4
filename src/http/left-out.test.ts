import { afterAll, beforeAll, expect, it } from 'vitest'
import { openSite, orderEvent, type Site } from '../../test/kit/site.ts'
import { HOUR, MINUTE } from '../domain/time.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
}, 60_000)
afterAll(() => site?.close())

it('a ladder of which nothing reached the buyer says so, and why each channel was left out', async () => {
  const expiresAt = site.clock.now() + HOUR
  await site.keep(
    site.shop,
    orderEvent('l1', 'payment.failed', 'LEFT-1', {
      order: { no: 'LEFT-1', total: { minor: 100, currency: 'CNY' }, expiresAt },
      customer: { phone: '+8613800000001' },
      payment: { id: 'l1', rail: 'stripe', failure: { code: 'incorrect_cvc' } },
    }),
  )
  for (const minute of [20, 50, 60]) {
    site.clock.set(expiresAt - HOUR + minute * MINUTE)
    await site.engine.worker.drain()
  }
  const run = async (lang: string) =>
    (
      await site.call('GET', `/v1/orders/LEFT-1/timeline?lang=${lang}`, { key: site.shop.key })
    ).json.entries.find(({ kind }: { kind: string }) => kind === 'run')
  const en = await run('en')
  expect(en).toMatchObject({ flow: 'payment-failed-details', stopReason: 'said_enough' })
  expect(en.why).toEqual([
    'last left out: email (no address that works), inbox (no address that works), sms (the order is below 200.00 CNY).',
    expect.stringMatching(/^No reminder went to the buyer/),
  ])
  expect(en.wouldHelp).toContainEqual(expect.stringContaining('externalId for the inbox'))
  const zh = await run('zh')
  expect(zh.why[0]).toContain('sms（订单金额低于 200.00 CNY）')
  expect(zh.why[1]).toMatch(/^没有一条提醒发给买家/)
})
