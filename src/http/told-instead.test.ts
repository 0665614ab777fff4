import { afterAll, beforeAll, expect, it } from 'vitest'
import { openSite, orderEvent, type Site } from '../../test/kit/site.ts'
import { MINUTE } from '../domain/time.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
}, 60_000)
afterAll(() => site?.close())

const START = Date.parse('2026-11-23T02:00:00Z')

const failed = (no: string) =>
  orderEvent(no, 'payment.failed', no, {
    order: { no, total: { minor: 9_900, currency: 'CNY' } },
    customer: { email: 'one@example.org' },
    payment: { id: no, rail: 'stripe', failure: { code: 'incorrect_cvc' } },
  })

async function messageOf(no: string, lang: string) {
  const path = `/v1/orders/${no}/timeline?lang=${lang}`
  const { entries } = (await site.call('GET', path, { key: site.shop.key })).json
  return entries.find(({ kind }: { kind: string }) => kind === 'message').message
}

it('a message that another order spoke for names that message, and what would have to change', async () => {
  await site.keep(site.shop, failed('TOLD-1'))
  await site.keep(site.shop, failed('TOLD-2'))
  const spoke = await messageOf('TOLD-1', 'en')
  expect(spoke.state).toBe('sent')
  const en = await messageOf('TOLD-2', 'en')
  expect(en).toMatchObject({ state: 'dropped', verdict: 'drop:other_order_told' })
  expect(en.why.at(-1)).toBe(
    `What spoke instead is the message of order TOLD-1 (payment_failed_details → email, ${spoke.message}).`,
  )
  expect(en.wouldHelp.join()).toContain('tellOnceWithin')
  const zh = await messageOf('TOLD-2', 'zh')
  expect(zh.why.join()).toContain('收件人刚收到另一个订单的同类消息')
  expect(zh.why.at(-1)).toContain('订单 TOLD-1 的消息（payment_failed_details → email，msg_')
})

it('one that came a while later says until when it waits', async () => {
  site.clock.set(START + 5 * MINUTE)
  await site.keep(site.shop, failed('TOLD-3'))
  const { state, wouldHelp } = await messageOf('TOLD-3', 'en')
  expect(state).toBe('waiting')
  expect(wouldHelp[0]).toBe('It goes by itself at 2026-11-23 10:10 (Asia/Shanghai).')
})
