import { describe, expect, test } from 'vitest'
import { HOUR } from '../time.ts'
import type { EarlierRuns, FlowContext } from './run.ts'
import { compiled, flowContext, flowEvent, openOrder, START, sendTo } from './story.test-kit.ts'
import { whyNotStarted } from './why-not.ts'
import { explainWhyNot } from './why-not-texts.ts'

const NONE = { count: 0, active: false, lastStartedAt: null }

interface More {
  readonly earlier?: EarlierRuns
  readonly iterations?: readonly string[]
  readonly enabled?: boolean
}

function ask(
  flow: Record<string, unknown> | null,
  context: FlowContext = flowContext(),
  { earlier = NONE, iterations = [], enabled = true }: More = {},
) {
  const then = flow === null ? null : { enabled, compiled: compiled(flow) }
  return whyNotStarted(then, context, { arm: 'treated', earlier }, new Set(iterations), START + HOUR)
}
const when = (condition: string) => ({ trigger: { on: ['order.created'], when: condition } })

describe('why a flow did not start', () => {
  test.each([
    ['there was no version yet', null, flowContext(), {}, 'not_there_yet'],
    ['it was disabled', {}, flowContext(), { enabled: false }, 'disabled'],
    [
      'a browser said so',
      {},
      flowContext({ event: flowEvent('order.created', { trust: 'browser' }) }),
      {},
      'untrusted',
    ],
    [
      'it is about no order',
      { subject: 'event', once: { per: 'event' } },
      flowContext(),
      {},
      'wrong_subject',
    ],
    [
      'another system had told of the refund',
      { trigger: { on: ['order.refunded'] }, once: { per: 'refund' } },
      flowContext({
        event: flowEvent('order.refunded', {
          data: { refs: [], refund: { id: 'r', amount: { minor: 5, currency: 'CNY' } } },
        }),
        gaveBack: [],
      }),
      {},
      'refund_told',
    ],
    ['it ran before', {}, flowContext(), { iterations: ['1'] }, 'ran_already'],
    [
      'another version listened',
      { trigger: { on: ['order.paid'] } },
      flowContext(),
      {},
      'event_not_in_trigger',
    ],
    [
      'the order was paid',
      { stopWhen: ['paid'] },
      flowContext({ order: { ...openOrder, status: 'paid', paidAt: START } }),
      {},
      'paid',
    ],
    [
      'it is resting',
      { once: { per: 'burst', rest: '2h' } },
      flowContext(),
      { earlier: { count: 1, active: false, lastStartedAt: START } },
      'resting',
    ],
    [
      'it is running',
      { once: { per: 'burst', rest: '2h' } },
      flowContext(),
      { earlier: { count: 1, active: true, lastStartedAt: START } },
      'already_running',
    ],
  ] as const)('%s', (_title, flow, context, more, reason) => {
    expect(ask(flow, context, more)?.reason).toBe(reason)
  })

  test('nothing, when it did', () => {
    expect(ask({})).toBeNull()
  })

  test('which parts of its condition were not true', () => {
    const rule =
      'order.total >= money(5000, "CNY") && (customer.orders == 1 || order.status == "paid") && shop.locale == "zh-CN"'
    expect(ask(when(rule))).toEqual({
      reason: 'condition_false',
      parts: [{ source: 'order.total >= money(5000, "CNY")', value: false, detail: null }],
    })
    const regular = flowContext({ customer: { locale: null, timeZone: null, orders: 7 } })
    expect(ask(when(rule), regular)?.parts.map(({ source }) => source)).toEqual([
      'order.total >= money(5000, "CNY")',
      'customer.orders == 1',
      'order.status == "paid"',
    ])
  })

  test('which part could not be worked out, without quoting what it read', () => {
    const answer = ask(when('customer.tier == "gold" && order.attempts < 5'))
    expect(answer?.reason).toBe('condition_failed')
    expect(answer?.parts).toEqual([
      { source: 'customer.tier == "gold"', value: false, detail: expect.stringContaining('customer.tier') },
    ])
    expect(explainWhyNot(answer!, 'en')[1]).toMatch(/^Could not be worked out: customer.tier == "gold" \(/)
  })

  test('one part names the whole condition, a denied one too', () => {
    expect(ask(when('!(order.attempts == 0)'))?.parts.map(({ source }) => source)).toEqual([
      '!(order.attempts == 0)',
    ])
  })

  test('in a sentence for people, in both languages', () => {
    const answer = ask({ ...when('order.attempts > 4'), steps: [sendTo('mail')] })!
    expect(explainWhyNot(answer, 'en')).toEqual([
      'Its condition was not true.',
      'Not true: order.attempts > 4',
    ])
    expect(explainWhyNot(answer, 'zh')).toEqual(['触发条件不成立。', '不成立：order.attempts > 4'])
  })
})
