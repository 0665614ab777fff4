import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { startRun } from '../advance.ts'
import { explainLeftOut } from '../left-out.ts'
import type { FlowContext, SendEffect } from '../run.ts'
import {
  compiled,
  flowContext,
  flowEvent,
  flowInput,
  length,
  START,
  Story,
  sendTo,
} from '../story.test-kit.ts'
import { validateFlow } from '../validate.ts'

const over = { id: 'over', kind: 'stop', reason: 'over' }
const flowOf = (step: Record<string, unknown> = {}, more: Record<string, unknown> = {}) =>
  compiled({
    purpose: 'reminder',
    stopWhen: ['paid', 'closed'],
    steps: [
      {
        id: 'last',
        kind: 'cascade',
        channels: ['email', 'inbox', 'sms'],
        template: 'last',
        acted: 'yes',
        next: 'no',
        ...step,
      },
      { id: 'no', kind: 'stop', reason: 'nobody' },
      { id: 'yes', kind: 'stop', reason: 'somebody' },
    ],
    ...more,
  })
const inAnHour = { expiresAt: START + length('1h') }
const story = (
  step: Record<string, unknown> = {},
  order: object = inAnHour,
  world: Partial<FlowContext> = {},
) => new Story(flowOf(step), order, world).event('order.created')
const said = (of: Story) =>
  of.effects.map((effect, at) => `${of.log[at]!.split(' ')[0]} ${(effect as SendEffect).channels}`)

describe('sequential', () => {
  it('goes from channel to channel over what is left of the order’s life', () => {
    const all = story().after('1d')
    expect(said(all)).toEqual(['0h email', '20m inbox', '40m sms'])
    expect(all.run?.stopReason).toBe('nobody')
    expect(all.effects.map(({ expiresAt }) => expiresAt)).toEqual(Array(3).fill(START + length('1h')))
  })

  it('waits the longest gap for an order without an end', () => {
    expect(said(story({ maxGap: '2h' }, {}).after('1d'))).toEqual(['0h email', '2h inbox', '4h sms'])
  })

  it.each(['link.clicked', 'message.read', 'payment.started'])('stops at %s, even from a browser', (type) => {
    const acted = story().after('5m').event(type, { trust: 'browser' })
    expect(acted.run?.stopReason).toBe('somebody')
    expect(said(acted.after('1d'))).toEqual(['0h email'])
  })

  it('stops when the order is paid', () => {
    const paid = story().after('25m').event('order.paid')
    expect(said(paid.after('1d'))).toEqual(['0h email', '20m inbox'])
    expect(paid.run?.stopReason).toBe('paid')
  })

  it('works its times out anew when the expiry moves', () => {
    const sooner = story()
      .after('1m')
      .learn({ expiresAt: START + length('12m') })
    expect(said(sooner.after('1d'))).toEqual(['0h email', '4m inbox', '8m sms'])
    const later = story()
      .after('1m')
      .learn({ expiresAt: START + length('2h') })
    expect(said(later.after('1d'))).toEqual(['0h email', '40m inbox', '80m sms'])
  })

  it('does not squeeze in what no longer fits', () => {
    const soon = story({}, { expiresAt: START + length('3m') }).after('1d')
    expect(said(soon)).toEqual(['0h email', '2m inbox'])
  })

  it('uses only channels that lead to the buyer, and goes on where there is none', () => {
    expect(said(story({}, inAnHour, { reach: ['sms', 'email'] }).after('1d'))).toEqual([
      '0h email',
      '30m sms',
    ])
    const nobody = story({}, inAnHour, { reach: ['webhook'] })
    expect(nobody.log).toEqual([])
    expect(nobody.trace[0]).toBe('last: no_channel')
  })

  it('gives the next channel its turn at once when the gate has dropped a message or the provider refused it', () => {
    const fates = { 'last.email': 'dropped', 'last.inbox': 'failed' } as const
    expect(said(story({}, inAnHour, { fates }).after('1d'))).toEqual(['0h email', '1m inbox', '2m sms'])
    const waiting = { 'last.email': 'waiting', 'last.inbox': 'sent' } as const
    expect(said(story({}, inAnHour, { fates: waiting }).after('1d'))).toEqual([
      '0h email',
      '20m inbox',
      '40m sms',
    ])
  })
})

