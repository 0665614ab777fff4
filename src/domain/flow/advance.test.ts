import { expect, test } from 'vitest'
import { eventData } from '../event.ts'
import type { OrderView } from '../order/view.ts'
import { advance, STEPS_PER_ADVANCE, STEPS_PER_RUN, type Start, startRun, stopsOn } from './advance.ts'
import { type CompiledFlow, compileFlow } from './compile.ts'
import { flowSchema } from './flow.ts'
import type { Advance, FlowContext, FlowOrder, RunState, SendEffect } from './run.ts'
import { DEFAULT_EXPIRY } from './steps/send.ts'
import {
  compiled,
  flowContext,
  flowEvent,
  flowInput,
  length,
  openOrder,
  START,
  Story,
  sendTo,
} from './story.test-kit.ts'

const FRESH: Start = { arm: 'treated', earlier: { count: 0, active: false, lastStartedAt: null } }

function begin(flow: CompiledFlow, context: FlowContext = flowContext(), start: Start = FRESH): Advance {
  const begun = startRun(flow, context, start, START)
  if (begun.kind !== 'advanced') throw new Error(begun.reason)
  return begun
}

const reason = (flow: CompiledFlow, context: FlowContext, start = FRESH) => {
  const begun = startRun(flow, context, start, START)
  return begun.kind === 'not_started' ? begun.reason : null
}

const pause = { id: 'pause', kind: 'wait', for: '1h' }

test('why a run does not start is told in one word', () => {
  const flow = compiled({
    stopWhen: ['paid', 'closed'],
    trigger: { on: ['order.created'], when: 'order.attempts > 0' },
  })
  expect(reason(flow, flowContext({ event: flowEvent('order.paid') }))).toBe('event_not_in_trigger')
  expect(reason(flow, flowContext({ event: null }))).toBe('event_not_in_trigger')
  expect(reason(flow, flowContext({ order: null }))).toBe('no_order')
  expect(reason(flow, flowContext({ order: { ...openOrder, paidAt: 1 } }))).toBe('paid')
  expect(reason(flow, flowContext({ order: { ...openOrder, status: 'expired' } }))).toBe('closed')
  expect(reason(flow, flowContext())).toBe('condition_false')
  const absent = compiled({ trigger: { on: ['order.created'], when: 'order.expiresAt > now' } })
  expect(startRun(absent, flowContext(), FRESH, START)).toEqual({
    kind: 'not_started',
    reason: 'condition_failed',
    detail: 'no_such_key at "order.expiresAt"',
  })
})

test('a burst starts again only when the last run is over and its rest too', () => {
  const flow = compiled({ once: { per: 'burst', rest: '1h' } })
  const after = (ms: number, active = false) => ({
    ...FRESH,
    earlier: { count: 3, active, lastStartedAt: START - ms },
  })
  expect(reason(flow, flowContext(), after(length('2h'), true))).toBe('already_running')
  expect(reason(flow, flowContext(), after(length('1h') - 1))).toBe('resting')
  expect(begin(flow, flowContext(), after(length('1h'))).run.iteration).toBe('4')
})

test('runs are told apart by what the flow says, falling back to the event', () => {
  const data = eventData.parse({
    payment: { id: 'pay_1' },
    refund: { id: 're_1', amount: { minor: 1, currency: 'CNY' } },
    delivery: { id: 'del_1' },
  })
  const iteration = (per: string, changes = {}) =>
    begin(
      compiled({ once: { per } }),
      flowContext({ event: flowEvent('order.created', { key: 'e1', ...changes }) }),
    ).run.iteration
  expect(iteration('order')).toBe('1')
  expect(iteration('event')).toBe('e1')
  for (const [per, id] of [
    ['payment', 'pay_1'],
    ['refund', 're_1:1'],
    ['delivery', 'del_1'],
  ] as const) {
    expect(iteration(per, { data })).toBe(id)
    expect(iteration(per)).toBe('e1')
  }
})

test('a send carries everything the gate needs', () => {
  const flow = compiled({
    category: 'pay',
    purpose: 'reminder',
    stopWhen: ['paid', 'closed'],
    steps: [
      sendTo('mail', { channels: ['inbox', 'email'], collapse: 'again', inSession: true, expiresIn: '2h' }),
    ],
  })
  const event = flowEvent('order.created', { time: START - 5_000 })
  expect(begin(flow, flowContext({ event })).effects).toEqual([
    {
      kind: 'send',
      stepId: 'mail',
      to: { kind: 'buyer' },
      channels: ['inbox', 'email'],
      template: 'mail',
      purpose: 'reminder',
      category: 'pay',
      stopsWhenPaid: true,
      stopsWhenClosed: true,
      anyHour: false,
      expiresAt: START + length('2h'),
      actAt: START - 5_000,
      dedupe: { origin: 'flow:probe', iteration: '1', step: 'mail', visit: 1 },
      collapse: 'again',
    },
  ])
})

