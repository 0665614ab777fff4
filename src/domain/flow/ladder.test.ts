import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { parse } from 'yaml'
import { FAILURE_CLASSES, type FailureClass } from '../failure-class.ts'
import { LADDER_WAITS } from '../healing/clocks.ts'
import { DAY, HOUR, MINUTE } from '../time.ts'
import { compileFlow } from './compile.ts'
import { LADDERS, Ladders } from './ladder.test-kit.ts'
import { length, START } from './story.test-kit.ts'

test('each class of failure has one ladder, all of one family', () => {
  expect([...LADDERS.keys()].sort()).toEqual([...FAILURE_CLASSES].sort())
  expect(new Set([...LADDERS.values()].map(({ flow }) => flow.family))).toEqual(new Set(['payment-recovery']))
})

test('the ladders are one ladder: they differ in their first words, and in what follows when nothing heals', () => {
  const stepsOf = (failureClass: FailureClass) =>
    parse(
      readFileSync(
        new URL(`../../../flows/${LADDERS.get(failureClass)!.flow.key}.yaml`, import.meta.url),
        'utf8',
      ),
    ).steps as readonly Readonly<Record<string, unknown>>[]
  const shared = (failureClass: FailureClass) =>
    stepsOf(failureClass).map((step) => {
      // Whoever comes back after an hour is no longer there; what healing has not repaired is told at once.
      if (step.id === 'first') return { ...step, template: 'its own', inSession: null }
      if (step.id === 'healing') return { ...step, onTimeout: 'its own', next: 'its own' }
      return step
    })
  for (const each of FAILURE_CLASSES) expect([each, shared(each)]).toEqual([each, shared('other')])
})

test.each(FAILURE_CLASSES)(
  'the ladder of %s waits for a healing as long as healings rely on',
  (failureClass) => {
    const ladder = LADDERS.get(failureClass)!.flow
    expect(length(String(ladder.params.healing!.value))).toBe(LADDER_WAITS)
    const healing = ladder.steps.find(({ id }) => id === 'healing')
    expect(healing).toMatchObject({ kind: 'waitFor', timeout: 'params.healing' })
  },
)

/** Minutes after the failure at which an order without an end hears something. */
const WHEN: Readonly<Record<FailureClass, readonly string[]>> = {
  wrong_details: ['0m details', '1440m day'],
  authentication_needed: ['0m authentication', '1440m day'],
  expired_card: ['0m expired_card', '1440m day'],
  insufficient_funds: ['60m funds', '1440m day'],
  network_timeout: ['2m timeout', '1442m day'],
  risk_block: ['5m risk', '1445m day'],
  other: ['0m other', '1440m day'],
}

