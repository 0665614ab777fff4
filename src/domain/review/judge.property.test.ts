import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { eventData } from '../event.ts'
import { networkOf } from '../network.ts'
import { DAY, HOUR, MINUTE } from '../time.ts'
import { compileRule, validateRule } from './compile.ts'
import { knownAt, matchOrder, matchSeen, type Seen } from './judge.ts'
import { isTooOld, type Looked, observe } from './observe.ts'

const WITHIN = 10 * MINUTE
const REACH = 3

const counted = (inARow: boolean) => {
  const rule = validateRule({
    key: 'test',
    title: { zh: '测试', en: 'Test' },
    description: { zh: '测试', en: 'Test' },
    trigger: { on: ['order.created'], when: 'has(order.total) && order.total.minor >= 100' },
    counts: { by: ['buyer'], of: 'order', within: '10m', reach: REACH, inARow },
    does: 'flag',
    severity: 'low',
    tell: ['support'],
  })
  if (!rule.ok) throw new Error(JSON.stringify(rule.problems))
  return compileRule(rule.value)
}

const about = (item: string) => ({ orderId: item, event: { key: 'e', type: 'order.created' }, attempts: 0 })

/** Things seen within an hour, each with an id of its own; instants collide now and then. */
const someSeen = fc
  .array(fc.record({ at: fc.integer({ min: 0, max: 60 }), mark: fc.boolean() }), {
    minLength: 1,
    maxLength: 20,
  })
  .map((list): readonly Seen[] =>
    list.map(({ at, mark }, nth) => {
      const item = `i${String(nth).padStart(2, '0')}`
      return { item, order: item, at: at * MINUTE, mark }
    }),
  )
const seenAndOne = someSeen.chain((seen) => fc.tuple(fc.constant(seen), fc.constantFrom(...seen)))

describe('a burst', () => {
  const rule = counted(false)

  test('is found exactly when some window that holds the event holds enough', () => {
    let found = 0
    fc.assert(
      fc.property(seenAndOne, ([seen, one]) => {
        // Every window starts at some minute: trying all is slow and sure.
        let most = 0
        for (let start = one.at - WITHIN; start <= one.at; start += MINUTE)
          most = Math.max(most, seen.filter(({ at }) => at >= start && at <= start + WITHIN).length)
        const match = matchSeen(rule, about(one.item), one.item, seen)
        expect(match?.evidence.count ?? null).toBe(most >= REACH ? most : null)
        if (match) found++
      }),
    )
    expect(found).toBeGreaterThan(10)
  })

  test('does not depend on the order in which its events came', () => {
    fc.assert(
      fc.property(seenAndOne, fc.infiniteStream(fc.nat()), ([seen, one], random) => {
        const shuffled = seen.map((each) => [random.next().value, each] as const).sort((a, b) => a[0] - b[0])
        const other = matchSeen(
          rule,
          about(one.item),
          one.item,
          shuffled.map(([, each]) => each),
        )
        expect(other).toEqual(matchSeen(rule, about(one.item), one.item, seen))
      }),
    )
  })

  test('of which events come one by one, in order, is told once and then only listed', () => {
    fc.assert(
      fc.property(fc.integer({ min: REACH, max: 20 }), (many) => {
        const seen = Array.from({ length: many }, (_, nth): Seen => {
          const item = `i${String(nth).padStart(2, '0')}`
          return { item, order: item, at: nth, mark: true }
        })
        const told = seen.filter((each, nth) => {
          const match = matchSeen(rule, about(each.item), each.item, seen.slice(0, nth + 1))
          return match !== null && !match.again
        })
        expect(told).toHaveLength(1)
      }),
    )
  })

  test('is told once, however its events are handed over together', () => {
    const times = fc.array(fc.integer({ min: 0, max: WITHIN }), { minLength: REACH, maxLength: 20 })
    const batches = times.chain((list) =>
      fc.tuple(
        fc.shuffledSubarray(
          list.map((at, nth) => ({ item: `i${nth}`, order: `i${nth}`, at, mark: true })),
          { minLength: list.length },
        ),
        fc.array(fc.integer({ min: 1, max: 8 }), { minLength: list.length, maxLength: list.length }),
      ),
    )
    fc.assert(
      fc.property(batches, ([arriving, sizes]) => {
        const told: boolean[] = []
        let seen: readonly Seen[] = []
        for (let from = 0, nth = 0; from < arriving.length; nth++) {
          const batch = arriving.slice(from, from + sizes[nth]!)
          from += batch.length
          seen = [...seen, ...batch]
          const together = new Set(batch.map(({ item }) => item))
          for (const { item } of batch) {
            const match = matchSeen(rule, about(item), item, knownAt(item, seen, together))
            if (match) told.push(!match.again)
          }
        }
        expect(told.filter(Boolean)).toHaveLength(1)
        expect(told).toHaveLength(arriving.length - REACH + 1)
      }),
    )
  })

  test('never names its own order among the others, and at most ten', () => {
    fc.assert(
      fc.property(seenAndOne, ([seen, one]) => {
        const orders = matchSeen(rule, about(one.item), one.item, seen)?.evidence.orders ?? []
        expect(orders).not.toContain(one.order)
        expect(orders.length).toBeLessThanOrEqual(10)
      }),
    )
  })
})

