import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SourceEvent } from '../domain/event.ts'
import type { Answered } from './source.ts'
import { actOnEach, beijingTime, joinAnswers, orderNoOf, tradeNumbers, tradeRefs } from './trade.ts'

const event = (type: string): SourceEvent => ({
  id: type,
  type,
  source: 'test',
  time: 0,
  subject: null,
  data: { refs: [] },
})
const paid: Answered = { kind: 'events', events: [event('order.paid')] }
const ended: Answered = { kind: 'events', events: [event('order.expired')] }
const failed: Answered = { kind: 'events', events: [event('payment.failed')] }
const pending: Answered = { kind: 'pending' }
const later: Answered = { kind: 'later', code: 'busy', retryAfter: 1_000 }
const stranger: Answered = { kind: 'stranger' }
const typesOf = (answer: Answered) =>
  answer.kind === 'events' ? answer.events.map(({ type }) => type) : answer.kind

describe('the answers about an order’s tries', () => {
  test('say the same in whatever order the tries were asked about', () => {
    const one = fc.constantFrom(paid, ended, failed, pending, later, stranger)
    fc.assert(
      fc.property(fc.array(one, { maxLength: 5 }), (answers) => {
        const sorted = (answer: Answered) => JSON.stringify([typesOf(answer)].flat().sort())
        expect(sorted(joinAnswers([...answers].reverse()))).toBe(sorted(joinAnswers(answers)))
      }),
    )
  })

  test.each([
    ['a payment beats all else, and no end beside it is told', [ended, later, paid, pending], ['order.paid']],
    ['an answer that is missing keeps the question open', [ended, later, pending], 'later'],
    ['an open try keeps the order open', [ended, failed, pending], 'pending'],
    ['the last try’s end is the order’s', [ended, stranger, ended], ['order.expired', 'order.expired']],
    ['nothing known is nothing known', [stranger, stranger], 'stranger'],
    ['nothing asked is nothing known', [], 'stranger'],
  ] as const)('%s', (_, answers, expected) => {
    expect(typesOf(joinAnswers(answers))).toEqual(expected)
  })
})

test('an order’s number is cut out of a try’s, never to nothing', () => {
  expect(orderNoOf('D1_2', '_')).toBe('D1')
  expect(orderNoOf('D1_2_3', '_')).toBe('D1_2')
  expect(orderNoOf('D1', '_')).toBe('D1')
  expect(orderNoOf('_2', '_')).toBe('_2')
  expect(orderNoOf('D1_2', undefined)).toBe('D1_2')
  const own = { kind: 'wechat_tx', value: undefined }
  expect(tradeRefs('D1', '_', own)).toEqual([{ kind: 'order_no', value: 'D1' }])
})

test('asked for are the numbers of the tries, else the order’s own, never what the rail cannot have', () => {
  const refs = [
    { kind: 'order_no', value: 'D1' },
    { kind: 'stripe_pi', value: 'pi_1' },
    { kind: 'out_trade_no', value: 'D1/2' },
  ]
  expect(tradeNumbers({ refs }, /^\w+$/)).toEqual(['D1'])
  const tries = ['a', 'b', 'c', 'd', 'e'].map((value) => ({ kind: 'out_trade_no', value }))
  expect(tradeNumbers({ refs: [...refs, ...tries] }, /^\w+$/)).toEqual(['b', 'c', 'd', 'e'])
})

test('what cannot be done to one number is not gone on with', async () => {
  const asked: string[] = []
  const acted = await actOnEach(['a', 'b', 'c'], async (no) => {
    asked.push(no)
    return no === 'b' ? { kind: 'unknown', code: 'x' } : { kind: 'done', events: [] }
  })
  expect([acted.kind, asked]).toEqual(['unknown', ['a', 'b']])
  expect(await actOnEach([], async () => ({ kind: 'done', events: [] }))).toMatchObject({ kind: 'refused' })
})

test('Beijing’s time is eight hours ahead, with fractions and without', () => {
  expect(beijingTime('2026-11-22 16:00:00')).toBe(Date.UTC(2026, 10, 22, 8))
  expect(beijingTime('2026-11-22 16:00:00.320')).toBe(Date.UTC(2026, 10, 22, 8) + 320)
  for (const text of [undefined, '', 'null', '0000-00-00 00:00:00', '2026-11-22']) {
    expect(beijingTime(text)).toBeUndefined()
  }
})
