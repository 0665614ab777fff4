import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DAY, HOUR, MINUTE } from '../time.ts'
import { coversDay, parseWallClock } from './quiet-windows.ts'

test.each([
  ['00:00', 0],
  ['08:00', 8 * HOUR],
  ['23:59', 23 * HOUR + 59 * MINUTE],
  ['24:00', DAY],
])('%s is %i ms after midnight', (text, millis) => {
  expect(parseWallClock(text)).toBe(millis)
})

test.each(['', '8:00', '08:60', '24:01', '25:00', '08:00:00', '08.00', ' 08:00', '08:00\n', '10pm'])(
  '%j is no wall-clock time',
  (text) => {
    expect(parseWallClock(text)).toBeNull()
  },
)

const CORNERS = ['00:00', '00:01', '08:00', '11:59', '12:00', '20:00', '23:59', '24:00']
const minuteOf = (text: string) => parseWallClock(text)! / MINUTE

test('windows cover the day where no minute of it is outside all of them', () => {
  const corner = fc.constantFrom(...CORNERS)
  let covered = 0
  fc.assert(
    fc.property(fc.array(fc.record({ from: corner, to: corner }), { maxLength: 4 }), (windows) => {
      const inside = (minute: number) =>
        windows.some(({ from, to }) => {
          const [a, b] = [minuteOf(from), minuteOf(to)]
          return a <= b ? minute >= a && minute < b : minute >= a || minute < b
        })
      const all = Array.from({ length: 24 * 60 }, (_, minute) => minute).every(inside)
      covered += Number(all)
      expect(coversDay(windows)).toBe(all)
    }),
    { numRuns: 500, seed: 7 },
  )
  expect(covered).toBeGreaterThan(10)
})