describe('a row', () => {
  const rule = counted(true)

  test('is broken by anything that does not meet the condition', () => {
    fc.assert(
      fc.property(seenAndOne, ([seen, one]) => {
        const match = matchSeen(rule, about(one.item), one.item, seen)
        if (match === null) return
        const sorted = seen.toSorted((a, b) => a.at - b.at || (a.item < b.item ? -1 : 1))
        const longest = sorted
          .map(({ mark }) => (mark ? '1' : '0'))
          .join('')
          .split('0')
          .reduce((most, run) => Math.max(most, run.length), 0)
        expect(one.mark).toBe(true)
        expect(match.evidence.count).toBeLessThanOrEqual(longest)
      }),
    )
    const line = (marks: string) =>
      [...marks].map(
        (mark, nth): Seen => ({ item: `i${nth}`, order: `i${nth}`, at: nth, mark: mark === '1' }),
      )
    expect(matchSeen(rule, about('i2'), 'i2', line('111'))).toMatchObject({ evidence: { count: 3 } })
    expect(matchSeen(rule, about('i3'), 'i3', line('1101'))).toBeNull()
    expect(matchSeen(rule, about('i4'), 'i4', line('01111'))).toMatchObject({ again: true })
  })
})

test('failures of one order ask again each time as many have come', () => {
  const rule = validateRule({
    key: 'test',
    title: { zh: '测试', en: 'Test' },
    description: { zh: '测试', en: 'Test' },
    trigger: { on: ['payment.failed'] },
    counts: { of: 'failure', reach: 5 },
    does: 'hold',
    severity: 'low',
    tell: ['support'],
  })
  if (!rule.ok) throw new Error('invalid')
  const compiled = compileRule(rule.value)
  const iterations = Array.from({ length: 16 }, (_, attempts) =>
    matchOrder(compiled, { orderId: 'o', event: { key: 'e', type: 't' }, attempts }),
  ).map((match) => match?.iteration ?? 0)
  expect(iterations).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3])
})

test('what is older than startWithin is too old, a day where the rule does not say', () => {
  fc.assert(
    fc.property(
      fc.option(fc.constantFrom(['2h', 2 * HOUR] as const, ['30d', 30 * DAY] as const)),
      fc.oneof(fc.integer({ min: -HOUR, max: 40 * DAY }), fc.constantFrom(DAY, DAY + 1, 2 * HOUR, 30 * DAY)),
      (own, ago) => {
        const rule = { ...counted(false).rule, ...(own && { startWithin: own[0] }) }
        const { startWithin: _, ...without } = rule
        const checked = validateRule(own ? rule : without)
        if (!checked.ok) throw new Error(JSON.stringify(checked.problems))
        const limit = own ? own[1] : DAY
        expect(isTooOld(compileRule(checked.value), { at: -ago }, 0)).toBe(ago > limit)
      },
    ),
  )
})

