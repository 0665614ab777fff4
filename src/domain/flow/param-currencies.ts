import type * as z from 'zod'
import { isAmounts } from '../amounts.ts'
import { isCurrency, nearCurrency } from '../currencies.ts'
import type { param } from './fields.ts'
import type { RawProblem } from './problems.ts'

/**
 * Currencies in tables of amounts that ISO 4217 does not know. Asked of what is to be published and not of what is kept,
 * or a code that a newer Node drops would keep a shop from loading.
 */
export function currencyProblems(params: Readonly<Record<string, z.infer<typeof param>>>): RawProblem[] {
  return Object.entries(params).flatMap(([name, { value }]) =>
    isAmounts(value)
      ? Object.keys(value)
          .filter((code) => !isCurrency(code))
          .map((code) => noCurrency(['params', name, 'value', code], code))
      : [],
  )
}

function noCurrency(path: RawProblem['path'], name: string): RawProblem {
  const near = nearCurrency(name)
  return near === null
    ? { path, code: 'no_currency', params: { name } }
    : { path, code: 'no_currency_near', params: { name, near } }
}