test('a message is worth sending as long as its purpose says, unless the step or the order’s life is shorter', () => {
  for (const purpose of ['essential', 'service', 'reminder', 'promotion'] as const) {
    const flow = compiled({ purpose, stopWhen: ['paid'] })
    expect(begin(flow).effects[0]?.expiresAt).toBe(START + DEFAULT_EXPIRY[purpose])
  }
  const context = flowContext({ order: { ...openOrder, expiresAt: START + 1_000 } })
  expect(begin(compiled(), context).effects[0]?.expiresAt).toBe(START + 1_000)
  // A paid order no longer runs out, and members may read about one that has.
  const paid = flowContext({ order: { ...openOrder, paidAt: 1, status: 'paid', expiresAt: START - 1 } })
  expect(begin(compiled(), paid).effects).toHaveLength(1)
  const expired = flowContext({ order: { ...openOrder, expiresAt: START } })
  expect(begin(compiled(), expired).run.stopReason).toBe('order_life')
  expect(
    begin(compiled({ steps: [sendTo('m', { to: { role: 'operator' } })] }), expired).effects,
  ).toHaveLength(1)
  expect(begin(compiled({ afterExpiry: 'allow' }), expired).effects).toHaveLength(1)
})

test('a browser’s word sends no SMS', () => {
  const event = flowEvent('order.created', { trust: 'browser' })
  const flow = compiled({
    steps: [sendTo('a', { channels: ['sms'] }), sendTo('b', { channels: ['sms', 'email'] })],
  })
  const begun = begin(flow, flowContext({ event }))
  expect(begun.trace[0]).toEqual({ stepId: 'a', code: 'untrusted' })
  expect(begun.effects).toMatchObject([{ stepId: 'b', channels: ['email'] }])
  expect(begin(flow).effects).toMatchObject([{ channels: ['sms'] }, { channels: ['sms', 'email'] }])
})

test('a held person runs through the flow without reminders and promotions, but hears the rest', () => {
  const flow = compiled({
    purpose: 'reminder',
    holdout: 10,
    stopWhen: ['paid'],
    steps: [
      sendTo('a'),
      sendTo('b', { purpose: 'promotion' }),
      sendTo('c', { purpose: 'service' }),
      pause,
      sendTo('d'),
    ],
  })
  const begun = begin(flow, flowContext(), { ...FRESH, arm: 'held' })
  expect(begun.trace.map(({ code }) => code)).toEqual(['holdout', 'holdout', 'planned', 'waiting'])
  expect(begun.effects).toMatchObject([{ stepId: 'c' }])
  const later = advance(flow, begun.run, { kind: 'timer' }, flowContext(), START + length('1h'))
  expect(later).toMatchObject({ effects: [], run: { status: 'done', arm: 'held' } })
})

test('a timer that comes early, an event nobody waits for and a run that is over change nothing', () => {
  const flow = compiled({ steps: [pause, sendTo('mail')] })
  const { run } = begin(flow)
  const early = advance(flow, run, { kind: 'timer' }, flowContext(), START + length('1h') - 1)
  expect(early).toEqual({ kind: 'advanced', run, effects: [], trace: [] })
  const event = flowEvent('link.clicked')
  expect(advance(flow, run, { kind: 'event', event }, flowContext(), START + 1)).toMatchObject({
    run,
    effects: [],
  })
  const over = advance(flow, run, { kind: 'timer' }, flowContext(), START + length('1h'))
  expect(over.effects).toHaveLength(1)
  expect(advance(flow, over.run, { kind: 'timer' }, flowContext(), START + length('2h'))).toMatchObject({
    run: over.run,
    effects: [],
    trace: [],
  })
})

