import { afterAll, beforeAll, expect, it } from 'vitest'
import { openSite, type Site } from '../../test/kit/site.ts'
import { readEvents } from '../db/todo.ts'
import { parseId } from '../domain/ids.ts'
import { openEvent } from '../pipeline/open-event.ts'

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

const kept = async (event: string) => {
  const [row] = await readEvents(site.deps.db, site.shop.id, [parseId('evt', event)!])
  return row && openEvent(site.shop.id, row, await site.deps.keyring.open(site.shop.id))
}

it('refuses a currency that does not exist, with the one probably meant, and an order event that names no order', async () => {
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
  expect(await problemOf(paid('XXQ'), 'zh')).toEqual([422, path, expect.stringMatching(/收到的是“XXQ”/)])
  expect((await send(paid('CNY'))).status).toBe(202)
  for (const type of ['order.paid', 'payment.failed', 'reservation.confirmed'])
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
  // The subject of an after-sales event is the case.
  expect((await problemOf({ id: 'P4', type: 'aftersale.opened', subject: 'case-1' }))[1]).toBe(
    'events[0].data.order.no',
  )
  for (const type of ['stock.low', 'customer.updated', 'weather.rainy'])
    expect((await send({ id: `free-${type}`, type })).status).toBe(202)
})