const NOTHING_ELSE = {
  customer: null,
  event: null,
  shop: { locale: 'en', timeZone: 'UTC' },
  classify: () => ({ class: 'other', advice: 'LATER' }) as const,
}

describe('what an event is counted under', () => {
  const order = {
    no: '1',
    status: 'open',
    total: { minor: 500, currency: 'CNY' },
    title: null,
    placedAt: null,
    paidAt: null,
    expiresAt: null,
    payUrl: null,
    pageUrl: null,
    attempts: 0,
    lastFailure: null,
    toldTotal: null,
    received: [],
    paid: [],
    refunded: [],
    reservedUntil: null,
    healing: false,
    underWay: false,
  }
  const looked = (changes: Partial<Looked>, data: object = {}): Looked => ({
    event: {
      key: 'e',
      type: 'order.created',
      source: 's',
      time: 0,
      trust: 'signed',
      data: eventData.parse(data),
    },
    at: 0,
    orderId: 'o',
    items: [],
    customerId: 'c',
    context: { order, ...NOTHING_ELSE },
    ...changes,
  })
  const by = (shared: readonly string[]) => {
    const rule = validateRule({
      key: 'test',
      title: { zh: '测试', en: 'Test' },
      description: { zh: '测试', en: 'Test' },
      trigger: { on: ['order.created'] },
      counts: { by: shared, of: 'order', within: '10m', reach: 2 },
      does: 'flag',
      severity: 'low',
      tell: ['support'],
    })
    if (!rule.ok) throw new Error(JSON.stringify(rule.problems))
    return compileRule(rule.value)
  }
  const keyOf = (shared: readonly string[], what: Looked) => {
    const observed = observe(by(shared), what, 0)
    return observed.kind === 'count' ? observed.observation.shared.join('|') : observed
  }

  test('is the same basket in whatever order it is listed, and another for another number of one thing', () => {
    const item = fc.record({ name: fc.string({ minLength: 1 }), quantity: fc.integer({ min: 1, max: 9 }) })
    fc.assert(
      fc.property(fc.array(item, { minLength: 1, maxLength: 6 }), (items) => {
        const key = keyOf(['items'], looked({ items }))
        expect(keyOf(['items'], looked({ items: items.toReversed() }))).toBe(key)
        const [first, ...rest] = items
        const more = [{ ...first!, quantity: first!.quantity + 10 }, ...rest]
        expect(keyOf(['items'], looked({ items: more }))).not.toBe(key)
      }),
    )
  })

  test.each([
    ['ip', looked({})],
    ['buyer', looked({ customerId: null })],
    ['card', looked({})],
    ['items', looked({})],
    [
      'amount',
      looked({
        context: { order: { ...order, total: null }, ...NOTHING_ELSE },
      }),
    ],
  ])('is nothing where the event does not say its %s', (what, event) => {
    expect(keyOf([what], event)).toEqual({ kind: 'no', why: 'unknown', detail: what })
  })

  test('is an address, or the network a phone or household has', () => {
    expect(networkOf('203.0.113.7')).toBe('203.0.113.7')
    expect(networkOf('::ffff:203.0.113.7')).toBe('203.0.113.7')
    expect(networkOf('2001:db8:1:2:aaaa::1')).toBe('2001:db8:1:2::/64')
    expect(networkOf('2001:DB8:1:2:bbbb:1:2:3')).toBe('2001:db8:1:2::/64')
    expect(networkOf('2001:db8::1')).toBe('2001:db8:0:0::/64')
    expect(networkOf('::1')).toBe('0:0:0:0::/64')
    for (const text of [
      '',
      'localhost',
      '1.2.3',
      '1.2.3.256',
      '01.2.3.4',
      '1::2::3',
      'g::1',
      '1:2:3:4:5:6:7',
      ':',
      '1:2:3:4:5:6:7:8:9',
    ])
      expect(networkOf(text), text).toBeNull()
    fc.assert(fc.property(fc.ipV4(), (ip) => networkOf(ip) === ip))
    fc.assert(fc.property(fc.ipV6(), (ip) => networkOf(ip) !== null))
    fc.assert(fc.property(fc.string(), (text) => void networkOf(text)))
  })
})
