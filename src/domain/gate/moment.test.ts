import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { capRules } from './cap-rules.ts'
import { gate } from './gate.ts'
import { decodeMoment, encodeMoment, policyIn } from './moment.ts'
import { buildInput, type CounterState, type GatePolicy, type MessageFacts, type Moment } from './policy.ts'
import { anyInput } from './testing/arbitrary.ts'
import { at } from './testing/inputs.ts'
import { decodeVerdict, encodeVerdict, momentOf, plainVerdict } from './verdict.ts'

const CAPS = capRules.parse([
  { name: 'remind', max: 2, within: '72h', of: { purpose: 'reminder' } },
  { name: 'many', max: 7, within: '24h', all: true },
  { name: 'sms', max: 1, within: 'day', of: { channel: 'sms' } },
])
const ID = 'A'.repeat(22)

/** The parts of a gate input, apart as they are recorded. */
const parts = anyInput.chain((input) =>
  fc
    .record({
      many: fc.array(fc.integer({ min: 0, max: 4 * 86_400_000 }), { maxLength: 12 }),
      segment: fc.constantFrom(null, 'office', 'unheard-of'),
      own: fc.boolean(),
    })
    .map(({ many, segment, own }) => {
      const { message, caps, told = null } = input
      const policy: GatePolicy = {
        timeZone: input.shopTimeZone,
        capPerDay: caps.perDay,
        caps: CAPS,
        ordersApart: '10m',
        windows: { office: [...input.windows] },
        levels: {},
        quiet: { [message.channel]: [...input.quiet] },
        ...(input.dropBelow ? { dropBelow: input.dropBelow } : {}),
      }
      const facts: MessageFacts = {
        ...message,
        template: 'hello',
        stops: [
          ...(message.stopsWhenPaid ? ['paid'] : []),
          ...(message.stopsWhenClosed ? ['closed'] : []),
          ...(message.anyHour ? ['any_hour'] : []),
        ],
      }
      const { taken, usedByDay } = caps.rules[0] ?? { taken: [], usedByDay: {} }
      const counters = new Map<string, CounterState>([
        ['remind', { taken, usedByDay }],
        ['many', { taken: many.map((before) => input.now - before), usedByDay: {} }],
        ['sms', { taken: [], usedByDay }],
      ])
      const { now, killed, order, contact, preferences, consent, account } = input
      const moment: Moment = {
        ...{ now, killed, order, contact, preferences, consent, account, segment, counters },
        dueAt: message.dueAt,
        timeZone: own ? input.timeZone : null,
        usedByDay: caps.usedByDay,
        told,
      }
      return { policy, facts, moment }
    }),
)

describe('a recorded moment', () => {
  test('leads to the same verdict when it is read back', () => {
    const seen = { send: 0, hold: 0, drop: 0 }
    fc.assert(
      fc.property(parts, ({ policy, facts, moment }) => {
        const text = encodeMoment(moment, { id: ID, body: policy }, facts)
        const read = decodeMoment(text, policy)!
        const verdict = gate(buildInput(policy, facts, moment))
        seen[verdict.kind]++
        expect(gate(buildInput(policy, facts, read))).toEqual(verdict)
        expect(policyIn(text)).toBe(ID)
      }),
      { numRuns: 3_000 },
    )
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(100)
  })

  test('fits behind its verdict in 300 bytes of plain ASCII', () => {
    let longest = 0
    fc.assert(
      fc.property(parts, ({ policy, facts, moment }) => {
        const text = encodeMoment(moment, { id: ID, body: policy }, facts)
        const verdict = gate(buildInput(policy, facts, moment))
        const line = encodeVerdict(verdict, text)
        longest = Math.max(longest, line.length)
        expect(line).toMatch(/^[\x20-\x7e]{1,300}$/)
        expect(momentOf(line)).toBe(text)
        expect(decodeVerdict(line)).toEqual(verdict)
        expect(plainVerdict(line)).toBe(encodeVerdict(verdict))
      }),
      { numRuns: 3_000 },
    )
    expect(longest).toBeGreaterThan(100)
  })

  test('of an ordinary message takes the instant, the policy and nothing else', () => {
    const moment: Moment = {
      now: at('2026-11-22T10:00:00+08:00'),
      dueAt: 0,
      killed: null,
      order: null,
      contact: { usable: 'ok' },
      preferences: { pausedUntil: null, off: ['promotion'] },
      consent: { promotion: false },
      timeZone: 'Asia/Shanghai',
      segment: null,
      usedByDay: { '2026-11-20': 3 },
      counters: new Map(),
      account: { state: 'ok', resumesAt: null },
      told: null,
    }
    const policy = {
      timeZone: 'Asia/Shanghai',
      capPerDay: 3,
      caps: [],
      ordersApart: '10m',
      windows: {},
      levels: {},
      quiet: {},
    }
    const facts: MessageFacts = {
      purpose: 'service',
      channel: 'email',
      category: 'orders',
      template: 'order_paid',
      audience: 'buyer',
      stops: [],
      inSessionUntil: null,
      expiresAt: 0,
    }
    expect(encodeMoment(moment, { id: ID, body: policy }, facts)).toBe(`${moment.now.toString(36)};${ID}`)
  })

  test('too long for its verdict is left out rather than cut', () => {
    const line = encodeVerdict({ kind: 'drop', reasons: ['paid'] }, 'x'.repeat(300))
    expect(line).toBe('drop:paid')
    expect(momentOf(line)).toBeNull()
  })

  test.each(['', '!;id', 'ZZ;id', '1.5;id'])('%j is not one', (text) => {
    const policy = {
      timeZone: 'UTC',
      capPerDay: 3,
      caps: [],
      ordersApart: '10m',
      windows: {},
      levels: {},
      quiet: {},
    }
    expect(decodeMoment(text, policy)).toBeNull()
  })
})