test('parallel uses every channel at once, each once', () => {
  const all = story({ mode: 'parallel' }).after('1d')
  expect(said(all)).toEqual(['0h email', '0h inbox', '0h sms'])
  const steps = all.effects.map(({ dedupe }) => dedupe.step)
  expect(steps).toEqual(['last.email', 'last.inbox', 'last.sms'])
  expect(story({ mode: 'parallel' }).event('link.clicked').run?.stopReason).toBe('somebody')
})

test('cheapest goes from cheap to dear, whatever the order of the list', () => {
  const shop = { locale: 'zh-CN', timeZone: 'Asia/Shanghai', costs: { sms: 45, email: 1, inbox: 0 } }
  expect(
    said(story({ mode: 'cheapest', channels: ['sms', 'email', 'inbox'] }, inAnHour, { shop }).after('1d')),
  ).toEqual(['0h inbox', '20m email', '40m sms'])
})

describe('cheapest, by what an SMS of this template costs', () => {
  const shop = { locale: 'zh-CN', timeZone: 'Asia/Shanghai', costs: { sms: 50, email: 60 } }
  const step = { mode: 'cheapest', channels: ['sms', 'email', 'inbox'] }
  const priced = (segments: number, each: number) =>
    story(step, inAnHour, { shop, smsCost: (template) => (template === 'last' ? { segments, each } : null) })

  it('counts segments and the account’s own price', () => {
    expect(said(priced(1, 45).after('1d'))).toEqual(['0h inbox', '20m sms', '40m email'])
    expect(said(priced(2, 45).after('1d'))).toEqual(['0h inbox', '20m email', '40m sms'])
    // 60 and 60: the list says which.
    expect(said(priced(2, 30).after('1d'))).toEqual(['0h inbox', '20m sms', '40m email'])
    expect(said(priced(1, 0).after('1d'))).toEqual(['0h sms', '20m inbox', '40m email'])
  })

  it('keeps the order that the step began with, and what it was decided by', () => {
    let segments = 1
    const run = story(step, inAnHour, { shop, smsCost: () => ({ segments, each: 45 }) }).after('25m')
    segments = 9
    expect(said(run.after('1d'))).toEqual(['0h inbox', '20m sms', '40m email'])
    expect(run.run?.costs).toEqual({
      last: [
        { channel: 'inbox', segments: 1, each: 0, cost: 0 },
        { channel: 'sms', segments: 1, each: 45, cost: 45 },
        { channel: 'email', segments: 1, each: 60, cost: 60 },
      ],
    })
  })

  it('a cascade that goes by its list asks for no price and keeps none', () => {
    const smsCost = () => {
      throw new Error('asked')
    }
    for (const mode of ['sequential', 'parallel'])
      expect(story({ mode }, inAnHour, { shop, smsCost }).after('1d').run?.costs).toBeUndefined()
  })
})

test('SMS is for orders of a value, in the same currency', () => {
  const step = { smsFrom: 'money(params.sms_from, "CNY")' }
  const params = { sms_from: { title: { zh: '从', en: 'From' }, value: 200 } }
  const worth = (minor: number, currency: string) => {
    const one = new Story(flowOf(step, { params }), { ...inAnHour, total: { minor, currency } }).event(
      'order.created',
    )
    return said(one.after('1d')).map((line) => line.split(' ')[1])
  }
  expect(worth(20_000, 'CNY')).toEqual(['email', 'inbox', 'sms'])
  expect(worth(19_999, 'CNY')).toEqual(['email', 'inbox'])
  expect(worth(90_000, 'USD')).toEqual(['email', 'inbox'])
  const refused = validateFlow(
    flowInput({
      steps: [{ id: 'x', kind: 'cascade', channels: ['sms'], template: 'x', smsFrom: '200' }, over],
    }),
  )
  expect(JSON.stringify(refused)).toContain('gives money')
})

