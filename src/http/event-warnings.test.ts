import { afterAll, beforeAll, expect, it } from 'vitest'
import { keptEvent, openSite, type Site } from '../../test/kit/site.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
}, 60_000)
afterAll(() => site?.close())

const post = (json: unknown, headers: Record<string, string> = {}) =>
  site.call('POST', '/v1/events', { key: site.shop.key, json, headers })

const kept = (event: string) => keptEvent(site, event)

it('takes an event whose buyer cannot be reached, and says so beside that event', async () => {
  const by = (customer: object, id: string) => ({ id, type: 'order.paid', subject: id, data: { customer } })
  const events = [
    by({ phone: '12ab', email: 'lin.secret@' }, 'w1'),
    by({ phone: '13800138000', email: 'lin@example.org' }, 'w2'),
    by({ phone: '010-12345678' }, 'w3'),
    { id: 'w4', type: 'order.paid', subject: 'w4' },
  ]
  const { status, json, text } = await post(events)
  expect(status).toBe(202)
  expect(json.results.map((each: { outcome: string }) => each.outcome)).toEqual(Array(4).fill('accepted'))
  expect(json.results.map((each: { warnings?: object[] }) => each.warnings)).toEqual([
    [
      {
        path: 'data.customer.email',
        code: 'EMAIL_INVALID',
        problem: expect.stringContaining('text of 11'),
      },
      { path: 'data.customer.phone', code: 'PHONE_INVALID', problem: expect.stringContaining('of CN') },
    ],
    undefined,
    [{ path: 'data.customer.phone', code: 'PHONE_NO_SMS', problem: expect.any(String) }],
    undefined,
  ])
  for (const personal of ['12ab', 'lin.secret', '12345678']) expect(text).not.toContain(personal)
  const again = (await post(events, { 'accept-language': 'zh' })).json.results
  expect(again[0]).toMatchObject({ outcome: 'duplicate', event: json.results[0].event })
  expect(again[0].warnings[1].problem).toMatch(/无法识别为 CN 的号码.*例如 \+86…。$/)
  expect((await kept(json.results[0].event))?.data.customer).toEqual({
    phone: '12ab',
    email: 'lin.secret@',
  })
})
