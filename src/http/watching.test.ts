import { afterAll, beforeAll, expect, it } from 'vitest'
import { openSite, type Site } from '../../test/kit/site.ts'
import { createMetrics } from '../pipeline/metrics.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
  const { registry, fates, eventsKept } = createMetrics()
  eventsKept.inc({ outcome: 'accepted' })
  for (const shop of ['first', 'second'])
    fates.inc({
      shop,
      channel: 'sms',
      provider: 'sms-http',
      account: `acct_${shop}`,
      account_name: `of ${shop} {"shop="first""}`,
      fate: 'sent',
    })
  Object.assign(site.deps, { metrics: { render: () => registry.metrics() } })
}, 60_000)
afterAll(() => site?.close())

const fatesIn = (text: string) => [...text.matchAll(/account="acct_(\w+)"/g)].map(([, shop]) => shop)

it('shows a shop’s key nothing of another shop', async () => {
  for (const shop of [site.shop, site.other]) {
    const key = await site.keyWith(shop, ['metrics:read'])
    const { status, text } = await site.call('GET', '/metrics', { key })
    const { slug } = (await site.deps.configs.get(shop.id)).row
    expect([status, fatesIn(text)]).toEqual([200, [slug]])
    expect(text).toContain('dingdong_events_kept_total{outcome="accepted"} 1')
    expect(text).toContain('# TYPE dingdong_fates_total counter')
  }
})

it('shows this machine and the administrator every shop', async () => {
  expect(fatesIn((await site.call('GET', '/metrics')).text)).toEqual(['first', 'second'])
  const headers = { cookie: await site.login(), 'x-forwarded-for': '203.0.113.9' }
  expect(fatesIn((await site.call('GET', '/metrics', { headers })).text)).toEqual(['first', 'second'])
})
