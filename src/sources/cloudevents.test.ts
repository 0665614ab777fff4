import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { eventShape, MAX_EVENTS, parseCloudEvents } from './cloudevents.ts'
import { cloudEvent, plainEvent } from './samples.ts'

const now = Date.UTC(2026, 10, 22, 9)
const ONE = 'application/cloudevents+json; charset=UTF-8'
const MANY = 'application/cloudevents-batch+json'
const PLAIN = 'application/json'

function parse(contentType: string, body: unknown) {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body))
  return parseCloudEvents(contentType, bytes, { now })
}

function eventsOf(contentType: string, body: unknown) {
  const parsed = parse(contentType, body)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.events
}

function problemsOf(contentType: string, body: unknown) {
  const parsed = parse(contentType, body)
  if (parsed.ok) throw new Error('expected problems')
  return parsed.problems
}

describe('events in a request', () => {
  test('are read as a CloudEvent, a batch of them, and plain JSON, one or a list', () => {
    const expected = {
      id: 'shop-1001',
      type: 'order.created',
      time: Date.UTC(2026, 10, 22, 8),
      subject: 'D20261122-17',
      data: {
        refs: [],
        order: { no: 'D20261122-17', total: { minor: 1999, currency: 'CNY' }, title: '年度会员' },
      },
    }
    expect(eventsOf(ONE, cloudEvent())).toMatchObject([{ ...expected, source: '/shop/orders' }])
    expect(eventsOf(MANY, [cloudEvent(), cloudEvent({ id: '2' })])).toMatchObject([expected, { id: '2' }])
    expect(eventsOf(PLAIN, plainEvent())).toMatchObject([{ ...expected, source: 'api' }])
    expect(eventsOf(PLAIN, [plainEvent()])).toMatchObject([expected])
    expect(eventsOf(PLAIN, cloudEvent())).toMatchObject([{ source: '/shop/orders' }])
  })

  test('without a time happened when they arrived', () => {
    expect(eventsOf(PLAIN, plainEvent({ time: undefined }))[0]!.time).toBe(now)
    expect(eventsOf(PLAIN, plainEvent({ time: null }))[0]!.time).toBe(now)
  })

  test('of an unknown type keep their data as extra, and may name an order', () => {
    const data = { refs: [{ kind: 'order_no', value: 'A1' }], level: 60, order: { anything: true } }
    expect(eventsOf(PLAIN, plainEvent({ type: 'game.levelled', data }))[0]!.data).toEqual({
      refs: data.refs,
      extra: data,
    })
    expect(eventsOf(PLAIN, plainEvent({ type: 'Game/Levelled', data: undefined }))[0]!.data).toEqual({
      refs: [],
      extra: {},
    })
  })

  test('of a known type keep what is beyond our fields as extra, readable by conditions', () => {
    const data = { order: { no: 'A1' }, extra: { a: 1 }, coupon: 'SPRING' }
    expect(eventsOf(PLAIN, plainEvent({ data }))[0]!.data).toEqual({
      refs: [],
      order: { no: 'A1' },
      extra: { coupon: 'SPRING', a: 1 },
    })
  })
})

describe('problems', () => {
  test('are all told, with the place of the event and the field', () => {
    const body = [
      plainEvent(),
      plainEvent({ id: '', type: 'has space', time: '2026-11-22' }),
      'text',
      plainEvent({
        data: { order: { total: { minor: -1, currency: 'CNY' }, payUrl: 'javascript:alert(1)' } },
      }),
      plainEvent({ data: [] }),
    ]
    expect(problemsOf(PLAIN, body).map(({ index, path }) => `${index} ${path}`)).toEqual([
      '1 id',
      '1 type',
      '1 time',
      '2 ',
      '3 data.order.total.minor',
      '3 data.order.payUrl',
      '4 data',
    ])
    expect(problemsOf(PLAIN, body)[2]!.problem).toBe(
      'expected a time with zone such as 2026-11-22T08:00:00Z, got "2026-11-22"',
    )
  })

  test.each([
    [ONE, { ...cloudEvent(), specversion: '0.3' }, 0, 'specversion'],
    [ONE, { ...cloudEvent(), source: undefined }, 0, 'source'],
    [ONE, { ...cloudEvent(), data: undefined, data_base64: 'AAAA' }, 0, 'data_base64'],
    [ONE, [cloudEvent()], null, ''],
    [MANY, cloudEvent(), null, ''],
    [MANY, [], null, ''],
    [PLAIN, [], null, ''],
    [PLAIN, null, 0, ''],
    ['text/plain', plainEvent(), null, ''],
    [PLAIN, Buffer.from('{"id":'), null, ''],
    [PLAIN, Buffer.from([0xff, 0xfe]), null, ''],
    [PLAIN, Buffer.from(''), null, ''],
    [PLAIN, Array.from({ length: MAX_EVENTS + 1 }, () => 1), null, ''],
  ])('%s with %j: event %j, field %j', (contentType, body, index, path) => {
    expect(problemsOf(contentType, body)[0]).toMatchObject({ index, path })
  })

  test('name text that cannot be kept, wherever it stands, to those who can mend it', () => {
    const odd = plainEvent({ data: { order: { no: 'S\ud800' }, coupon: { code: 'a\0' } }, subject: '\udfff' })
    const bytes = Buffer.from(JSON.stringify([plainEvent(), odd]))
    const refused = parseCloudEvents(PLAIN, bytes, { now, unstorable: 'refuse' })
    expect(refused).toEqual({
      ok: false,
      count: 2,
      problems: [
        ['subject', 'half a surrogate pair at character 1'],
        ['data.order.no', 'half a surrogate pair at character 2'],
        ['data.coupon.code', 'a NUL character at character 2'],
      ].map(([path, what]) => ({
        index: 1,
        path,
        problem: `expected well-formed text, got ${what}: leave it out`,
      })),
    })
    const mended = parseCloudEvents(PLAIN, bytes, { now })
    expect(mended).toMatchObject({ ok: true, events: [{}, { data: { order: { no: 'S\uFFFDd800' } } }] })
  })

  test('never quote what stood in a field of data', () => {
    const data = {
      customer: { email: 'secret-person@', phone: 'x'.repeat(99), name: '' },
      delivery: { id: 'd', keys: [42] },
    }
    expect(JSON.stringify(problemsOf(PLAIN, plainEvent({ data })))).not.toMatch(/secret-person|xxx|42/)
  })

  test('come for any bytes and any JSON; nothing throws', () => {
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      fc.json({ maxDepth: 6 }).map((text) => Buffer.from(text)),
      fc
        .dictionary(
          fc.constantFrom('id', 'type', 'time', 'data', 'subject', 'source', 'specversion', '__proto__'),
          fc.jsonValue(),
        )
        .map((object) => Buffer.from(JSON.stringify(object))),
    )
    fc.assert(
      fc.property(fc.constantFrom(ONE, MANY, PLAIN, '', 'application/xml'), body, (contentType, bytes) => {
        const parsed = parseCloudEvents(contentType, bytes, { now })
        expect(parsed.ok ? parsed.events.length : parsed.problems.length).toBeGreaterThan(0)
      }),
      { numRuns: 500 },
    )
  })
})

test('content types are known by name, whatever their case and parameters', () => {
  expect(eventShape('Application/JSON;charset=utf-8')).toBe('either')
  expect(eventShape('application/x-www-form-urlencoded')).toBeNull()
  expect(eventShape('')).toBeNull()
})
