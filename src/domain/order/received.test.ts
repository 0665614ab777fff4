import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import {
  type Comparable,
  differenceOf,
  differenceText,
  excessOf,
  isPaidInFull,
  missingOf,
  toldShort,
} from './received.ts'

const cny = (minor: number) => ({ minor, currency: 'CNY' })
const order = (changes: Partial<Comparable>): Comparable => ({
  status: 'paid',
  paidAt: 1,
  toldTotal: cny(39_900),
  received: [],
  refunded: [],
  ...changes,
})

describe('what came for an order', () => {
  it('is told with its total, in whichever way it is another sum', () => {
    const little = differenceOf(order({ received: [cny(1)] }))!
    expect(little).toMatchObject({ differs: 'too_little', by: cny(39_899) })
    expect(differenceText(little, 'en')).toBe(
      'received 0.01 CNY for a total of 399 CNY: 398.99 CNY too little',
    )
    expect(differenceText(little, 'zh')).toBe('实收 0.01 CNY，订单金额 399 CNY：少收 398.99 CNY')
    const much = differenceOf(order({ received: [cny(79_800)], refunded: [cny(10_000)] }))!
    expect(differenceText(much, 'en')).toBe(
      'received 798 CNY (100 CNY of it refunded) for a total of 399 CNY: 299 CNY too much',
    )
    expect(differenceText(much, 'zh')).toBe('实收 798 CNY（已退 100 CNY），订单金额 399 CNY：多收 299 CNY')
  })

  it('lacks as much as is missing before refunds, and is as much too much as stays after them', () => {
    const sum = fc.integer({ min: 0, max: 10 })
    fc.assert(
      fc.property(sum, sum, sum, (total, paid, refunded) => {
        const given = order({ toldTotal: cny(total), received: [cny(paid)], refunded: [cny(refunded)] })
        const missing = Math.max(0, total - paid)
        const excess = Math.max(0, paid - refunded - total)
        expect(missingOf(given)?.minor ?? 0).toBe(missing)
        expect(excessOf(given)?.minor ?? 0).toBe(excess)
        expect(differenceOf(given) === null).toBe(missing === 0 && excess === 0)
        expect(isPaidInFull(given)).toBe(missing === 0)
      }),
    )
  })
})

test.each([
  ['nobody has paid', { paidAt: null, received: [cny(1)] }],
  ['nobody knows the total', { toldTotal: null, received: [cny(1)] }],
  ['the payment is of another currency', { received: [{ minor: 1, currency: 'USD' }] }],
  ['all went back', { status: 'refunded', received: [cny(1)], refunded: [cny(1)] }],
  ['no payment named a sum', { received: [] }],
] as const)('nothing is compared where %s', (_title, changes) => {
  expect(differenceOf(order(changes))).toBeNull()
  // Nor is it known to be all right.
  expect(isPaidInFull(order(changes))).toBe(false)
})

test('a cent of another currency does not hide what is missing', () => {
  const cent = { minor: 1, currency: 'USD' }
  expect(missingOf(order({ received: [cny(1), cent] }))).toEqual(cny(39_899))
  expect(isPaidInFull(order({ received: [cny(1), cent] }))).toBe(false)
  expect(isPaidInFull(order({ received: [cny(39_900), cent] }))).toBe(true)
})

test.each([
  [39_900, 39_890, false],
  [39_900, 37_905, false],
  [39_900, 37_904, true],
  [100, 97, false],
  [100, 1, true],
  [100, 130, false],
])('of %i of which %i came its buyer is told both sums: %j', (total, came, told) => {
  const short = toldShort(order({ toldTotal: cny(total), received: [cny(came)] }))
  expect(short !== null).toBe(told)
})
