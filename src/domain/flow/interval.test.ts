import fc from 'fast-check'
import { expect, test } from 'vitest'
import { newcombe, type Share, wilson } from './interval.ts'

const share = (x: number, n: number): Share => ({ with: x, of: n })
const rounded = ({ low, high }: { low: number; high: number }) => [low.toFixed(4), high.toFixed(4)]

/** Newcombe, Statist. Med. 17 (1998) 857–872, table I, method 3, as the tests of the R package propint (m-Py/propint) repeat it. */
test.each([
  [81, 263, '0.2553', '0.3662'],
  [15, 148, '0.0624', '0.1605'],
])('%i of %i has the interval that Newcombe prints', (x, n, low, high) => {
  expect(rounded(wilson(share(x, n)))).toEqual([low, high])
})

/** R package binom, `binom.confint`, method wilson, as statsmodels keeps it in stats/tests/results/results_proportion.py. */
test.each([
  [18, 20, 0.6989663547715128, 0.972133518786232],
  [4, 20, 0.0806576625797981, 0.4160174322518935],
  [4, 200, 0.00780442641634947, 0.05028708690582643],
  [190, 200, 0.910421851861224, 0.972617354399236],
  [1, 30, 0.00590859, 0.16670391],
  [29, 30, 0.8332961, 0.9940914],
  [0, 30, 0, 0.11351339],
  [30, 30, 0.8864866, 1],
])('%i of %i has the interval of R', (x, n, low, high) => {
  const found = wilson(share(x, n))
  expect(found.low).toBeCloseTo(low, 7)
  expect(found.high).toBeCloseTo(high, 7)
})

/**
 * Newcombe, Statist. Med. 17 (1998) 873–890, table II, method 10: the first two as propint's tests repeat them, they and
 * the third as Garner does (Constructing confidence intervals for the differences of binomial proportions in SAS, WUSS
 * 2016, paper 127, kept in the tests of GSK-Biostatistics/cicalc).
 */
test.each([
  [56, 70, 48, 80, '0.0524', '0.3339'],
  [9, 10, 3, 10, '0.1705', '0.8090'],
  [10, 10, 0, 20, '0.6791', '1.0000'],
])('%i/%i less %i/%i has the interval that Newcombe prints', (a, m, b, n, low, high) => {
  expect(rounded(newcombe(share(a, m), share(b, n)))).toEqual([low, high])
})

test('7/34 less 1/34 has the interval of Fagerland, Lydersen and Laake (2015), kept in the tests of statsmodels', () => {
  const { low, high } = newcombe(share(7, 34), share(1, 34))
  expect([low.toFixed(3), high.toFixed(2)]).toEqual(['0.019', '0.34'])
})

/** statsmodels 0.14, `confint_proportions_2indep`, method newcomb. */
test.each([
  [6, 7, 2, 7, 0.05822792748231209, 0.8062496375242278],
  [5, 56, 0, 29, -0.038137147903536936, 0.19256001385511165],
  [0, 10, 0, 20, -0.1611251580528194, 0.27753279986288926],
  [78, 120, 18, 120, 0.3839849701148519, 0.595510158807889],
  [50, 120, 47, 120, -0.0978625529438199, 0.1468070024934973],
])('%i/%i less %i/%i has the interval of statsmodels', (a, m, b, n, low, high) => {
  const found = newcombe(share(a, m), share(b, n))
  expect(found.low).toBeCloseTo(low, 12)
  expect(found.high).toBeCloseTo(high, 12)
})
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
