import { afterAll, beforeAll, expect, it } from 'vitest'
import { openSite, orderEvent, type Site } from '../../test/kit/site.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
}, 60_000)
afterAll(() => site?.close())

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

it('a message that waits for another order’s names that one, until when it waits, and what would have to change', async () => {
  await site.keep(site.shop, failed('TOLD-1'))
  await site.keep(site.shop, failed('TOLD-2'))
  const spoke = await messageOf('TOLD-1', 'en')
  expect(spoke.state).toBe('sent')
  const en = await messageOf('TOLD-2', 'en')
  expect(en.state).toBe('waiting')
  expect(en.why.at(-1)).toBe(
    `What goes first is the message of order TOLD-1 (payment_failed_details → email, ${spoke.message}).`,
  )
  expect(en.wouldHelp[0]).toBe('It goes by itself at 2026-11-23 10:10 (Asia/Shanghai).')
  const zh = await messageOf('TOLD-2', 'zh')
  expect(zh.why.join()).toContain('收件人另一个订单的同类消息先发')
  expect(zh.why.at(-1)).toContain('订单 TOLD-1 的消息（payment_failed_details → email，msg_')
})