describe('SMS from an amount by currency', () => {
  const title = { zh: '从', en: 'From' }
  const params = { sms_from: { title, value: { CNY: 200, USD: 30, JPY: 4000 } } }
  const flow = flowOf({ smsFrom: 'params.sms_from' }, { params })
  const worth = (total: { minor: number; currency: string } | null) =>
    new Story(flow, { ...inAnHour, total }).event('order.created').after('1d')

  it.each([
    [20_000, 'CNY'],
    [3_000, 'USD'],
    [4_000, 'JPY'],
  ])('goes from %i minor units of %s on, and not below', (minor, currency) => {
    const enough = worth({ minor, currency })
    expect(said(enough).at(-1)).toMatch(/ sms$/)
    expect(enough.run?.leftOut).toBeUndefined()
    expect(worth({ minor: minor - 1, currency }).run?.leftOut?.last).toEqual([
      { channel: 'sms', why: 'below', from: { minor, currency }, param: 'sms_from' },
    ])
  })

  it('leaves SMS out where the currency has none, and says how to set one', () => {
    const left = worth({ minor: 9_000_000, currency: 'SGD' }).run!.leftOut!.last!
    expect(left).toEqual([{ channel: 'sms', why: 'no_amount', param: 'sms_from', currency: 'SGD' }])
    const told = (language: 'zh' | 'en') =>
      explainLeftOut({ step: 'last', flow: 'x', rule: () => undefined }, left, language)
    expect(told('en')).toEqual({
      why: ['last left out: sms (no least amount is set for SGD).'],
      change: ['To set it for orders to come: dingdong flow set x sms_from.SGD=AMOUNT.'],
    })
    expect(told('zh')).toEqual({
      why: ['last 没有使用：sms（没有设定 SGD 的金额下限）。'],
      change: ['为以后的订单设定：dingdong flow set x sms_from.SGD=金额。'],
    })
    const below = worth({ minor: 1, currency: 'JPY' }).run!.leftOut!.last!
    expect(explainLeftOut({ step: 'last', flow: 'x', rule: () => undefined }, below, 'en')).toEqual({
      why: ['last left out: sms (the order is below 4000 JPY).'],
      change: ['To set it for orders to come: dingdong flow set x sms_from.JPY=AMOUNT.'],
    })
    expect(worth(null).run?.leftOut?.last).toEqual([{ channel: 'sms', why: 'no_total' }])
  })

  it('is whatever the table says, in any currency', () => {
    const currency = fc.constantFrom('CNY', 'USD', 'JPY', 'KWD')
    const amount = fc.integer({ min: 1, max: 1_000_000 })
    fc.assert(
      fc.property(
        fc.dictionary(currency, amount, { minKeys: 1 }),
        currency,
        fc.integer({ min: 0, max: 2_000_000_000 }),
        (table, own, minor) => {
          const tuned = { sms_from: { title, value: table } }
          const total = { minor, currency: own }
          const one = new Story(flowOf({ smsFrom: 'params.sms_from' }, { params: tuned }), {
            ...inAnHour,
            total,
          }).event('order.created')
          const from = table[own] === undefined ? Number.POSITIVE_INFINITY : table[own]
          const digits = { CNY: 2, USD: 2, JPY: 0, KWD: 3 }[own]!
          return (one.run?.leftOut === undefined) === minor >= from * 10 ** digits
        },
      ),
      { numRuns: 50 },
    )
  })
})

test('channels that are passed over are named with their reasons, and what would have to change', () => {
  const step = { smsFrom: 'money(200, "CNY")' }
  const left = (order: object, world: Partial<FlowContext> = {}) =>
    story(step, { ...inAnHour, ...order }, world).after('1d').run?.leftOut?.last
  const cny = { currency: 'CNY', minor: 20_000 }
  const large = { total: cny }
  expect(left(large)).toBeUndefined()
  expect(left({ total: { ...cny, minor: 1 } })).toEqual([{ channel: 'sms', why: 'below', from: cny }])
  expect(left({ total: { minor: 90_000, currency: 'USD' } })).toEqual([
    { channel: 'sms', why: 'other_currency', from: cny },
  ])
  expect(left({ total: null })).toEqual([{ channel: 'sms', why: 'no_total' }])
  const none = left({ total: { ...cny, minor: 1 } }, { reach: ['sms'] })!
  expect(none.map(({ channel, why }) => `${channel} ${why}`)).toEqual([
    'email no_contact', 'inbox no_contact', 'sms below',
  ]) // biome-ignore format: short
  expect(explainLeftOut({ step: 'last', flow: 'x', rule: () => undefined }, none, 'en')).toEqual({
    why: [
      'last left out: email (no address that works), inbox (no address that works), sms (the order is below 200.00 CNY).',
    ],
    change: [
      expect.stringMatching(/for email in its customer: email, phone, or externalId/),
      expect.stringMatching(/for inbox/),
      expect.stringMatching(/smsFrom: dingdong flow show x/),
    ],
  })
  const soon = story({}, { expiresAt: START + length('3m') }).after('1d').run?.leftOut?.last
  expect(soon).toEqual([{ channel: 'sms', why: 'no_time' }])
})

