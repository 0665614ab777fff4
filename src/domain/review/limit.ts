import { amountIn } from '../amounts.ts'
import type { Money } from '../money.ts'
import type { CompiledRule } from './compile.ts'

/** The amount from which on the rule matches in this currency; `null` where it has none for it. */
export function limitIn({ from }: Pick<CompiledRule, 'from'>, currency: string): Money | null {
  if (from === null) return null
  return amountIn(typeof from === 'number' ? { [currency]: from } : from, currency)
}
