import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DAY, HOUR, type Instant, MINUTE } from '../time.ts'
import { type CapMessage, capRule, capRules, counterOf, isCounted, reasonOf, windowOf } from './cap-rules.ts'
import { gate } from './gate.ts'
import { at, gateInput } from './testing/inputs.ts'
import { local } from './testing/oracle.ts'

const message = (changes: Partial<CapMessage> = {}): CapMessage => ({
  purpose: 'reminder',
  channel: 'sms',
  category: 'payment-recovery',
  template: 'payment_failed_other',
  audience: 'buyer',
  ...changes,
})
const rule = (changes: object = {}) => capRule.parse({ name: 'reminders', max: 2, within: '72h', ...changes })

describe('which messages a cap counts', () => {
  test.each([
    ['everything a buyer gets, by default', {}, {}, true],
    ['no essential message', {}, { purpose: 'essential' }, false],
    ['no member’s message', {}, { audience: 'member' }, false],
    [
      'both where a provider would count them',
      { all: true },
      { purpose: 'essential', audience: 'member' },
      true,
    ],
    ['nothing that goes to the shop’s own system', { all: true }, { channel: 'webhook' }, false],
    ['only its purpose', { of: { purpose: 'promotion' } }, {}, false],
    ['only its channel', { of: { channel: 'email' } }, {}, false],
    ['only its category', { of: { category: 'orders' } }, {}, false],
    ['only its template', { of: { template: 'payment_failed_1h' } }, {}, false],
    ['what all its words fit', { of: { channel: 'sms', purpose: 'reminder' } }, {}, true],
  ] as const)('%s', (_title, of, changes, counted) => {
    expect(isCounted(rule(of), message(changes))).toBe(counted)
  })

  test('a rule may count each template by itself', () => {
    expect(counterOf(rule({ each: 'template' }), message())).toBe('reminders/payment_failed_other')
    expect(counterOf(rule(), message())).toBe('reminders')
  })

  test('a full counter names what it is about', () => {
    const reasons = [
      rule(),
      rule({ within: 'day', to: 'address' }),
      rule({ within: 'day', of: { channel: 'sms' } }),
      rule({ within: 'day', of: { purpose: 'promotion' } }),
      rule({ within: 'day', of: { category: 'orders', purpose: 'service' } }),
    ].map(reasonOf)
    expect(reasons).toEqual(['cap_window', 'cap_address', 'cap_channel', 'cap_purpose', 'cap_category'])
  })
})

describe('a rule that cannot be meant is refused with what was expected', () => {
  test.each([
    [{ within: '0m' }, 'within', 'expected day'],
    [{ within: '32d' }, 'within', 'expected day'],
    [{ within: 'week' }, 'within', 'expected day'],
    [{ name: 'Reminders!' }, 'name', 'expected a name'],
    [{ max: 0 }, 'max', '>=1'],
    [{ of: { chanel: 'sms' } }, 'of', 'chanel'],
  ])('%j', (changes, path, text) => {
    const read = capRule.safeParse({ name: 'reminders', max: 2, within: '72h', ...changes })
    expect(read.error?.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)).toEqual([
      expect.stringContaining(text),
    ])
    expect(read.error?.issues[0]?.path[0]).toBe(path)
  })

  test('as are two rules of one name', () => {
    const read = capRules.safeParse([rule(), rule()])
    expect(read.error?.issues[0]?.path).toEqual([1, 'name'])
  })
})

test('however messages come, no stretch of a rolling window and no local day ever holds more than its cap', () => {
  const start = at('2026-03-07T00:00:00-05:00')
  // Over the night on which New York loses an hour.
  const zone = 'America/New_York'
  const arrivals = fc.array(fc.integer({ min: 0, max: 6 * 1440 }), { minLength: 1, maxLength: 40 })
  const rolling = fc.record({ max: fc.integer({ min: 1, max: 3 }), hours: fc.integer({ min: 1, max: 96 }) })
  fc.assert(
    fc.property(arrivals, rolling, fc.integer({ min: 1, max: 3 }), (minutes, { max, hours }, perDay) => {
      const within = windowOf(rule({ within: `${hours}h` }))!
      const sent: Instant[] = []
      // Each waits until the gate lets it go, as a held message does; the earliest hold comes first.
      const due = minutes.map((minute) => start + minute * MINUTE)
      for (let turns = 0; due.length > 0 && turns < 2_000; turns++) {
        due.sort((a, b) => a - b)
        const now = due.shift()!
        const usedByDay: Record<string, number> = {}
        for (const each of sent) {
          const { day } = local(zone, each)
          usedByDay[day] = (usedByDay[day] ?? 0) + 1
        }
        const counter = { usedByDay, because: 'cap_window' as const }
        const rules = [
          { ...counter, name: 'rolling', max, within, taken: sent },
          { ...counter, name: 'daily', max: perDay, within: null, taken: [] },
        ]
        const expiresAt = now + 20 * DAY
        const verdict = gate(
          gateInput({
            now,
            timeZone: zone,
            quiet: [],
            message: { dueAt: now, expiresAt },
            caps: { perDay: 50, rules },
          }),
        )
        if (verdict.kind === 'send') sent.push(now)
        if (verdict.kind === 'hold') due.push(verdict.until)
      }
      for (const from of sent)
        expect(sent.filter((each) => each >= from && each < from + within).length).toBeLessThanOrEqual(max)
      for (const count of Map.groupBy(sent, (each) => local(zone, each).day).values())
        expect(count.length).toBeLessThanOrEqual(perDay)
      expect(sent.length).toBeGreaterThan(0)
    }),
    { numRuns: 150 },
  )
})

test('room comes back to the millisecond, and not a millisecond before', () => {
  const first = at('2026-11-20T10:00:00+08:00')
  const counter = { name: 'r', max: 2, within: 72 * HOUR, usedByDay: {}, because: 'cap_window' as const }
  const ask = (now: Instant) =>
    gate(
      gateInput({
        now,
        message: { dueAt: now, expiresAt: now + 5 * DAY },
        caps: { rules: [{ ...counter, taken: [first, first + HOUR] }] },
      }),
    )
  expect(ask(first + 72 * HOUR - 1)).toMatchObject({
    kind: 'hold',
    until: first + 72 * HOUR,
    reasons: ['cap_window'],
  })
  expect(ask(first + 72 * HOUR).kind).toBe('send')
})
