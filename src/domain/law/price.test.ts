import { describe, expect, test } from 'vitest'
import { NO_ACCOUNT_LAW } from './book.ts'
import { BOOK, CHECK_DAY } from './law.test-kit.ts'
import { segmentSizes, smsPrice } from './price.ts'

const FIVE_FEN = { minor: 5, currency: 'CNY' }
const CENT = { minor: 1, currency: 'USD' }
const china = segmentSizes(BOOK, { ...NO_ACCOUNT_LAW, law: 'tencent', country: 'CN' }, CHECK_DAY)
const us = segmentSizes(BOOK, { ...NO_ACCOUNT_LAW, country: 'US' }, CHECK_DAY)
const tollFree = segmentSizes(BOOK, { ...NO_ACCOUNT_LAW, law: 'toll-free', country: 'US' }, CHECK_DAY)

describe('the price of a text', () => {
  test.each([
    [70, 1],
    [71, 2],
    [134, 2],
    [135, 3],
  ])('in China %i characters, whatever they are, are %i', (length, segments) => {
    for (const char of ['中', 'a'])
      expect(smsPrice(char.repeat(length), null, china, FIVE_FEN)).toEqual({
        segments,
        price: { minor: segments * 5, currency: 'CNY' },
      })
  })

  test('counts the signature', () => {
    expect(smsPrice('中'.repeat(64), '星河小店', china, FIVE_FEN).segments).toBe(1)
    expect(smsPrice('中'.repeat(65), '星河小店', china, FIVE_FEN).segments).toBe(2)
  })

  test.each([
    [160, 1, 1],
    [161, 2, 2],
    [304, 2, 2],
    [305, 2, 3],
    [306, 2, 3],
    [307, 3, 3],
  ])('of %i plain characters: %i in the United States, %i from a toll-free number', (length, plain, free) => {
    expect(smsPrice('a'.repeat(length), null, us, CENT).segments).toBe(plain)
    expect(smsPrice('a'.repeat(length), null, tollFree, CENT).segments).toBe(free)
  })

  test('no pair straddles a border: it moves on, and may make one segment more', () => {
    // 151 + 2 > 152: the escape pair of € moves to the second segment.
    expect(smsPrice(`${'a'.repeat(151)}€${'a'.repeat(150)}`, null, tollFree, CENT).segments).toBe(2)
    expect(smsPrice(`${'a'.repeat(151)}€${'a'.repeat(151)}`, null, tollFree, CENT).segments).toBe(3)
    expect(smsPrice(`${'中'.repeat(65)}😀${'中'.repeat(64)}`, null, tollFree, CENT).segments).toBe(2)
    expect(smsPrice(`${'中'.repeat(65)}😀${'中'.repeat(65)}`, null, tollFree, CENT).segments).toBe(3)
    expect(smsPrice(`${'中'.repeat(66)}😀${'中'.repeat(66)}`, null, china, FIVE_FEN).segments).toBe(3)
  })
})
