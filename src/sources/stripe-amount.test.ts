import { expect, test } from 'vitest'
import { moneyText } from '../domain/money.ts'
import { stripeMoney } from './stripe-amount.ts'
import { UNREADABLE } from './tidy.ts'

test.each([
  [1999, 'usd', '19.99'],
  [500, 'jpy', '500'],
  [500, 'krw', '500'],
  // Zero decimals at Stripe, two in ISO 4217.
  [500, 'mga', '500.00'],
  // Two decimals at Stripe, none in ISO 4217.
  [500, 'isk', '5'],
  [500, 'ugx', '5'],
  [5120, 'kwd', '5.120'],
  [1045, 'huf', '10.45'],
  [80_045, 'twd', '800.45'],
])('Stripe’s %i %s is %s', (amount, currency, text) => {
  expect(moneyText(stripeMoney(amount, currency)!)).toBe(text)
})

test.each([
  [-1, 'usd'],
  [1.5, 'usd'],
  ['1999', 'usd'],
  [1999, 'dollars'],
  [Number.MAX_SAFE_INTEGER, 'mga'],
])('%j %s is no amount', (amount, currency) => {
  expect(stripeMoney(amount, currency)).toBe(UNREADABLE)
})
