import * as z from 'zod'
import { type Money, parseMoney } from './money.ts'

/**
 * An amount that differs by currency, in whole units: `{ CNY: 5000, JPY: 100000 }`. What a currency is worth is nobody's
 * guess, so one that is not there has none.
 */
export type Amounts = Readonly<Record<string, number>>

/** At least one, each with no more decimals than its currency has. */
export const amounts = z
  .record(z.string().regex(/^[A-Z]{3}$/), z.number().positive('amounts'))
  .refine((table) => Object.keys(table).length > 0, 'amounts')
  .superRefine((table, { addIssue }) => {
    for (const currency of Object.keys(table))
      if (amountIn(table, currency) === null)
        addIssue({ code: 'custom', path: [currency], message: 'amounts' })
  })

export const isAmounts = (value: Amounts | string | number | boolean): value is Amounts =>
  typeof value === 'object'

/** The amount in this currency; `null` where there is none for it. */
export function amountIn(amounts: Amounts, currency: string): Money | null {
  const amount = Object.hasOwn(amounts, currency) ? amounts[currency] : undefined
  return amount === undefined ? null : parseMoney(String(amount), currency)
}

/** The same with this currency first. */
export function ownFirst(amounts: Amounts, own: string): Amounts {
  const { [own]: amount, ...others } = amounts
  return amount === undefined ? amounts : { [own]: amount, ...others }
}