describe.each(FAILURE_CLASSES)('%s', (failureClass) => {
  it('is helped in its own words, then reminded after a day', () => {
    expect(new Ladders().fails(failureClass).after(5 * DAY).log).toEqual(WHEN[failureClass])
  })

  it('says nothing while an earlier failure is being healed, and what is healed is over', () => {
    const heals = () => new Ladders({ healing: true }).fails(failureClass).after(4 * MINUTE)
    expect(heals().log).toEqual([])
    const healed = heals().event(
      'order.paid',
      {},
      { status: 'paid', paidAt: START + 4 * MINUTE, healing: false },
    )
    expect(healed.event('payment.healed').after(5 * DAY).log).toEqual([])
    expect(healed.active).toEqual([])
  })

  it('is helped when healing did not work, or takes too long: a time-out at once, the others as ever', () => {
    const first = WHEN[failureClass][0]!
    const delay = failureClass === 'network_timeout' ? 0 : Number.parseInt(first, 10)
    const words = first.replace(/^\d+m/, '')
    const failed = new Ladders({ healing: true }).fails(failureClass).after(4 * MINUTE)
    failed.event('payment.heal_failed', {}, { healing: false }).after(2 * HOUR)
    expect(failed.log).toEqual([`${4 + delay}m${words}`])
    const lasting = new Ladders({ healing: true }).fails(failureClass).after(2 * HOUR)
    expect(lasting.log).toEqual([`${10 + delay}m${words}`])
  })

  it('gets a last word before the order ends, and nothing after', () => {
    const order = new Ladders({ expiresAt: START + 6 * HOUR }).fails(failureClass).after(5 * DAY)
    expect(order.log).toEqual([WHEN[failureClass][0], '350m last'])
  })

  it('is not pressed twice when the order ends soon', () => {
    const order = new Ladders({ expiresAt: START + 20 * MINUTE }).fails(failureClass).after(DAY)
    expect(order.log).toHaveLength(1)
    expect(order.log[0]).toMatch(/^(0|2|5)m /)
  })

  it('hears nothing more once it is paid or cancelled', () => {
    for (const [type, change] of [
      ['order.paid', { status: 'paid', paidAt: START + MINUTE }],
      ['order.cancelled', { status: 'cancelled' }],
    ] as const) {
      const order = new Ladders({ expiresAt: START + 2 * DAY }).fails(failureClass).after(MINUTE)
      const before = order.log.length
      expect(order.event(type, {}, change).after(5 * DAY).log).toHaveLength(before)
      expect(order.active).toEqual([])
    }
  })

  it('is never asked to open an order again unless the shop has switched that on', () => {
    const order = new Ladders({ expiresAt: START + 2 * HOUR }).fails(failureClass).after(3 * HOUR)
    order.event('order.expired', {}, { status: 'expired' }).after(5 * DAY)
    expect(order.log.join()).not.toMatch(/reopen_order|day/)
  })
})

test('a failure of another class moves the order to the other ladder, and back at once', () => {
  const order = new Ladders()
    .fails('wrong_details')
    .after(2 * MINUTE)
    .fails('insufficient_funds')
  expect(order.active.map(({ run }) => run.flow)).toEqual(['payment-failed-funds'])
  order.after(2 * MINUTE).fails('wrong_details')
  expect(order.active.map(({ run }) => run.flow)).toEqual(['payment-failed-details'])
  expect(order.after(3 * DAY).log).toEqual(['0m details', '4m details', '1444m day'])
})

test('the last word goes from channel to channel in the minutes that are left, by SMS for a large order only', () => {
  const last = (minor: number) => {
    const order = { expiresAt: START + HOUR, total: { minor, currency: 'CNY' } }
    const told = new Ladders(order, ['email', 'sms']).fails('other').after(DAY)
    return told.said.map(
      ({ at, effect }) => `${(at - START) / MINUTE}m ${effect.kind === 'send' && effect.channels}`,
    )
  }
  expect(last(20_000)).toEqual(['0m email,inbox', '50m email', '55m sms'])
  expect(last(19_999)).toEqual(['0m email,inbox', '50m email'])
})

test('news of the goods is told once, keeps its distance, and leaves the last word its own', () => {
  const order = new Ladders({ expiresAt: START + 3 * HOUR }).fails('other').after(10 * MINUTE)
  order
    .event('stock.low')
    .after(50 * MINUTE)
    .event('stock.low')
    .after(MINUTE)
    .event('stock.low')
  expect(order.after(DAY).log).toEqual(['0m other', '20m stock_low', '170m last'])
  const late = new Ladders({ expiresAt: START + 3 * HOUR }).fails('other').after(149 * MINUTE)
  expect(late.event('stock.back').after(DAY).log).toEqual(['0m other', '149m stock_back', '170m last'])
  const endless = new Ladders()
    .fails('other')
    .after(2 * DAY)
    .event('stock.back')
    .after(9 * DAY)
  expect(endless.log).toEqual(['0m other', '1440m day', '2880m stock_back'])
  expect(
    new Ladders()
      .fails('other')
      .after(9 * DAY)
      .event('stock.low').log,
  ).toEqual(['0m other', '1440m day'])
})

