import { afterAll, beforeAll, expect, it } from 'vitest'
import { openSite, type Site } from '../../test/kit/site.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
}, 60_000)
afterAll(() => site?.close())

const ATTRIBUTES = {
  'ce-specversion': '1.0',
  'ce-id': 'bin-1',
  'ce-source': '/shop',
  'ce-type': 'order.created',
  'ce-subject': 'B%2D1%20%E5%8D%95',
}
const send = (headers: Record<string, string>, body: string | Buffer = '{"order":{"title":"年卡"}}') =>
  site.call('POST', '/v1/events', { key: site.shop.key, body, headers })
const JSON_TYPE = { 'content-type': 'application/json' }

it('takes CloudEvents in binary mode, the same event as in structured mode', async () => {
  const answer = await send({ ...ATTRIBUTES, ...JSON_TYPE })
  expect([answer.status, answer.json.results]).toEqual([
    202,
    [{ id: 'bin-1', outcome: 'accepted', event: expect.stringMatching(/^evt_/) }],
  ])
  const structured = {
    specversion: '1.0',
    id: 'bin-1',
    source: '/shop',
    type: 'order.created',
    subject: 'B-1 单',
    data: { order: { title: '年卡' } },
  }
  const again = await send({ 'content-type': 'application/cloudevents+json' }, JSON.stringify(structured))
  expect(again.json.results).toEqual([
    { id: 'bin-1', outcome: 'duplicate', event: answer.json.results[0].event },
  ])
})

it('takes one without content type as JSON, and one without data', async () => {
  const bytes = Buffer.from('{"order":{"no":"B-2"}}')
  expect((await send({ ...ATTRIBUTES, 'ce-id': 'bin-2' }, bytes)).status).toBe(202)
  expect((await send({ ...ATTRIBUTES, ...JSON_TYPE, 'ce-id': 'bin-3' }, '')).status).toBe(202)
})

it('says which header is wrong, in the language asked for, and that other data than JSON is none of ours', async () => {
  const { 'ce-type': _, ...untyped } = ATTRIBUTES
  const { status, json } = await send({ ...untyped, ...JSON_TYPE, 'ce-time': '%E5', 'accept-language': 'zh' })
  expect([status, json.error.code]).toEqual([422, 'EVENTS_INVALID'])
  expect(json.error.fields).toEqual([{ path: 'ce-time', problem: expect.stringMatching(/^应为 ASCII/) }])
  const missing = await send({ ...untyped, ...JSON_TYPE })
  expect(missing.json.error.fields).toEqual([
    { path: 'ce-type', problem: 'expected text of 1 to 100 characters, got nothing' },
  ])
  const xml = await send({ ...ATTRIBUTES, 'content-type': 'application/xml' }, '<order/>')
  expect([xml.status, xml.json.error.message]).toEqual([
    415,
    'Expected content type application/json, got application/xml.',
  ])
})
