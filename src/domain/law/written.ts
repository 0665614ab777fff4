import { VARIABLES } from '../template/variables.ts'
import { VALUE_MARK } from './pieces.ts'
import type { Words } from './rule.ts'

/** What one place may write: words of the template itself, or a value under its name. */
export type Written =
  | { readonly kind: 'words'; readonly text: string }
  | { readonly kind: 'value'; readonly path: string }

/** What an expression may write, each possibility; or why nobody can tell. */
export type Reading = { readonly may: readonly Written[] } | { readonly why: Words }

/** Filters that write no words of their own beside a value, with the arguments they may have. */
const NUMBERS = /^(-?\d+(\.\d+)?(\s*,\s*-?\d+(\.\d+)?)*)?$/
const PLAIN: ReadonlyMap<string, RegExp> = new Map([
  ...(
    'money number upcase downcase capitalize strip lstrip rstrip abs ceil floor round plus minus times divided_by ' +
    'modulo at_least at_most slice size'
  )
    .split(' ')
    .map((name) => [name, NUMBERS] as const),
  ['date', /^("[a-z]*"|'[a-z]*')?$/],
])

const CONSTANTS = new Set(['true', 'false', 'nil', 'null', 'empty', 'blank'])
const LITERAL = /^(?:"([^"]*)"|'([^']*)')$/
const PATH = /^[\p{L}_][\p{L}\w]*(\.[\p{L}\w]+)*$/u
const FORMS = /^\w+\s*:\s*("[^"]*"|'[^']*')(\s*,\s*\w+\s*:\s*("[^"]*"|'[^']*'))*$/

/** Reads `{{ … }}` or what an `assign` takes, where `known` names were assigned before. */
export function readWritten(inside: string, known: ReadonlyMap<string, Written>): Reading {
  const [first = '', ...filters] = (inside.match(/(?:[^|"']|"[^"]*"|'[^']*')+/g) ?? []).map((each) =>
    each.trim(),
  )
  const literal = LITERAL.exec(first)
  const source: Written | null = literal
    ? { kind: 'words', text: literal[1] ?? literal[2]! }
    : PATH.test(first) && !CONSTANTS.has(first)
      ? (known.get(first) ?? { kind: 'value', path: first })
      : null
  if (source === null || (!literal && first.includes('.') && known.has(first.split('.')[0]!)))
    return { why: UNCLEAR }
  return filters.length === 0 ? { may: [source] } : filtered(source, filters)
}

function filtered(source: Written, filters: readonly string[]): Reading {
  for (const [at, filter] of filters.entries()) {
    const [, name = '', given = ''] = /^(\w+)\s*:?\s*([\s\S]*)$/.exec(filter) ?? []
    if (source.kind === 'words') return { why: makesWords(name) }
    if (PLAIN.get(name)?.test(given)) continue
    const last = at === filters.length - 1
    const instead = LITERAL.exec(given)
    if (last && name === 'default' && instead)
      return { may: [source, { kind: 'words', text: instead[1] ?? instead[2]! }] }
    if (last && name === 'plural' && FORMS.test(given))
      return {
        may: [...given.matchAll(/"([^"]*)"|'([^']*)'/g)].map(([, double, single]) => ({
          kind: 'words',
          text: (double ?? single!).replaceAll('#', VALUE_MARK),
        })),
      }
    return { why: makesWords(name) }
  }
  return { may: [source] }
}

/** A name that an `assign` may take: what a template reads keeps its meaning. */
export const mayBeAssigned = (name: string) =>
  !VARIABLES.some(({ path }) => path.split('.')[0] === name) && !CONSTANTS.has(name)

const UNCLEAR: Words = { zh: '看不出这里会写出什么', en: 'nobody can tell what this writes' }

const makesWords = (name: string): Words => ({
  zh: `过滤器 ${name} 会拼出别的文字`,
  en: `the filter "${name}" makes other words`,
})
