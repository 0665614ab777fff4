import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatMoney } from '../domain/money.ts'
import { writeColour, writeDate, writeInk, writeMoney, writePlural } from './format.ts'

const noon = Date.UTC(2026, 10, 22, 4, 30)

describe('values as people write them', () => {
  it('writes money exactly as the rest of the program does', () => {
    const currency = fc.constantFrom('CNY', 'USD', 'JPY', 'BHD', 'EUR')
    fc.assert(
      fc.property(fc.integer(), currency, fc.constantFrom('zh-CN', 'en', 'de'), (minor, code, locale) => {
        const money = { minor, currency: code }
        expect(writeMoney(money, locale)).toBe(formatMoney(money, locale))
      }),
      { numRuns: 100 },
    )
  })

  it('writes the largest amounts to the last digit', () => {
    const minor = Number.MAX_SAFE_INTEGER
    expect(writeMoney({ minor, currency: 'CNY' }, 'zh-CN')).toBe('¥90,071,992,547,409.91')
    expect(writeMoney({ minor: -minor, currency: 'BHD' }, 'en')).toBe('-BHD\u00a09,007,199,254,740.991')
    expect(writeMoney({ minor, currency: 'JPY' }, 'en')).toBe('¥9,007,199,254,740,991')
    expect(writeMoney({ minor, currency: 'yuan' }, 'en')).toBe('90071992547409.91 yuan')
  })

  it('writes nothing for what is not money', () => {
    for (const value of [undefined, null, '12', 12, {}, { minor: '1', currency: 'CNY' }])
      expect(writeMoney(value, 'en')).toBe('')
  })

  it('tells currencies apart that share a sign', () => {
    const signs = (locale: string) =>
      ['CNY', 'JPY', 'USD', 'HKD', 'TWD', 'AUD'].map((currency) =>
        writeMoney({ minor: 500, currency }, locale).replace(/[\d.]/g, ''),
      )
    expect(signs('zh-CN')).toEqual(['¥', 'JP¥', 'US$', 'HK$', 'NT$', 'AU$'])
    expect(signs('en')).toEqual(['CN¥', '¥', '$', 'HK$', 'NT$', 'A$'])
  })

  it('writes a moment in the receiver’s zone and language', () => {
    expect(writeDate(noon, 'short', { locale: 'zh-CN', timeZone: 'Asia/Shanghai' })).toBe('11月22日 12:30')
    expect(writeDate(noon, 'short', { locale: 'en', timeZone: 'America/New_York' })).toMatch(
      /^Nov 21, 11:30\sPM$/,
    )
    expect(writeDate('2026-11-22T04:30:00Z', 'date', { locale: 'zh-CN', timeZone: 'UTC' })).toBe(
      '2026年11月22日',
    )
  })

  it('says which zone it is where that may not be the receiver’s, once', () => {
    const shanghai = { timeZone: 'Asia/Shanghai', tellZone: true }
    expect(writeDate(noon, 'short', { locale: 'zh-CN', ...shanghai })).toBe('11月22日 12:30（UTC+8）')
    expect(writeDate(noon, 'time', { locale: 'en', ...shanghai })).toMatch(/^12:30\sPM \(UTC\+8\)$/)
    expect(writeDate(noon, 'date', { locale: 'en', ...shanghai })).toBe('November 22, 2026')
    expect(writeDate(noon, 'long', { locale: 'en', ...shanghai })).toMatch(/GMT\+8$/)
  })

  it('reads an unknown zone as UTC and writes nothing for what is no moment', () => {
    expect(writeDate(noon, 'time', { locale: 'zh-CN', timeZone: 'Mars/Base' })).toBe('04:30')
    for (const value of [undefined, null, 'soon', Number.NaN, 1e20, {}])
      expect(writeDate(value, 'short', { locale: 'en', timeZone: 'UTC' })).toBe('')
  })

  it('refuses patterns, whatever padding they ask for', () => {
    const reader = { locale: 'en', timeZone: 'UTC' }
    expect(() => writeDate(noon, '%1000000000d', reader)).toThrow(/not a style/)
    expect(() => writeDate(noon, 'constructor', reader)).toThrow(/not a style/)
  })

  it('takes the plural of the language', () => {
    const forms = { one: '# item', other: '# items' }
    expect(writePlural(1, forms, 'en')).toBe('1 item')
    expect(writePlural(2_000, forms, 'en')).toBe('2,000 items')
    expect(writePlural(1, { other: '# 件' }, 'zh-CN')).toBe('1 件')
  })

  it('lets nothing but a colour into CSS, and picks ink that can be read on it', () => {
    expect(writeColour('#FFCC00')).toBe('#ffcc00')
    expect(writeColour('red;background:url(x)')).toBe('#2563eb')
    expect(writeInk('#ffcc00')).toBe('#111827')
    expect(writeInk('#0f766e')).toBe('#ffffff')
  })
})
