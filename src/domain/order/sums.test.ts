import { describe, expect, it } from 'vitest'
import type { Attempt, Fact, MoneyPair } from './facts.ts'
import { receivedOf } from './sums.ts'

const SIGNED = 0
const API = 1
const QUERIED = 2
const BROWSER = 4

let nth = 0
const receipt = (connection: string, trust: number, said: Attempt): Fact<Attempt> => [
  `${connection}:${++nth}`,
  trust,
  0,
  'event',
  said,
]
const cny = (minor: number): MoneyPair => [minor, 'CNY']
const by = (rail: string, minor: number, trust = SIGNED) =>
  receipt(rail, trust, { r: rail, a: cny(minor), g: true })
const shop = (minor: number, trust = SIGNED) => receipt('shop', trust, { a: cny(minor) })

const came = (...receipts: Fact<Attempt>[]) => {
  const sums = [receipts, receipts.toReversed()].map(receivedOf)
  expect(sums[0]).toEqual(sums[1])
  return sums[0]!.map(({ minor }) => minor)
}

describe('what came by the best witnesses', () => {
  it('is what the gateway named, whatever the shop believes, and whoever spoke first', () => {
    expect(came(by('epay', 1), shop(39_900))).toEqual([1])
    expect(came(by('epay', 1, QUERIED), shop(39_900))).toEqual([1])
  })

  it('is the shop’s own word where no gateway named an amount: the better known, never a browser’s', () => {
    expect(came(shop(39_900, API), receipt('epay', SIGNED, { r: 'epay', g: true }))).toEqual([39_900])
    expect(came(shop(1), receipt('other', API, { a: cny(39_900) }))).toEqual([1])
    expect(came(shop(39_900, API), receipt('page', BROWSER, { a: cny(1), g: true }))).toEqual([39_900])
  })

  it('adds up the parts that one connection tells of, however each became known', () => {
    expect(came(by('wechat', 100), by('wechat', 299, QUERIED))).toEqual([399])
    expect(came(shop(100), shop(299, API))).toEqual([399])
  })

  it('is never more than an amount may be, however much it is said to be', () => {
    const most = Number.MAX_SAFE_INTEGER
    expect(came(shop(most), shop(most))).toEqual([most])
    expect(came(by('wechat', most), by('alipay', 5))).toEqual([most])
  })

  it('adds up rails, and counts once what two connections tell of one', () => {
    expect(came(by('wechat', 100), by('alipay', 299))).toEqual([399])
    expect(came(by('wechat', 300), receipt('twin', SIGNED, { r: 'wechat', a: cny(300), g: true }))).toEqual([
      300,
    ])
  })
})
