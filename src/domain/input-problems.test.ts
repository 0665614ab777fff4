import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { eventData } from './event.ts'
import { issueText, type Language, readInstant, timeProblem } from './input-problems.ts'

const problems = (data: unknown, language: Language = 'en') => {
  const read = eventData.safeParse(data)
  if (read.success) throw new Error('expected problems')
  return read.error.issues.map((issue) => `${issue.path.join('.')}: ${issueText(issue, data, language)}`)
}
const order = (fields: object) => ({ order: fields })

describe('instants in data', () => {
  const at = Date.UTC(2026, 10, 28)

  test('come as epoch milliseconds or as ISO 8601 with a zone, and are kept alike', () => {
    for (const value of [
      at,
      '2026-11-28T00:00:00Z',
      '2026-11-28T08:00:00+08:00',
      '2026-11-28T00:00:00.000Z',
    ]) {
      const { order: read } = eventData.parse(
        order({ expiresAt: value, placedAt: value, reservedUntil: value }),
      )
      expect(read).toEqual({ expiresAt: at, placedAt: at, reservedUntil: at })
    }
  })

  test('lie between 2000 and 2199', () => {
    fc.assert(
      fc.property(fc.oneof(fc.maxSafeInteger(), fc.double(), fc.string(), fc.date().map(String)), (value) => {
        const read = readInstant(value)
        if (read === null) return
        expect([read >= Date.UTC(2000, 0), read < Date.UTC(2200, 0)]).toEqual([true, true])
      }),
    )
    expect(readInstant(Date.UTC(2000, 0))).not.toBeNull()
    expect(readInstant(Date.UTC(2000, 0) - 1)).toBeNull()
    expect(readInstant(Date.UTC(2200, 0))).toBeNull()
  })

  test('that are none say what came and what it would be', () => {
    const expected =
      'order.expiresAt: expected epoch milliseconds such as 1795824000000 or ISO 8601 with its zone such as 2026-11-28T00:00:00Z, from 2000 to 2199, got '
    for (const [value, got] of [
      [1_795_669_000, '1795669000, which would be 1970-01-21: seconds?'],
      [Number.MAX_SAFE_INTEGER, '9007199254740991'],
      [1_795_824_000_000_000, '1795824000000000, which would be in the year 58877'],
      ['2026-11-28', '"2026-11-28"'],
      [true, 'true'],
      [null, 'null'],
      [1.5, '1.5, which would be in the year 1970'],
    ] as const)
      expect(problems(order({ expiresAt: value }))).toEqual([expected + got])
    expect(problems(order({ expiresAt: 1_795_669_000 }), 'zh')[0]).toContain('是否误用了秒')
  })
})

test('problems say what was expected and what came, in both languages, and show no pattern', () => {
  const data = {
    refs: [{ kind: 'Order No', value: '' }],
    order: {
      total: { minor: -1, currency: 'cny' },
      payUrl: 'javascript:alert(1)',
      pageUrl: 'shop.example',
      title: 7,
      items: [{ name: 'x'.repeat(501), quantity: 0 }],
    },
    payment: { scheme: 'VISA', alternatives: [{ key: '?', url: 'https://shop.example' }] },
    customer: { email: 7, segment: 'Office Hours' },
    client: { ip: '1.2.3' },
    extra: [],
  }
  expect(problems(data)).toEqual([
    'refs.0.kind: expected a kind of at most 32 small letters, digits and _ such as order_no, got "Order No"',
    'refs.0.value: expected text that is not empty, got empty text',
    'order.total.minor: expected a number, 0 or more, got -1',
    'order.total.currency: expected a currency as three capital letters such as CNY, got "cny"',
    'order.title: expected text, got a number',
    'order.items.0.name: expected at most 500 characters, got 501',
    'order.items.0.quantity: expected a number, 1 or more, got 0',
    'order.payUrl: expected a web address that begins with https:// or http://, got one that begins with javascript:',
    'order.pageUrl: expected a web address that begins with https:// or http://, got text of 12 characters',
    'payment.id: expected text, got nothing',
    'payment.scheme: expected a card scheme of small letters, digits and _ such as visa, got "VISA"',
    'payment.alternatives.0.key: expected a key such as alipay or balance, got "?"',
    'client.ip: expected an IP address, got text of 5 characters',
    'customer.email: expected text, got a number',
    'customer.segment: expected a name of at most 48 small letters, digits and hyphens such as office, got "Office Hours"',
    'extra: expected an object, got a list',
  ])
  for (const problem of problems(data, 'zh')) expect(problem).toMatch(/[\u4e00-\u9fff]/)
  expect(problems(data, 'zh')).toContain(
    'order.total.currency: 应为三个大写字母的货币代码，例如 CNY，收到的是"cny"',
  )
})

test('an event’s time has come, at most an hour ahead of our clock', () => {
  const now = Date.UTC(2026, 10, 22, 8)
  const problem = (value: unknown) => timeProblem(value, now, 'en')
  expect(problem('2026-11-22T08:00:00Z')).toBeNull()
  expect(problem('2026-11-22T09:00:00Z')).toBeNull()
  expect(problem('2000-01-01T00:00:00Z')).toBeNull()
  expect(problem('2026-11-22T16:00:00Z')).toBe(
    'expected a time that has come, from 2000 on (here it is 2026-11-22T08:00:00.000Z), got "2026-11-22T16:00:00Z", which is 8 h ahead: another zone?',
  )
  for (const value of ['1970-01-01T00:00:00Z', '2999-01-01T00:00:00Z', '2026-11-22T09:00:01Z'])
    expect(problem(value)).toContain(`got "${value}"`)
  for (const value of [1_795_669_000, '2026-11-22', null, {}])
    expect(problem(value)).toMatch(/^expected a time with zone such as 2026-11-22T08:00:00Z, got /)
})
