import { afterAll, beforeAll, expect, it } from 'vitest'
import { keptEvent, openSite, type Site } from '../../test/kit/site.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
}, 60_000)
afterAll(() => site?.close())

const send = (body: unknown, headers: Record<string, string> = {}) =>
  site.call('POST', '/v1/events', {
    key: site.shop.key,
    ...(typeof body === 'string' || Buffer.isBuffer(body) ? { body } : { json: body }),
    headers: { 'content-type': 'application/json', ...headers },
  })

const kept = (event: string) => keptEvent(site, event)

it('refuses a word for a currency, with the code that is meant, and an order event that names no order', async () => {
  const paid = (currency: string) => ({
    id: `cur-${currency}`,
    type: 'order.paid',
    subject: 'CUR-1',
    data: { order: { no: 'CUR-1', total: { minor: 100, currency } } },
  })
  const problemOf = async (event: unknown, language = 'en') => {
    const answer = await send(event, { 'accept-language': language })
    return [answer.status, answer.json.error.fields[0].path, answer.json.error.fields[0].problem]
  }
  const path = 'events[0].data.order.total.currency'
  expect(await problemOf(paid('RMB'))).toEqual([
    422,
    path,
    'expected a currency of ISO 4217, got "RMB"; did you mean CNY?',
  ])
  expect(await problemOf(paid('RMB'), 'zh')).toEqual([422, path, expect.stringMatching(/是否想写 CNY？$/)])
  expect((await send(paid('CNY'))).json.results[0].warnings).toBeUndefined()
  for (const type of ['order.paid', 'reservation.confirmed'])
    expect(await problemOf({ id: 'P3', type })).toEqual([
      422,
      'events[0].subject',
      expect.stringMatching(new RegExp(`type ${type} is about an order.*data.order.no.*data.refs`)),
    ])
  for (const [id, more] of Object.entries({
    ref: { data: { refs: [{ kind: 'shop_id', value: '7' }] } },
    subject: { subject: 'CUR-2' },
    no: { data: { order: { no: 'CUR-3' } } },
  }))
    expect((await send({ id: `named-${id}`, type: 'order.paid', ...more })).status).toBe(202)
  const bySubject = await send({ id: 'by-subject', type: 'order.paid', subject: 'CUR-4' })
  expect(await kept(bySubject.json.results[0].event)).toMatchObject({ data: { order: { no: 'CUR-4' } } })
  for (const type of ['stock.low', 'customer.updated'])
    expect((await send({ id: `free-${type}`, type })).json.results[0].warnings).toBeUndefined()
  // Of a type of the sender's own nobody knows whether it is about an order: only the type is told.
  for (const type of ['weather.rainy', 'order.shipped']) {
    const { warnings } = (await send({ id: `free-${type}`, type })).json.results[0]
    expect(warnings.map(({ code }: { code: string }) => code)).toEqual(['TYPE_UNKNOWN'])
  }
})

it('takes what may be meant all the same, and says what it costs', async () => {
  const warned = async (event: object, language = 'en') => {
    const { status, json } = await send(event, { 'accept-language': language })
    expect(status).toBe(202)
    return [json.results[0].event, json.results[0].warnings] as const
  }
  // At every amount the same word: told once.
  const amount = { minor: 100, currency: 'PTS' }
  const points = { order: { no: 'PTS-1', total: amount }, payment: { id: 'p', amount } }
  const [, unknown] = await warned({ id: 'pts', type: 'order.paid', data: points }, 'zh')
  expect(unknown.map(({ path, code }: { path: string; code: string }) => [path, code])).toEqual([
    ['data.order.total.currency', 'CURRENCY_UNKNOWN'],
  ])
  expect(unknown[0].problem).toMatch(/收到的是“PTS”/)
  // The subject of a payment may be the payment, that of an after-sales event is the case.
  for (const type of ['payment.failed', 'aftersale.opened']) {
    const [event, unnamed] = await warned({ id: `of-${type}`, type, subject: 'pi_1' })
    expect(unnamed).toMatchObject([{ path: 'data.order.no', code: 'ORDER_UNNAMED' }])
    expect((await kept(event))?.data.order).toBeUndefined()
  }
  const own = { left_out: ['小明 13800138000'] }
  expect((await warned({ id: 'own', type: 'stock.low', data: { extra: own } }))[1]).toBeUndefined()
})
