import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { testRandom } from '../../test/kit/fixed.ts'
import { createHttpClient, type OwnedHttpClient } from '../channels/http-client.ts'
import { type HttpListener, type LabReaction, type LabRequest, listenHttp } from '../lab/http-listener.ts'
import { epay } from './epay.ts'
import type { Answered, Question } from './source.ts'

const secrets = [24, 32].map((length) => `whsec_${Buffer.alloc(length, length).toString('base64')}`)
const question: Question = {
  refs: [
    { kind: 'order_no', value: 'D1' },
    { kind: 'epay_trade', value: '2026' },
  ],
  total: { minor: 1999, currency: 'CNY' },
  placedAt: null,
}
const paid = { id: 'D1-paid', type: 'order.paid', data: { order: { no: '#D1' } } }

let shop: HttpListener
let http: OwnedHttpClient
let seen: LabRequest[]
let reaction: LabReaction

beforeAll(async () => {
  shop = await listenHttp({
    port: 0,
    react: async (request) => {
      seen.push(request)
      return reaction
    },
  })
  http = createHttpClient({ allowOrigins: [shop.origin] })
})
afterAll(async () => {
  await http?.close()
  await shop?.close()
})
beforeEach(() => {
  seen = []
})

function ask(answer: LabReaction, more: object = {}): Promise<Answered> {
  reaction = answer
  const settings = epay.settings.parse({
    pid: '1001',
    keys: ['the key of the rail'],
    queryThrough: 'shop',
    shopQueryUrl: `${shop.origin}/orders`,
    shopQuerySecrets: secrets,
    ...more,
  })
  const { signal } = new AbortController()
  return epay.query!(settings, question, { http: http.request, random: testRandom, now: Date.now(), signal })
}
const events = (list: unknown): LabReaction => ({ status: 200, body: JSON.stringify({ events: list }) })

test('a shop is asked by signed names, and answers in our own words', async () => {
  expect(await ask(events([paid]))).toMatchObject({
    kind: 'events',
    events: [{ id: 'D1-paid', type: 'order.paid', data: { order: { no: '#D1' } } }],
  })
  const [{ method, path, headers, body }] = seen as [LabRequest]
  expect([method, path]).toEqual(['POST', '/orders'])
  for (const secret of secrets) new Webhook(secret).verify(body, headers)
  expect(JSON.parse(body)).toMatchObject({
    type: 'order.query',
    data: { refs: question.refs, total: question.total, placedAt: null },
  })
  expect(body).not.toContain('the key of the rail')
})

test.each([
  ['nothing decided yet', events([]), { kind: 'pending' }],
  ['an order it does not know', { status: 404 }, { kind: 'stranger' }],
  [
    'too many questions',
    { status: 429, headers: { 'retry-after': '9' } },
    { kind: 'later', code: 'shop_429', retryAfter: 9_000 },
  ],
  ['its own trouble', { status: 503 }, { kind: 'later', code: 'shop_503', retryAfter: null }],
  ['a dropped connection', 'drop', { kind: 'later', code: 'http_closed', retryAfter: null }],
  ['a signature it does not take', { status: 401 }, { kind: 'operator', code: 'shop_401' }],
  [
    'a redirect',
    { status: 302, headers: { location: 'https://a.example' } },
    { kind: 'operator', code: 'shop_302' },
  ],
  ['no JSON', { status: 200, body: '<html>' }, { kind: 'operator', code: 'shop_answer_unreadable' }],
  ['no events', { status: 200, body: '{"paid":true}' }, { kind: 'operator', code: 'shop_answer_unreadable' }],
  [
    'an event without id',
    events([{ type: 'order.paid' }]),
    { kind: 'operator', code: 'shop_answer_unreadable' },
  ],
  [
    'another order',
    events([paid, { ...paid, id: 'x', data: { order: { no: 'D2' } } }]),
    { kind: 'operator', code: 'shop_answered_about_another_order' },
  ],
] as const)('a shop that answers with %s is understood', async (_, answer, expected) => {
  expect(await ask(answer as LabReaction)).toEqual(expected)
})

test('nobody is asked where nobody is to be asked', async () => {
  expect(await ask(events([paid]), { queryThrough: 'off' })).toEqual({ kind: 'stranger' })
  expect(seen).toEqual([])
})
