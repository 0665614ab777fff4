import { type Money, parseMoney } from '../money.ts'
import type { CompiledRule } from './compile.ts'

/** The amount from which on the rule matches, in this currency; `null` for a rule that looks at no amount. */
export function limitIn({ from }: Pick<CompiledRule, 'from'>, currency: string): Money | null {
  return from === null ? null : parseMoney(String(from), currency)
}
