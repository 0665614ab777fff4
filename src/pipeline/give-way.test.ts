import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Clock } from '../domain/time.ts'
import { createYielding, MOST_DEFERRED, PRESSING } from './give-way.ts'

function steered() {
  const at = { now: 1_000_000, waiting: 0 }
  const clock: Clock = { now: () => at.now, after: () => () => {} }
  return { at, yielding: createYielding<string>(clock, () => at.waiting) }
}

it('begins at once while few events wait to be kept', () => {
  const { at, yielding } = steered()
  at.waiting = PRESSING - 1
  expect(yielding.defer('shop')).toBe(0)
})

it('stands aside under pressure, for so long and no longer, until it has caught up', () => {
  const { at, yielding } = steered()
  at.waiting = PRESSING
  expect(yielding.defer('shop')).toBeGreaterThan(0)
  at.now += MOST_DEFERRED - 1
  expect(yielding.defer('shop')).toBeGreaterThan(0)
  at.now += 1
  expect(yielding.defer('shop')).toBe(0)
  // Still behind: it goes on with its work, pressure or not.
  at.now += 10
  expect(yielding.defer('shop')).toBe(0)
  expect(yielding.defer('another shop')).toBeGreaterThan(0)
  yielding.caughtUp('shop')
  expect(yielding.defer('shop')).toBeGreaterThan(0)
})

it('never stands aside for longer than the most, whatever the pressure and the clock do', () => {
  const step = fc.record({ jump: fc.integer({ min: -5_000, max: 5_000 }), waiting: fc.nat(2 * PRESSING) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { at, yielding } = steered()
      for (const { jump, waiting } of steps) {
        Object.assign(at, { now: at.now + jump, waiting })
        yielding.defer('shop')
      }
      at.waiting = PRESSING
      yielding.defer('shop')
      at.now += MOST_DEFERRED
      expect(yielding.defer('shop')).toBe(0)
    }),
  )
})