test('news that comes early leaves the reminder after a day its own, a day after the news', () => {
  const endless = new Ladders().fails('other').after(HOUR).event('stock.low')
  expect(endless.after(9 * DAY).log).toEqual(['0m other', '60m stock_low', '1500m day'])
  const life = new Ladders({ expiresAt: START + 2 * DAY })
    .fails('other')
    .after(12 * HOUR)
    .event('stock.back')
  expect(life.after(9 * DAY).log).toEqual(['0m other', '720m stock_back', '2160m day', '2870m last'])
  const short = new Ladders({ expiresAt: START + 30 * HOUR })
    .fails('other')
    .after(12 * HOUR)
    .event('stock.low')
  expect(short.after(9 * DAY).log).toEqual(['0m other', '720m stock_low', '1790m last'])
})

test('of news that contradicts itself the last counts; what has waited for two hours is news no more', () => {
  const twice = new Ladders()
    .fails('other')
    .after(5 * MINUTE)
    .event('stock.low')
    .after(5 * MINUTE)
  expect(twice.event('stock.back').after(HOUR).log).toEqual(['0m other', '20m stock_back'])
  const funds = LADDERS.get('insufficient_funds')!
  const first = { ...funds.flow.params.first!, value: '3h' }
  LADDERS.set('insufficient_funds', compileFlow({ ...funds.flow, params: { ...funds.flow.params, first } }))
  try {
    const late = new Ladders().fails('insufficient_funds').after(MINUTE).event('stock.low')
    expect(late.after(5 * HOUR).log).toEqual(['180m funds'])
  } finally {
    LADDERS.set('insufficient_funds', funds)
  }
})

test('wherever the ladder stands, news is told once, soon, and at a distance from other words', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...FAILURE_CLASSES),
      fc.integer({ min: 0, max: 3 * 24 * 60 }),
      fc.boolean(),
      fc.constantFrom('stock.low', 'stock.back'),
      (failureClass, minute, healing, type) => {
        const order = new Ladders({ healing })
          .fails(failureClass)
          .after(minute * MINUTE)
          .event(type)
        order.after(10 * DAY)
        const told = order.said.flatMap(({ effect }, at) =>
          effect.kind === 'send' && effect.template.includes('stock') ? [at] : [],
        )
        expect(told).toHaveLength(1)
        const { at } = order.said[told[0]!]!
        // Healing, the first word's own wait, and the time it keeps from that word.
        expect(at - START - minute * MINUTE).toBeLessThanOrEqual(10 * MINUTE + HOUR + 20 * MINUTE)
        for (const other of order.said.filter((each) => each.at !== at))
          expect(Math.abs(other.at - at)).toBeGreaterThanOrEqual(20 * MINUTE)
      },
    ),
    { numRuns: 300 },
  )
})

test('further failures of the same class within the hour say nothing more', () => {
  const order = new Ladders({ expiresAt: START + 20 * MINUTE }).fails('wrong_details')
  for (let at = 0; at < 5; at++) order.after(4 * MINUTE).fails('wrong_details')
  expect(order.log).toEqual(['0m details'])
})

test('an expiry that moves takes the last word with it', () => {
  const order = new Ladders({ expiresAt: START + 6 * HOUR }).fails('other').after(HOUR)
  order.learn({ expiresAt: START + 3 * HOUR })
  expect(order.after(DAY).log).toEqual(['0m other', '170m last'])
})

test('with reopening switched on, a day later the shop is asked first and the reminder follows its yes', () => {
  const flow = LADDERS.get('wrong_details')!
  const reopening = {
    ...flow.flow,
    params: { ...flow.flow.params, reopen: { ...flow.flow.params.reopen!, value: true } },
  }
  const story = () => {
    const order = new Ladders({ expiresAt: START + 2 * HOUR })
    return order
  }
  LADDERS.set('wrong_details', compileFlow(reopening))
  try {
    const yes = story()
      .fails('wrong_details')
      .after(3 * HOUR)
    yes.event('order.expired', {}, { status: 'expired' }).after(DAY - 3 * HOUR)
    expect(yes.log).toEqual(['0m details', '1440m reopen_order'])
    yes.after(MINUTE).event('order.reopened', {}, { status: 'payment_failed', expiresAt: START + 2 * DAY })
    expect(yes.log.at(-1)).toBe('1441m day')
    const no = story()
      .fails('wrong_details')
      .after(3 * HOUR)
    no.event('order.expired', {}, { status: 'expired' }).after(5 * DAY)
    expect(no.log).toEqual(['0m details', '1440m reopen_order'])
    expect(no.runs[0]!.run.stopReason).toBe('not_reopened')
    const cancelled = story().fails('wrong_details').after(HOUR)
    expect(cancelled.event('order.cancelled', {}, { status: 'cancelled' }).after(5 * DAY).log).toHaveLength(1)
  } finally {
    LADDERS.set('wrong_details', flow)
  }
})