test('a channel that opens before its turn is used, and not said to be left out', () => {
  const order = story({}, inAnHour, { reach: ['email', 'inbox'] })
  expect(order.run?.leftOut?.last).toEqual([{ channel: 'sms', why: 'no_contact' }])
  order.world = { reach: ['email', 'inbox', 'sms'] }
  order.after('1d')
  expect(said(order).at(-1)).toMatch(/ sms$/)
  expect(order.run?.leftOut?.last).toBeUndefined()
})

test('a lap in which nothing is shut forgets what the one before left out', () => {
  const steps = [
    { id: 'last', kind: 'cascade', channels: ['email', 'inbox'], template: 'x', maxGap: '5m' },
    { id: 'pause', kind: 'wait', for: '1h', next: 'last' },
  ]
  const flow = compiled({ purpose: 'reminder', stopWhen: ['paid'], steps })
  const looped = new Story(flow, {}, { reach: ['inbox'] }).event('order.created').after('30m')
  expect(looped.run?.leftOut?.last).toEqual([{ channel: 'email', why: 'no_contact' }])
  looped.world = { reach: ['email', 'inbox'] }
  expect(looped.after('1h').run?.leftOut).toBeUndefined()
})

test('a lap of a flow that loops gives each channel a turn of its own', () => {
  const flow = compiled({
    purpose: 'reminder',
    stopWhen: ['paid'],
    steps: [
      { id: 'last', kind: 'cascade', channels: ['email', 'inbox'], template: 'x', maxGap: '5m' },
      { id: 'pause', kind: 'wait', for: '1h', next: 'last' },
    ],
  })
  const looped = new Story(flow).event('order.created').after('80m')
  expect(looped.effects.map(({ dedupe }) => `${dedupe.step} ${dedupe.visit}`)).toEqual([
    'last.email 1', 'last.inbox 1', 'last.email 2', 'last.inbox 2',
  ]) // biome-ignore format: short
})

test('people of the held arm get none of it', () => {
  const start = { arm: 'held' as const, earlier: { count: 0, active: false, lastStartedAt: null } }
  const held = startRun(flowOf(), flowContext(), start, START)
  expect(held).toMatchObject({ effects: [], run: { stopReason: 'nobody' }, trace: [{ code: 'holdout' }, {}] })
})

test('a browser sets no SMS in motion', () => {
  const browser = { ...flowContext(), event: flowEvent('order.created', { trust: 'browser' }) }
  const start = { arm: 'treated' as const, earlier: { count: 0, active: false, lastStartedAt: null } }
  expect(startRun(flowOf({ channels: ['sms'] }), browser, start, START)).toMatchObject({ effects: [] })
})

test('a flow about an event has no cascade', () => {
  const step = { id: 'x', kind: 'cascade', channels: ['email'], template: 'x' }
  const refused = validateFlow(flowInput({ subject: 'event', steps: [step, sendTo('y')] }))
  expect(JSON.stringify(refused)).toContain('a cascade waits for what the buyer does')
})

test('a channel that is shut before its turn is said to be left out, with the reason of that moment', () => {
  const order = story()
  order.world = { reach: ['email', 'sms'] }
  order.after('30m')
  expect(said(order)).toEqual(['0h email', '30m sms'])
  expect(order.run?.leftOut?.last).toEqual([{ channel: 'inbox', why: 'no_contact' }])
  const last = story()
  last.world = { reach: [], smsBar: () => ({ rule: 'cn-sms.words' }) }
  last.after('1d')
  expect(said(last)).toEqual(['0h email'])
  expect(last.run?.leftOut?.last).toEqual([
    { channel: 'inbox', why: 'no_contact' },
    { channel: 'sms', why: 'no_contact' },
  ])
})

test('a channel that the law of the receiver’s country shuts has its turn taken by the next at once, and names the rule', () => {
  const asked: string[] = []
  const bar = (template: string, purpose: string) => {
    asked.push(`${template} ${purpose}`)
    return { rule: 'cn-sms.words' }
  }
  const order = story({ channels: ['sms', 'email'] }, inAnHour, { reach: ['sms', 'email'], smsBar: bar })
  expect(said(order.after('1d'))).toEqual(['0h email'])
  expect(order.run?.leftOut?.last).toEqual([{ channel: 'sms', why: 'law', rule: 'cn-sms.words' }])
  expect(new Set(asked)).toEqual(new Set(['last reminder']))
  const may = story({ channels: ['sms', 'email'] }, inAnHour, { smsBar: () => null })
  expect(said(may)).toEqual(['0h sms'])
})
