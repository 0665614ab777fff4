import { replaceMarks } from './marks.ts'
import { nearest } from './nearest.ts'
import { VARIABLES, type Variable } from './variables.ts'

const BY_ZH = new Map<string, Variable>(
  VARIABLES.flatMap((variable) => variable.zh.map((name) => [name, variable] as const)),
)
const BY_PATH = new Map<string, Variable>(VARIABLES.map((variable) => [variable.path, variable]))

/** `{订单号}`: one pair of braces round a name, not `{{`, not `{%`, not CSS (no colon, no semicolon). */
const SUGAR = /(?<![{$])\{[ \u3000]*([\p{Script=Han}A-Za-z_][\p{Script=Han}\w.]*)[ \u3000]*\}(?!\})/gu
const QUOTED_OR_NAME = /"[^"]*"|'[^']*'|[\p{Script=Han}][\p{Script=Han}\w]*/gu

/**
 * Text with `{订单号}` or `{order.no}` in it → Liquid, once, at publishing: `{{ order.no }}`. Chinese names
 * inside Liquid are translated too. Because values are filled in later, a value that contains `{订单号}` stays
 * what the buyer typed. Money and moments get their filter, so that nobody reads 1790000000000. Names in `{…}` that
 * mean nothing come once each.
 */
export function compileNames(text: string): {
  readonly liquid: string
  readonly unknown: readonly string[]
} {
  const unknown = new Set<string>()
  const liquid = replaceMarks(text, translateInside, (between) => compileSugar(between, unknown))
  return { liquid, unknown: [...unknown] }
}

function compileSugar(text: string, unknown: Set<string>): string {
  return text.replace(SUGAR, (whole, name: string) => {
    const variable = BY_ZH.get(name) ?? BY_PATH.get(name)
    if (variable) return `{{ ${variable.path}${defaultFilter(variable)} }}`
    if (name.startsWith('extra.')) return `{{ ${name} }}`
    unknown.add(name)
    return whole
  })
}

function translateInside(liquid: string): string {
  return liquid.replace(QUOTED_OR_NAME, (token) => BY_ZH.get(token)?.path ?? token)
}

function defaultFilter(variable: Variable): string {
  if (variable.type === 'money') return ' | money'
  if (variable.type === 'instant') return " | date: 'short'"
  return ''
}

/**
 * The known name nearest to one that is not: a Chinese name for a Chinese name, a path for a path, and for a
 * group of variables (`order`) the first in it.
 */
export function suggestName(name: string): string | null {
  const member = VARIABLES.find((variable) => variable.path.startsWith(`${name}.`))
  if (member) return member.path
  return nearest(name, /\p{Script=Han}/u.test(name) ? BY_ZH.keys() : BY_PATH.keys())
}
