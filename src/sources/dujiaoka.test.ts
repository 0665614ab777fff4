import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dujiaoka, keysOf } from './dujiaoka.ts'
import { dujiaokaOrder } from './samples.ts'

const now = Date.UTC(2026, 10, 22, 9)
const settings = dujiaoka.settings.parse({ pathSecret: 'a-path-secret-of-32-characters-or-more' })

function receive(body: unknown, query: Record<string, string> = {}, options = settings) {
  const bytes = Buffer.from(JSON.stringify(body))
  return dujiaoka.receive(options, { method: 'POST', query, headers: {}, body: bytes }, now)
}

function eventsOf(body: object, query?: Record<string, string>) {
  const received = receive(body, query)
  if (received.kind !== 'events') throw new Error(JSON.stringify(received))
  return received.events
}

test('a paid 独角数卡 order is two events: paid, and delivered with its card keys', () => {
  const [paid, delivered, ...rest] = eventsOf(dujiaokaOrder())
  expect(rest).toEqual([])
  const order = {
    no: 'K7XQ2M9PZ4TB1WVC',
    total: { minor: 1990, currency: 'CNY' },
    title: '月卡 x 2',
    items: [{ name: '月卡', quantity: 2, sku: '5' }],
  }
  expect(paid).toMatchObject({
    type: 'order.paid',
    time: now,
    subject: 'K7XQ2M9PZ4TB1WVC',
    data: { order, customer: { email: 'buyer@example.com' } },
  })
  expect(paid!.data.delivery).toBeUndefined()
  expect(delivered).toMatchObject({
    type: 'order.delivered',
    data: {
      order,
      delivery: { id: 'K7XQ2M9PZ4TB1WVC', keys: ['AAAA-BBBB-CCCC-0001', 'AAAA-BBBB-CCCC-0002'] },
    },
  })
})

test('the paid event holds no card key anywhere', () => {
  expect(JSON.stringify(eventsOf(dujiaokaOrder())[0])).not.toContain('AAAA')
})

test('its second try is the same events; other keys for the same order are another delivery', () => {
  const ids = (more: object) => eventsOf(dujiaokaOrder(more)).map((event) => event.id)
  expect(ids({})).toEqual(ids({}))
  const [paid, delivered] = ids({ order_info: 'DDDD-0003' })
  expect(paid).toBe(ids({})[0])
  expect(delivered).not.toBe(ids({})[1])
})

test('ids cannot be recomputed from a guessed card key without the path’s secret', () => {
  const other = dujiaoka.settings.parse({ pathSecret: 'another-path-secret-of-32-characters' })
  const received = receive(dujiaokaOrder(), {}, other)
  expect(received.kind === 'events' && received.events[1]!.id).not.toBe(eventsOf(dujiaokaOrder())[1]!.id)
})

test('an order that was paid when the cards had run out is paid, not delivered, and says so', () => {
  for (const order_info of ['库存可使用卡密不足，请联系管理员核查', '庫存可使用卡密不足，請聯系管理員核查']) {
    const events = eventsOf(dujiaokaOrder({ order_info }))
    expect(events.map((event) => event.type)).toEqual(['order.paid'])
    expect(events[0]!.data.extra).toEqual({ out_of_cards: true })
  }
})

test('a product delivered by hand gives what the buyer typed, not keys', () => {
  const events = eventsOf(dujiaokaOrder({ order_info: '充值账号:demo_player\n' }), { delivery: 'manual' })
  expect(events.map((event) => event.type)).toEqual(['order.paid'])
  expect(events[0]!.data.extra).toEqual({ buyer_input: '充值账号:demo_player' })
})

test.each([
  [19.9, 1990],
  ['19.90', 1990],
  ['0.00', 0],
  [20, 2000],
])('a price of %j is %i fen', (actual_price, minor) => {
  expect(eventsOf(dujiaokaOrder({ actual_price }))[0]!.data.payment?.amount).toEqual({
    minor,
    currency: 'CNY',
  })
})

test('no card key is ever dropped, however many or long', () => {
  const line = fc.string({ unit: fc.constantFrom('A', '9', '-', '卡'), minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(fc.array(line, { maxLength: 1_500 }), fc.constantFrom('\n', '\r\n'), (lines, end) => {
      const keys = keysOf(lines.join(end))
      expect(keys.length).toBeLessThanOrEqual(500)
      expect(keys.join('\n')).toBe(lines.join('\n'))
      for (const key of keys) expect(key.length).toBeLessThanOrEqual(4_000)
    }),
    { numRuns: 50 },
  )
  const long = 'x'.repeat(9_001)
  expect(keysOf(long).join('')).toBe(long)
  expect(eventsOf(dujiaokaOrder({ order_info: long }))[1]!.data.delivery?.keys.join('')).toBe(long)
})

test('a body without an order number, or no JSON, is unreadable', () => {
  expect(receive({ title: 'x' })).toMatchObject({ kind: 'unreadable', path: 'order_sn' })
  expect(receive('text')).toMatchObject({ kind: 'unreadable' })
})
