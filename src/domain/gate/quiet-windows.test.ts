import { expect, test } from 'vitest'
import { DAY, HOUR, MINUTE } from '../time.ts'
import { parseWallClock } from './quiet-windows.ts'

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
