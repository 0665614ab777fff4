import fc from 'fast-check'
import { expect, test } from 'vitest'
import { newcombe, type Share, wilson } from './interval.ts'

const share = (x: number, n: number): Share => ({ with: x, of: n })
const rounded = ({ low, high }: { low: number; high: number }) => [low.toFixed(4), high.toFixed(4)]

test.each([
  [81, 263, '0.2553', '0.3662'],
  [15, 148, '0.0624', '0.1605'],
  [0, 20, '0.0000', '0.1611'],
  [1, 29, '0.0061', '0.1718'],
])('%i of %i has the interval of Newcombe 1998, 857–872, table I, method 3', (x, n, low, high) => {
  expect(rounded(wilson(share(x, n)))).toEqual([low, high])
})

test.each([
  [56, 70, 48, 80, '0.0524', '0.3339'],
  [9, 10, 3, 10, '0.1705', '0.8090'],
  [6, 7, 2, 7, '0.0582', '0.8062'],
  [5, 56, 0, 29, '-0.0381', '0.1926'],
  [0, 10, 0, 20, '-0.1611', '0.2775'],
  [0, 10, 0, 10, '-0.2775', '0.2775'],
  [10, 10, 0, 20, '0.6791', '1.0000'],
  [10, 10, 0, 10, '0.6075', '1.0000'],
])(
  '%i/%i less %i/%i has the interval of Newcombe 1998, 873–890, table II, method 10',
  (a, m, b, n, low, high) => {
    expect(rounded(newcombe(share(a, m), share(b, n)))).toEqual([low, high])
  },
)

const anyShare = fc.integer({ min: 1, max: 5_000 }).chain((n) => fc.nat(n).map((x) => share(x, n)))

test('a share lies in its interval, which lies in 0 … 1 and mirrors that of the rest', () => {
  fc.assert(
    fc.property(anyShare, (one) => {
      const { value, low, high } = wilson(one)
      expect(low).toBeGreaterThanOrEqual(0)
      expect(low).toBeLessThanOrEqual(value)
      expect(value).toBeLessThanOrEqual(high)
      expect(high).toBeLessThanOrEqual(1)
      const rest = wilson(share(one.of - one.with, one.of))
      expect(rest.low).toBeCloseTo(1 - high, 12)
      // Its ends are where the true share would be 1.96 standard deviations of its own away.
      if (one.with > 0)
        expect((value - low) ** 2).toBeCloseTo((1.959963984540054 ** 2 * low * (1 - low)) / one.of, 12)
    }),
  )
})

test('a difference lies in its interval within −1 … 1, and turns round with its shares', () => {
  fc.assert(
    fc.property(anyShare, anyShare, (one, other) => {
      const { value, low, high } = newcombe(one, other)
      expect(low).toBeGreaterThanOrEqual(-1 - 1e-12)
      expect(low).toBeLessThanOrEqual(value)
      expect(value).toBeLessThanOrEqual(high)
      expect(high).toBeLessThanOrEqual(1 + 1e-12)
      const turned = newcombe(other, one)
      expect(turned.low).toBeCloseTo(-high, 12)
      expect(turned.high).toBeCloseTo(-low, 12)
    }),
  )
})
