import type { FieldProblem } from './errors.ts'
import { parseDuration } from './flow/duration.ts'
import { nearest } from './template/nearest.ts'

type Value = string | number | boolean

/** With other values, or everything that is wrong with those. */
export type ChangedParams<T> =
  | { readonly ok: true; readonly value: Readonly<Record<string, T>> }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] }

/**
 * Parameters of a flow or a rule with other values. A name that is not there is refused with the nearest, and so is
 * a value of another kind: a number stays a number, a length of time a length of time.
 */
export function changeParams<T extends { readonly value: Value }>(
  params: Readonly<Record<string, T>>,
  values: Readonly<Record<string, Value>>,
  language: 'en' | 'zh',
  known: readonly string[] = Object.keys(params),
): ChangedParams<T> {
  const problems: FieldProblem[] = []
  const changed: Record<string, T> = { ...params }
  for (const [name, to] of Object.entries(values)) {
    const before = Object.hasOwn(params, name) ? params[name] : undefined
    const problem = before ? misfit(before.value, to, language) : unknownParam(name, known, language)
    if (problem !== null) problems.push({ path: `params.${name}`, problem })
    else if (before) changed[name] = { ...before, value: to }
  }
  return problems.length === 0 ? { ok: true, value: changed } : { ok: false, problems }
}

function misfit(before: Value, to: Value, language: 'en' | 'zh'): string | null {
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

function unknownParam(name: string, known: readonly string[], language: 'en' | 'zh'): string {
  const near = nearest(name, known)
  if (language === 'zh')
    return near ? `没有这个参数；是否想写 ${near}？` : `没有这个参数；可用：${known.join('、')}`
  return near ? `no such parameter; did you mean ${near}?` : `no such parameter; known: ${known.join(', ')}`
}
