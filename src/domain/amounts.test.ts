import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { amountIn, amounts, ownFirst } from './amounts.ts'
import { currencyDigits } from './money.ts'

const currency = fc.constantFrom('CNY', 'USD', 'JPY', 'KRW', 'KWD', 'EUR')
const table = fc.dictionary(currency, fc.integer({ min: 1, max: 1_000_000_000 }), { minKeys: 1 })

describe('an amount by currency', () => {
  it('is what the table says, in whole units, and nothing in a currency that is not there', () => {
    fc.assert(
      fc.property(table, fc.oneof(currency, fc.constantFrom('toString', '__proto__', '')), (all, code) => {
        const found = amountIn(amounts.parse(all), code)
        if (!Object.hasOwn(all, code)) return found === null
        return found?.currency === code && found.minor === all[code]! * 10 ** currencyDigits(code)
      }),
    )
  })

  it.each([
    ['no currency at all', {}],
    ['nothing', { CNY: 0 }],
    ['less than nothing', { CNY: -1 }],
    ['more decimals than the currency has', { JPY: 0.5 }],
    ['more than can be counted', { CNY: 1e21 }],
    ['a currency in small letters', { cny: 5000 }],
    ['a text', 'much'],
  ])('is refused as %s', (_title, value) => {
    expect(amounts.safeParse(value).success).toBe(false)
  })

  it('may have as many decimals as its currency', () => {
    expect(amountIn(amounts.parse({ CNY: 9.9, KWD: 0.125 }), 'KWD')).toEqual({ minor: 125, currency: 'KWD' })
  })

  it('is listed with the shop’s own currency first, and loses none', () => {
    fc.assert(
      fc.property(table, currency, (all, own) => {
        const listed = ownFirst(all, own)
        expect(listed).toEqual(all)
        return !Object.hasOwn(all, own) || Object.keys(listed)[0] === own
      }),
    )
  })
})
