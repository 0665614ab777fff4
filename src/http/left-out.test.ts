import { afterAll, beforeAll, expect, it } from 'vitest'
import { openSite, orderEvent, type Site } from '../../test/kit/site.ts'
import { HOUR, MINUTE } from '../domain/time.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
}, 60_000)
afterAll(() => site?.close())

const runOf = async (no: string, lang: string) =>
  (
    await site.call('GET', `/v1/orders/${no}/timeline?lang=${lang}`, { key: site.shop.key })
  ).json.entries.find(({ kind }: { kind: string }) => kind === 'run')

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
  const en = await runOf('LEFT-1', 'en')
  expect(en).toMatchObject({ flow: 'payment-failed-details', stopReason: 'said_enough' })
  // Its first message, planned for mail or inbox, says the same of each.
  expect(en.why).toEqual([
    'last left out: email (no address that works), inbox (no address that works), sms (the order is below 200.00 CNY).',
    'first left out: email (no address that works), inbox (no address that works), sms (it leads to the buyer, but the step does not name it).',
    expect.stringMatching(/^No reminder went to the buyer/),
  ])
  expect(en.wouldHelp).toContainEqual(expect.stringContaining('externalId for the inbox'))
  expect(en.wouldHelp).toContainEqual(
    expect.stringMatching(/^Name sms in the step’s channels: dingdong flow show/),
  )
  const zh = await runOf('LEFT-1', 'zh')
  expect(zh.why[0]).toContain('sms（订单金额低于 200.00 CNY）')
  expect(zh.why[1]).toBe(
    'first 没有使用：email（没有可用的联系方式）、inbox（没有可用的联系方式）、sms（买家有这个渠道的联系方式，但这一步不使用）。',
  )
  expect(zh.why[2]).toMatch(/^没有一条提醒发给买家/)
})

it('a run of somebody in the holdout says that, and points at no message', async () => {
  const path = '/v1/flows/payment-failed-details'
  const { version, flow } = (await site.call('GET', path, { key: site.shop.key })).json
  const source = JSON.stringify({ ...flow, holdout: 50 })
  await site.call('PUT', path, { key: site.shop.key, json: { basedOn: version, source } })
  const expiresAt = site.clock.now() + HOUR
  const names = Array.from({ length: 20 }, (_, at) => `HELD-${at}`)
  const failed = names.map((no) =>
    orderEvent(no, 'payment.failed', no, {
      order: { no, total: { minor: 100, currency: 'CNY' }, expiresAt },
      customer: { email: `${no}@example.org` },
      payment: { id: no, rail: 'stripe', failure: { code: 'incorrect_cvc' } },
    }),
  )
  await site.keep(site.shop, ...failed)
  for (const minute of [20, 50, 60]) {
    site.clock.set(expiresAt - HOUR + minute * MINUTE)
    await site.engine.worker.drain()
  }
  const runs = await Promise.all(names.map((no) => runOf(no, 'en')))
  const held = runs.filter(({ arm }) => arm === 'held')
  expect(held.length).toBeGreaterThan(0)
  for (const run of held) {
    expect(run.stopReason).toBe('said_enough')
    expect(run.why).toEqual([expect.stringMatching(/^The buyer is in the holdout/)])
  }
})
