import { whyFalse } from '../flow/condition-parts.ts'
import { partText } from '../flow/why-not-texts.ts'
import { amountText } from '../money.ts'
import type { CompiledRule } from './compile.ts'
import { limitIn } from './limit.ts'
import { factsOf, type Looked } from './observe.ts'
import type { Language } from './words.ts'

/** Which parts of a rule's condition are false of an event, with their figures where it is about an amount. */
export function whyConditionFalse(
  compiled: CompiledRule,
  looked: Looked,
  now: number,
  language: Language,
): readonly string[] {
  const short = amountWords(compiled, looked, language)
  if (short !== null) return [short]
  const { when, params } = compiled
  if (when === null) return []
  return whyFalse(when, params, factsOf(looked, params, now)).map((part) => partText(part, language))
}

function amountWords(compiled: CompiledRule, { context }: Looked, language: Language): string | null {
  if (compiled.from === null) return null
  const zh = language === 'zh'
  const total = context.order?.total ?? null
  if (total === null) return zh ? '订单金额未知' : 'nobody has said the order’s total'
  const limit = limitIn(compiled, total.currency)
  if (limit === null || total.minor >= limit.minor) return null
  const [came, wanted] = [amountText(total), amountText(limit)]
  return zh ? `订单金额 ${came}，低于 ${wanted}` : `order ${came}, below ${wanted}`
}
