import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HOUR, MINUTE } from '../time.ts'
import { nextTurn } from './spread.ts'

const bounds = { min: 2 * MINUTE, max: 4 * HOUR }

test('what is left is shared out over the channels to come and the time to act on the last', () => {
  expect(nextTurn({ since: 0, end: 60 * MINUTE, left: 2, ...bounds })).toBe(20 * MINUTE)
  expect(nextTurn({ since: 0, end: 60 * MINUTE, left: 0, ...bounds })).toBe(60 * MINUTE)
  expect(nextTurn({ since: 0, end: 6 * MINUTE, left: 4, ...bounds })).toBe(2 * MINUTE)
  expect(nextTurn({ since: 0, end: MINUTE, left: 4, ...bounds })).toBe(MINUTE)
  expect(nextTurn({ since: 0, end: 100 * HOUR, left: 1, ...bounds })).toBe(4 * HOUR)
  expect(nextTurn({ since: 5, end: null, left: 3, ...bounds })).toBe(5 + 4 * HOUR)
})

test('never past the end, never sooner than the least gap while there is room, and a longer life never shortens it', () => {
  const time = fc.nat(50 * HOUR)
  const gap = fc.integer({ min: 1, max: 5 * HOUR })
  fc.assert(
    fc.property(time, time, fc.nat(4), gap, gap, (since, life, left, one, other) => {
      const [min, max] = [Math.min(one, other), Math.max(one, other)]
      const end = since + life
      const turn = nextTurn({ since, end, left, min, max })
      expect(turn).toBeGreaterThanOrEqual(since)
      expect(turn).toBeLessThanOrEqual(end)
      expect(turn).toBeLessThanOrEqual(since + max)
      if (life >= min) expect(turn - since).toBeGreaterThanOrEqual(min)
      expect(nextTurn({ since, end: end + HOUR, left, min, max })).toBeGreaterThanOrEqual(turn)
      expect(nextTurn({ since, end, left: left + 1, min, max })).toBeLessThanOrEqual(turn)
    }),
  )
})