type Act =
  | { readonly kind: 'fails'; readonly of: FailureClass }
  | { readonly kind: 'after'; readonly ms: number }
  | { readonly kind: 'expires'; readonly in: number }
  | { readonly kind: 'event'; readonly type: string }
  | { readonly kind: 'healing'; readonly on: boolean }
  | { readonly kind: 'paid' }

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('fails' as const), of: fc.constantFrom(...FAILURE_CLASSES) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('after' as const),
      ms: fc.oneof(fc.nat(10 * MINUTE), fc.nat(2 * HOUR), fc.nat(2 * DAY)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('expires' as const), in: fc.nat(3 * DAY) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('event' as const),
      type: fc.constantFrom(
        'stock.low',
        'stock.back',
        'payment.heal_failed',
        'order.reopened',
        'link.clicked',
        'order.expired',
        'payment.started',
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('healing' as const), on: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'paid' as const }) },
)

test('never two ladders on an order, never two messages for one failure at once, silence after payment', () => {
  let moved = 0
  let paidWhileActive = 0
  fc.assert(
    fc.property(fc.array(act, { maxLength: 30 }), fc.option(fc.nat(2 * DAY)), (acts, life) => {
      const order = new Ladders(life === null ? {} : { expiresAt: START + life })
      for (const each of acts) {
        const { order: before } = order
        if (each.kind === 'fails') order.fails(each.of)
        if (each.kind === 'after') order.after(each.ms)
        if (each.kind === 'expires') order.learn({ expiresAt: order.now + each.in })
        if (each.kind === 'event') order.event(each.type)
        if (each.kind === 'healing') order.learn({ healing: each.on })
        if (each.kind === 'paid') {
          if (order.active.length > 0) paidWhileActive++
          order.event('order.paid', {}, { status: 'paid', paidAt: before.paidAt ?? order.now })
        }
        expect(order.active.length).toBeLessThanOrEqual(1)
        const [run] = order.active
        if (run !== undefined)
          expect(LADDERS.get(order.order.lastFailure!.code!)!.flow.key).toBe(run.run.flow)
      }
      moved += order.runs.filter(({ run }) => run.stopReason === 'moved_on').length
      const paidAt = order.order.paidAt
      const failures = order.runs.map(({ event }) => event.key)
      expect(new Set(failures).size, 'one run a failure').toBe(failures.length)
      const sent = order.said.filter(({ effect }) => effect.kind === 'send')
      for (const [at, { at: now, effect }] of sent.entries()) {
        if (paidAt !== null) expect(now).toBeLessThanOrEqual(paidAt)
        // What one failure leads to is spread over time; two failures at one moment replace each other's messages.
        const ofRun = ({ flow, effect }: (typeof sent)[number]) => `${flow} ${effect.dedupe.iteration}`
        const same = sent.filter((other) => other.at === now && ofRun(other) === ofRun(sent[at]!))
        expect(same, 'one message a failure and moment').toHaveLength(1)
        expect(effect.kind === 'send' && effect.collapse).toBe('payment_failed')
        expect(effect.kind === 'send' && effect.stopsWhenPaid && effect.stopsWhenClosed).toBe(true)
        // However the expiry moves, one ladder's messages keep their distance.
        const previous = sent.slice(0, at).findLast((other) => ofRun(other) === ofRun(sent[at]!))
        if (previous !== undefined) expect(now - previous.at).toBeGreaterThanOrEqual(length('20m'))
      }
    }),
    { numRuns: process.env.DINGDONG_LONG === '1' ? 50_000 : 1_000 },
  )
  expect(moved).toBeGreaterThan(100)
  expect(paidWhileActive).toBeGreaterThan(20)
})