test('waiting for an event takes the one that fits, or the timeout', () => {
  const flow = compiled({
    steps: [
      {
        id: 'w',
        kind: 'waitFor',
        event: ['link.clicked'],
        when: 'extra.good',
        timeout: '2h',
        onTimeout: 'late',
      },
      sendTo('came', { next: 'end' }),
      sendTo('late'),
      { id: 'end', kind: 'stop' },
    ],
  })
  const click = (good: boolean) => ({ data: eventData.parse({ extra: { good } }) })
  const came = new Story(flow).event('order.created').after('1h').event('link.clicked', click(false))
  expect(came.run).toMatchObject({ status: 'active', waitingFor: ['link.clicked'] })
  came.after('30m').event('link.clicked', click(true))
  expect(came.log).toEqual(['90m send came'])
  // The context of a run may still hold the event it started on: the one that came counts.
  const { run } = begin(flow)
  const event = flowEvent('link.clicked', click(true))
  expect(advance(flow, run, { kind: 'event', event }, flowContext(), START + 1).effects).toHaveLength(1)
  expect(new Story(flow).event('order.created').after('3h').log).toEqual(['2h send late'])
})

test('a wait until a moment of the order follows that moment', () => {
  const flow = compiled({
    steps: [{ id: 'w', kind: 'wait', until: 'order.expiresAt - duration("10m")' }, sendTo('last')],
  })
  const expiresAt = START + length('2h')
  expect(new Story(flow, { expiresAt }).event('order.created').after('5h').log).toEqual(['110m send last'])
  const moved = new Story(flow, { expiresAt }).event('order.created').after('1h')
  moved.learn({ expiresAt: START + length('4h') })
  expect(moved.after('5h').log).toEqual(['230m send last'])
  const nobodyKnows = new Story(flow).event('order.created')
  expect(nobodyKnows.run).toMatchObject({ status: 'stopped', stopReason: 'until_failed' })
})

test('a wait that does not fit the order’s life may lead elsewhere at once', () => {
  const flow = compiled({
    steps: [
      { id: 'w', kind: 'wait', for: '1h', ifTooLate: 'short' },
      sendTo('long', { next: 'end' }),
      sendTo('short'),
      { id: 'end', kind: 'stop' },
    ],
  })
  const within = (text: string) =>
    new Story(flow, { expiresAt: START + length(text) }).event('order.created').after('5h').log
  expect(within('1h')).toEqual(['0h send short'])
  expect(within('2h')).toEqual(['1h send long'])
})

test('a flow that loops numbers its visits and ends one day', () => {
  const flow = compiled({
    steps: [sendTo('again'), { id: 'day', kind: 'wait', for: '1d', next: 'again' }],
  })
  const story = new Story(flow).event('order.created').after('2d')
  expect(story.effects.map(({ dedupe }) => dedupe.visit)).toEqual([1, 2, 3])
  for (let year = 0; year < 5; year++) story.after('365d')
  expect(story.run).toMatchObject({ status: 'stopped', stopReason: 'step_limit', stepsDone: STEPS_PER_RUN })
})

test('a circle that got past validation stops at the step limit instead of hanging', () => {
  const flow = compileFlow(
    flowSchema.parse(flowInput({ steps: [sendTo('a', { next: 'b' }), sendTo('b', { next: 'a' })] })),
  )
  const begun = begin(flow)
  expect(begun.run).toMatchObject({ status: 'stopped', stopReason: 'step_limit' })
  expect(begun.effects).toHaveLength(STEPS_PER_ADVANCE)
})

test('a run whose step the flow no longer has is stopped, not lost', () => {
  const flow = compiled({ steps: [pause, sendTo('mail')] })
  const run: RunState = { ...begin(flow).run, stepId: 'gone' }
  const over = advance(flow, run, { kind: 'timer' }, flowContext(), START + length('1h'))
  expect(over).toMatchObject({ effects: [], run: { status: 'stopped', stopReason: 'unknown_step' } })
})

test('a branch goes by its condition; one that cannot be worked out goes the other way and says so', () => {
  const flow = compiled({
    steps: [
      // biome-ignore lint/suspicious/noThenProperty: a step id, never a function
      { id: 'q', kind: 'branch', when: 'order.expiresAt > now', then: 'open', else: 'unknown' },
      sendTo('open', { next: 'end' }),
      sendTo('unknown'),
      { id: 'end', kind: 'stop', reason: 'answered' },
    ],
  })
  const known = begin(flow, flowContext({ order: { ...openOrder, expiresAt: START + 1 } }))
  expect(known.trace).toEqual([
    { stepId: 'q', code: 'then' },
    { stepId: 'open', code: 'planned' },
    { stepId: 'end', code: 'stopped' },
  ])
  expect(known.run.stopReason).toBe('answered')
  const unknown = begin(flow)
  expect(unknown.trace[0]).toEqual({
    stepId: 'q',
    code: 'condition_failed',
    detail: 'no_such_key at "order.expiresAt"',
  })
  expect((unknown.effects[0] as SendEffect).template).toBe('unknown')
})

