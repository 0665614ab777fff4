import { currencyDigits, type Money } from '../domain/money.ts'
import { UNREADABLE } from './tidy.ts'

/**
 * How many decimals Stripe's integer amounts have, where it is not 2. Not ISO 4217: MGA has none, and ISK and
 * UGX are sent with two for backward compatibility although they have none (docs.stripe.com/currencies,
 * "Zero-decimal", "Three-decimal" and "Special cases", read November 2026). HUF and TWD are special in
 * payouts only.
 */
const STRIPE_DIGITS: Readonly<Record<string, number>> = {
  BIF: 0, CLP: 0, DJF: 0, GNF: 0, JPY: 0, KMF: 0, KRW: 0, MGA: 0, PYG: 0, RWF: 0, VND: 0, VUV: 0,
  XAF: 0, XOF: 0, XPF: 0, BHD: 3, JOD: 3, KWD: 3, OMR: 3, TND: 3,
} // biome-ignore format: a table

/** Stripe's `amount` and `currency` as our minor units; `undefined` when there is no amount. */
export function stripeMoney(amount: unknown, currency: unknown): Money | undefined {
  if (amount === undefined || amount === null) return undefined
  if (typeof amount !== 'number' || !Number.isSafeInteger(amount) || amount < 0) return UNREADABLE
  if (typeof currency !== 'string' || !/^[a-zA-Z]{3}$/.test(currency)) return UNREADABLE
  const code = currency.toUpperCase()
  const shift = currencyDigits(code) - (STRIPE_DIGITS[code] ?? 2)
  const minor = shift >= 0 ? amount * 10 ** shift : Math.round(amount / 10 ** -shift)
  return Number.isSafeInteger(minor) ? { minor, currency: code } : UNREADABLE
}
