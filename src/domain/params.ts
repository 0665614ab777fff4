import { type Amounts, isAmounts } from './amounts.ts'
import { isCurrency, nearCurrency } from './currencies.ts'
import type { FieldProblem } from './errors.ts'
import { parseDuration } from './flow/duration.ts'
import { nearest } from './template/nearest.ts'

type Single = string | number | boolean
type Value = Single | Amounts
type Language = 'en' | 'zh'

/** By name. Of an amount by currency also `limit.JPY`, for that one alone. */
export type NewValues = Readonly<Record<string, Value>>

/** With other values, or everything that is wrong with those. */
export type ChangedParams<T> =
  | { readonly ok: true; readonly value: Readonly<Record<string, T>> }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] }

/** Takes a currency out of a table of amounts. */
const NONE = 'none'

/**
 * Parameters of a flow or a rule with other values. A name that is not there is refused with the nearest, and so is
 * a value of another kind: a number stays a number, a length of time a length of time. Of an amount by currency
 * `limit.JPY` is one, `none` takes it out, `limit` alone is that in the shop's own `currency`, and a whole table takes
 * the place of what was there.
 */
export function changeParams<T extends { readonly value: Value }>(
  params: Readonly<Record<string, T>>,
  values: NewValues,
  currency: string,
  language: Language,
): ChangedParams<T> {
  const problems: FieldProblem[] = []
  const changed: Record<string, T> = { ...params }
  for (const [path, to] of Object.entries(values)) {
    const [name = '', ...codes] = path.split('.')
    const code = codes.length === 0 ? undefined : codes.join('.')
    const before = Object.hasOwn(changed, name) ? changed[name] : undefined
    const made = before
      ? newValue({ name, before: before.value, code, own: currency, language }, to)
      : { problem: unknownParam(name, Object.keys(params), language) }
    if ('problem' in made) problems.push({ path: `params.${path}`, problem: made.problem })
    else changed[name] = { ...before!, value: made.value }
  }
  return problems.length === 0 ? { ok: true, value: changed } : { ok: false, problems }
}

type Made = { readonly value: Value } | { readonly problem: string }

/** Which parameter, and the currency where it is named. */
interface Place<T extends Value = Value> {
  readonly name: string
  readonly before: T
  readonly code: string | undefined
  /** The shop's. */
  readonly own: string
  readonly language: Language
}

function newValue(place: Place, to: Value): Made {
  const { before, code, language } = place
  if (isAmounts(before)) {
    if (!isAmounts(to)) return newAmount({ ...place, before }, to)
    return code === undefined ? { value: to } : { problem: noAmount(place, JSON.stringify(to)) }
  }
  if (isAmounts(to) || code !== undefined) return { problem: NOT_BY_CURRENCY[language] }
  const problem = misfit(before, to, language)
  return problem === null ? { value: to } : { problem }
}

function newAmount(place: Place<Amounts>, to: Single): Made {
  const { before, code, own } = place
  const currency = code?.toUpperCase() ?? own
  if (to === NONE) {
    const { [currency]: _, ...rest } = before
    return { value: rest }
  }
  if (!isCurrency(currency)) return { problem: noCurrency(place, currency) }
  return typeof to === 'number' && to > 0
    ? { value: { ...before, [currency]: to } }
    : { problem: noAmount(place, to) }
}

const NOT_BY_CURRENCY = {
  en: 'this parameter is one value, not one for each currency; a newer preset may have a table (dingdong preset list)',
  zh: '该参数只有一个取值，不按货币区分；新版预设中可能按货币列出（见 dingdong preset list）',
} as const

function noCurrency({ name, language }: Place, code: string): string {
  const near = nearCurrency(code)
  if (language === 'zh')
    return `应为 ISO 4217 货币，如 ${name}.JPY=4000；实际为 ${code}${near ? `，是否想写 ${near}？` : ''}`
  return `expected a currency of ISO 4217 as in ${name}.JPY=4000; came ${code}${near ? `, did you mean ${near}?` : ''}`
}

function noAmount({ name, language }: Place, came: Single): string {
  return language === 'zh'
    ? `应为大于 0 的数字，可写明货币，如 ${name}.JPY=4000；none 表示不再有该货币的金额；实际为 ${came}`
    : `expected a number above 0, for a currency as in ${name}.JPY=4000, or none for no amount in it; came ${came}`
}

function misfit(before: Single, to: Single, language: Language): string | null {
  if (typeof before === 'string' && parseDuration(before) !== null) {
    if (typeof to === 'string' && parseDuration(to) !== null) return null
    return language === 'zh'
      ? `应为一段时间，如 90s、30m、1h30m、7d（最长 400d）；实际为 ${to}`
      : `expected a length of time such as 90s, 30m, 1h30m or 7d, at most 400d; came ${to}`
  }
  if (typeof before === 'number' && typeof to === 'number' && to < 0 && before >= 0)
    return language === 'zh'
      ? `应为不小于 0 的数，如 ${before}；实际为 ${to}`
      : `expected 0 or more, such as ${before}; came ${to}`
  if (typeof before === typeof to) return null
  return language === 'zh'
    ? `应为 ${typeof before}，如 ${before}；实际为 ${to}`
    : `expected a ${typeof before} such as ${before}; came ${to}`
}

function unknownParam(name: string, known: readonly string[], language: Language): string {
  const near = nearest(name, known)
  if (language === 'zh')
    return near ? `没有这个参数；是否想写 ${near}？` : `没有这个参数；可用：${known.join('、')}`
  return near ? `no such parameter; did you mean ${near}?` : `no such parameter; known: ${known.join(', ')}`
}
