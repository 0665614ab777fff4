import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type ArmCounts, compareArms, LEAST_COUNTED } from './comparison.ts'

const arm = (name: string, paid: number, counted: number): ArmCounts => ({
  arm: name,
  persons: counted,
  moved: 0,
  counted,
  paid,
  runs: counted,
  running: 0,
  orders: counted,
  ordersPaid: paid,
  unsubscribed: 0,
  messages: {},
})
const outcome = fc.nat(400).chain((counted) => fc.tuple(fc.nat(counted), fc.constant(counted)))

test('arms come in the order of the flow, then what else was drawn; who had nobody is there with nobody', () => {
  const compared = compareArms(['b', 'a'], [arm('holdout', 1, 9), arm('a', 2, 9), arm('gone', 0, 9)])
  expect(compared.map((each) => [each.arm, each.persons])).toEqual([
    ['b', 0],
    ['a', 9],
    ['gone', 9],
    ['holdout', 9],
  ])
})

test('nothing is told of an arm with too few, and nobody wins against or with one', () => {
  fc.assert(
    fc.property(outcome, outcome, ([paid, counted], [others, all]) => {
      const [first, second] = compareArms(['a', 'b'], [arm('a', paid, counted), arm('b', others, all)])
      expect(first!.verdict).toBe('first')
      expect(first!.share === null).toBe(counted < LEAST_COUNTED)
      expect(second!.share === null).toBe(all < LEAST_COUNTED)
      const known = Math.min(counted, all) >= LEAST_COUNTED
      expect(second!.verdict === 'unknown').toBe(!known)
      expect(second!.difference !== null).toBe(known)
    }),
  )
})

test('an arm is higher or lower only where the whole interval is', () => {
  fc.assert(
    fc.property(fc.nat(300), fc.nat(300), (paid, others) => {
      const [, second] = compareArms(['a', 'b'], [arm('a', paid, 300), arm('b', others, 300)])
      const { low, high } = second!.difference!
      expect(second!.verdict).toBe(low > 0 ? 'higher' : high < 0 ? 'lower' : 'open')
      if (paid === others) expect(second!.verdict).toBe('open')
    }),
  )
})

test('the same numbers at 99 persons say nothing, at 100 they do', () => {
  const verdict = (counted: number) =>
    compareArms(['a', 'b'], [arm('a', 20, counted), arm('b', 60, counted)])[1]!.verdict
  expect([verdict(99), verdict(100)]).toEqual(['unknown', 'higher'])
})
