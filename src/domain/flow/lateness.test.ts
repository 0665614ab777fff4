import fc from 'fast-check'
import { expect, test } from 'vitest'
import { REVIEW_SOURCE } from '../event.ts'
import { DAY, HOUR, MINUTE } from '../time.ts'
import { advance, startRun } from './advance.ts'
import type { CompiledFlow } from './compile.ts'
import { compiled, flowContext, flowEvent, START, sendTo } from './story.test-kit.ts'

const FRESH = { arm: 'treated' as const, earlier: { count: 0, active: false, lastStartedAt: null } }

/** A run that starts now on what happened `ago`. */
const begin = (flow: CompiledFlow, ago: number, event = {}) => {
  const context = flowContext({ event: flowEvent('order.created', { time: START - ago, ...event }) })
  return { context, begun: startRun(flow, context, FRESH, START) }
}

const age = fc.oneof(
  fc.integer({ min: -HOUR, max: 10 * DAY }),
  fc.constantFrom(DAY, DAY + 1, 7 * DAY, 7 * DAY + 1),
)

test('what happened too long ago starts nothing: a day, a week where it is essential, or as the flow says', () => {
  const purpose = fc.constantFrom('reminder', 'promotion', 'service', 'essential')
  const within = fc.option(fc.constantFrom(['2h', 2 * HOUR] as const, ['30d', 30 * DAY] as const))
  fc.assert(
    fc.property(purpose, within, age, (purpose, own, ago) => {
      const flow = compiled({ purpose, stopWhen: ['paid'], ...(own && { startWithin: own[0] }) })
      const limit = own ? own[1] : purpose === 'essential' ? 7 * DAY : DAY
      const { begun } = begin(flow, ago)
      if (ago > limit) expect(begun).toEqual({ kind: 'not_started', reason: 'too_old' })
      else expect(begun.kind).toBe('advanced')
    }),
    { numRuns: 300 },
  )
})

test('a review is open, however late its news is drawn', () => {
  expect(begin(compiled(), 30 * DAY, { source: REVIEW_SOURCE }).begun.kind).toBe('advanced')
})

test('a wait from the event is shorter by what the event was late, and never by what the run took', () => {
  const flow = compiled({
    steps: [
      { id: 'first', kind: 'wait', for: '1h', from: 'event' },
      sendTo('said'),
      { id: 'second', kind: 'wait', for: '2h', from: 'event' },
      sendTo('again'),
    ],
  })
  fc.assert(
    fc.property(fc.integer({ min: -HOUR, max: DAY }), (ago) => {
      const { context, begun } = begin(flow, ago)
      if (begun.kind !== 'advanced') throw new Error(begun.reason)
      const late = Math.max(0, ago)
      const first = late < HOUR ? START + HOUR - late : START
      if (late < HOUR) expect(begun.run.dueAt).toBe(first)
      const said = late < HOUR ? advance(flow, begun.run, { kind: 'timer' }, context, first) : begun
      expect(said.effects[0]).toMatchObject({ stepId: 'said' })
      if (late < 2 * HOUR) expect(said.run.dueAt).toBe(first + 2 * HOUR - late)
      else expect(said.effects[1]).toMatchObject({ stepId: 'again' })
    }),
  )
  expect(begin(flow, 20 * MINUTE).begun).toMatchObject({ run: { dueAt: START + 40 * MINUTE } })
})

test('from belongs to for', () => {
  expect(() => compiled({ steps: [{ id: 'w', kind: 'wait', until: 'now', from: 'event' }] })).toThrow(
    'from belongs to for only',
  )
})
