import type { FieldProblem } from '../errors.ts'
import { type ChangedParams, changeParams } from '../params.ts'
import { type Amounts, isAmounts, type Rule, type RuleParam } from './rule.ts'

export type NewValues = Readonly<Record<string, string | number | boolean | Amounts>>

/** Takes a currency out of a table of amounts. */
const NONE = 'none'

/**
 * A rule's parameters with other values. Of an amount by currency `limit.JPY` is one, `none` takes it out, `limit` alone
 * is that of the shop's own currency, and a whole table takes the place of what was there.
 */
export function changeRuleParams(
  params: Rule['params'],
  values: NewValues,
  currency: string,
  language: 'en' | 'zh',
): ChangedParams<RuleParam> {
  const problems: FieldProblem[] = []
  const tables: Record<string, RuleParam> = {}
  const plain: Record<string, string | number | boolean> = {}
  for (const [path, to] of Object.entries(values)) {
    const [name = '', code] = path.split('.')
    const before = tables[name] ?? (Object.hasOwn(params, name) ? params[name] : undefined)
    if (before && isAmounts(before.value)) {
      const value = changed(before.value, code?.toUpperCase() ?? currency, code === undefined, to)
      if (value === null) problems.push({ path: `params.${path}`, problem: expected(to, language) })
      else tables[name] = { ...before, value }
    } else if (typeof to === 'object')
      problems.push({ path: `params.${path}`, problem: NOT_BY_CURRENCY[language] })
    else plain[path] = to
  }
  const scalars = Object.entries(params).flatMap(([name, { title, value }]) =>
    isAmounts(value) ? [] : [[name, { title, value }] as const],
  )
  const others = changeParams(Object.fromEntries(scalars), plain, language, Object.keys(params))
  if (!others.ok) return { ok: false, problems: [...problems, ...others.problems] }
  if (problems.length > 0) return { ok: false, problems }
  return { ok: true, value: { ...params, ...others.value, ...tables } }
}

function changed(before: Amounts, currency: string, alone: boolean, to: NewValues[string]): Amounts | null {
  if (typeof to === 'object') return alone ? to : null
  if (to === NONE) {
    const { [currency]: _, ...rest } = before
    return rest
  }
  return typeof to === 'number' && to > 0 && /^[A-Z]{3}$/.test(currency)
    ? { ...before, [currency]: to }
    : null
}

const NOT_BY_CURRENCY = {
  en: 'this parameter is one value, not one for each currency',
  zh: '该参数只有一个取值，不按货币区分',
} as const

const expected = (to: NewValues[string], language: 'en' | 'zh') =>
  language === 'zh'
    ? `应为大于 0 的数字，可写明货币，如 limit.JPY=100000；none 表示不判断该货币；实际为 ${String(to)}`
    : `expected a number above 0, for a currency as in limit.JPY=100000, or none to judge none in it; came ${String(to)}`
