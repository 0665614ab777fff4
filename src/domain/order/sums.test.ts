import { describe, expect, it } from 'vitest'
import type { Attempt, Fact } from './facts.ts'
import { sumMoney, witnessed } from './sums.ts'

const SIGNED = 0
const API = 1
const BROWSER = 4

let nth = 0
const receipt = (trust: number, said: Attempt, connection = 'a'): Fact<Attempt> => [
  `${connection}:${++nth}`,
  trust,
  0,
  'event',
  said,
]
const cny = (minor: number) => [minor, 'CNY'] as const
const sum = (...receipts: Fact<Attempt>[]) => sumMoney(witnessed(receipts))

describe('what came by the best witness', () => {
  it('is what the rail named, whatever the shop believes, and whoever spoke first', () => {
    const rail = receipt(SIGNED, { a: cny(1) }, 'rail')
    const shop = receipt(SIGNED, { a: cny(39_900), t: true }, 'shop')
    for (const told of [
      [rail, shop],
      [shop, rail],
    ])
      expect(sum(...told)).toEqual([{ minor: 1, currency: 'CNY' }])
  })

  it('is what a signed callback named, rather than what somebody with a key says', () => {
    const keyHolder = receipt(API, { a: cny(39_900) }, 'shop')
    expect(sum(keyHolder, receipt(SIGNED, { a: cny(1) }, 'rail'))).toEqual([{ minor: 1, currency: 'CNY' }])
  })

  it('is the shop’s own word where no rail named an amount, and never a browser’s', () => {
    const shop = receipt(API, { a: cny(39_900), t: true })
    expect(sum(shop, receipt(SIGNED, {}, 'rail'))).toEqual([{ minor: 39_900, currency: 'CNY' }])
    expect(sum(shop, receipt(BROWSER, { a: cny(1) }, 'page'))).toEqual([{ minor: 39_900, currency: 'CNY' }])
  })

  it('adds up what one rail was paid in parts, and counts once what two tell of one sale', () => {
    const parts = [receipt(SIGNED, { a: cny(100) }, 'rail'), receipt(SIGNED, { a: cny(200) }, 'rail')]
    expect(sum(...parts, receipt(SIGNED, { a: cny(300) }, 'other'))).toEqual([
      { minor: 300, currency: 'CNY' },
    ])
  })
})
