import { type Money, parseMoney } from '../money.ts'
import type { CompiledRule } from './compile.ts'

/** The amount from which on the rule matches in this currency; `null` where it has none for it. */
export function limitIn({ from }: Pick<CompiledRule, 'from'>, currency: string): Money | null {
  if (from === null) return null
  const amount = typeof from === 'number' ? from : Object.hasOwn(from, currency) ? from[currency] : undefined
  return amount === undefined ? null : parseMoney(String(amount), currency)
}