test('the view of the order fold is all that a flow needs of an order', () => {
  const fits = (view: OrderView): FlowOrder => view
  expect(fits).toBeTypeOf('function')
})

test('stop facts are read from the order as a whole', () => {
  const flow = compiled({ stopWhen: ['paid'] })
  for (const status of ['paid', 'partly_delivered', 'delivered', 'partly_refunded', 'refunded'])
    expect(stopsOn(flow, { ...openOrder, status }), status).toBe('paid')
  for (const status of ['open', 'payment_failed', 'cancelled', 'expired'])
    expect(stopsOn(flow, { ...openOrder, status }), status).toBeNull()
  expect(stopsOn(flow, { ...openOrder, status: 'cancelled', paidAt: 0 })).toBe('paid')
  expect(stopsOn(flow, null)).toBeNull()
  for (const status of ['cancelled', 'expired', 'refunded'])
    expect(stopsOn(compiled({ stopWhen: ['closed'] }), { ...openOrder, status }), status).toBe('closed')
})

test('a run whose reason is gone ends as moved on, and begins again without a rest', () => {
  const flow = compiled({
    trigger: { on: ['payment.failed'] },
    while: 'order.status == "payment_failed"',
    once: { per: 'burst', rest: '1h' },
    steps: [sendTo('first'), { id: 'pause', kind: 'wait', for: '5m' }, sendTo('second')],
  })
  const story = new Story(flow).event('payment.failed').learn({ status: 'open' })
  expect(story.run).toMatchObject({ status: 'stopped', stopReason: 'moved_on' })
  expect(story.after('1h').log).toEqual(['0h send first'])
  story.now = START + length('1m')
  story.event('payment.failed')
  expect(story.log).toEqual(['0h send first', '1m send first'])
})

test('a wait for an event until a moment follows that moment', () => {
  const flow = compiled({
    steps: [
      {
        id: 'low',
        kind: 'waitFor',
        event: ['stock.low'],
        until: 'order.expiresAt - duration("10m")',
        onTimeout: 'late',
      },
      sendTo('came', { next: 'over' }),
      sendTo('late'),
      { id: 'over', kind: 'stop' },
    ],
  })
  const expiresAt = START + length('2h')
  expect(new Story(flow, { expiresAt }).event('order.created').after('1d').log).toEqual(['110m send late'])
  const moved = new Story(flow, { expiresAt }).event('order.created')
  moved.learn({ expiresAt: START + length('1h') })
  expect(moved.after('1d').log).toEqual(['50m send late'])
  expect(new Story(flow, { expiresAt }).event('order.created').after('5m').event('stock.low').log).toEqual([
    '5m send came',
  ])
  expect(new Story(flow).event('order.created').run?.stopReason).toBe('until_failed')
  expect(new Story(flow, { expiresAt: START + length('5m') }).event('order.created').log).toEqual([
    '0h send late',
  ])
})

test('a wait until a moment keeps its least length, and gives up where that does not fit', () => {
  const flow = compiled({
    steps: [
      {
        id: 'end',
        kind: 'wait',
        until: 'order.expiresAt - duration("10m")',
        atLeast: '20m',
        ifTooLate: 'over',
      },
      sendTo('last'),
      { id: 'over', kind: 'stop', reason: 'over' },
    ],
  })
  const at = (text: string) => new Story(flow, { expiresAt: START + length(text) }).event('order.created')
  expect(at('25m').after('1d').log).toEqual(['20m send last'])
  expect(at('20m').run?.stopReason).toBe('over')
  const moved = at('3h')
    .after('15m')
    .learn({ expiresAt: START + length('26m') })
  expect(moved.after('1d').log).toEqual(['20m send last'])
})

test('a flow that may reopen goes on after the expiry, and says nothing until the order is open again', () => {
  const flow = compiled({
    purpose: 'reminder',
    stopWhen: ['paid', 'cancelled'],
    afterExpiry: 'reopen',
    steps: [
      { id: 'pause', kind: 'waitFor', event: ['order.reopened'], timeout: '1h', onTimeout: 'late' },
      sendTo('late'),
    ],
  })
  const story = new Story(flow).event('order.created').after('10m').event('order.expired')
  expect(story.run?.status).toBe('active')
  expect(story.after('1h').run?.stopReason).toBe('order_life')
  const reopened = new Story(flow)
    .event('order.created')
    .event('order.expired')
    .after('5m')
    .event('order.reopened')
  expect(reopened.log).toEqual(['5m send late'])
  expect(reopened.effects[0]).toMatchObject({ stopsWhenClosed: true })
})
