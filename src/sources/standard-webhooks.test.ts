import { Webhook } from 'standardwebhooks'
import { expect, test, vi } from 'vitest'
import { cloudEvent, plainEvent } from './samples.ts'
import { standardWebhooks } from './standard-webhooks.ts'

const now = Date.UTC(2026, 10, 22, 9)
const secret = `whsec_${Buffer.alloc(32, 'k').toString('base64')}`
const settings = standardWebhooks.settings.parse({ secrets: [secret] })

/** Signed by the reference library, which is also asked for its own verdict. */
function signed(body: unknown, more: Record<string, string> = {}) {
  const text = JSON.stringify(body)
  const at = new Date(now)
  const headers = {
    'content-type': 'application/json',
    'webhook-id': 'msg_sample',
    'webhook-timestamp': String(now / 1000),
    'webhook-signature': new Webhook(secret).sign('msg_sample', at, text),
    ...more,
  }
  return { method: 'POST', query: {}, headers, body: Buffer.from(text) }
}

test('what the reference library signs and accepts is taken', () => {
  const request = signed(plainEvent())
  vi.useFakeTimers({ toFake: ['Date'], now })
  try {
    expect(new Webhook(secret).verify(request.body, request.headers)).toEqual(plainEvent())
  } finally {
    vi.useRealTimers()
  }
  expect(standardWebhooks.receive(settings, request, now)).toMatchObject({
    kind: 'events',
    events: [{ id: 'shop-1001', type: 'order.created', source: 'standard-webhooks' }],
    reply: { status: 200 },
  })
})

test('any of several secrets may have signed, and any of several signatures may fit', () => {
  const rolled = standardWebhooks.settings.parse({
    secrets: [`whsec_${Buffer.alloc(24).toString('base64')}`, secret],
  })
  expect(standardWebhooks.receive(rolled, signed(plainEvent()), now).kind).toBe('events')
  const one = signed(plainEvent())
  const headers = {
    ...one.headers,
    'webhook-signature': `v1a,AAAA v1,AAAA ${one.headers['webhook-signature']}`,
  }
  expect(standardWebhooks.receive(settings, { ...one, headers }, now).kind).toBe('events')
})

test('a time more than five minutes off, either way, is refused', () => {
  for (const off of [-301_000, 301_000]) {
    expect(standardWebhooks.receive(settings, signed(plainEvent()), now + off).kind).toBe('forged')
  }
  expect(standardWebhooks.receive(settings, signed(plainEvent()), now - 300_000).kind).toBe('events')
})

test('another webhook-id than the signed one is refused', () => {
  expect(
    standardWebhooks.receive(settings, signed(plainEvent(), { 'webhook-id': 'msg_other' }), now).kind,
  ).toBe('forged')
})

test('a single event without an id takes webhook-id, an event of a list must have its own', () => {
  const event = plainEvent({ id: undefined })
  expect(standardWebhooks.receive(settings, signed(event), now)).toMatchObject({
    events: [{ id: 'msg_sample' }],
  })
  expect(standardWebhooks.receive(settings, signed([event]), now)).toMatchObject({
    kind: 'unreadable',
    path: 'events[0].id',
  })
})

test('CloudEvents and the recommended {type, timestamp, data} are read', () => {
  const cloud = signed(cloudEvent(), { 'content-type': 'application/cloudevents+json' })
  expect(standardWebhooks.receive(settings, cloud, now)).toMatchObject({
    events: [{ source: '/shop/orders' }],
  })
  const plain = { type: 'order.paid', timestamp: '2026-11-22T16:00:00+08:00', data: { order: { no: 'A1' } } }
  expect(standardWebhooks.receive(settings, signed(plain), now)).toMatchObject({
    events: [{ type: 'order.paid', time: Date.UTC(2026, 10, 22, 8) }],
  })
})

test('a field that is wrong is named', () => {
  const event = plainEvent({ data: { order: { total: { minor: 1, currency: 'cny' } } } })
  expect(standardWebhooks.receive(settings, signed(event), now)).toMatchObject({
    kind: 'unreadable',
    path: 'events[0].data.order.total.currency',
  })
})

test.each([
  '',
  'whsec_',
  'short',
  `whsec_${Buffer.alloc(16).toString('base64')}`,
  'whsec_not base64!'.padEnd(50, '!'),
])('the secret %j is refused when it is set', (bad) => {
  expect(standardWebhooks.settings.safeParse({ secrets: [bad] }).success).toBe(false)
})
