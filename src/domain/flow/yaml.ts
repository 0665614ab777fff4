import { type Document, isMap, isScalar } from 'yaml'
import { type FieldProblem, MOST_FAULTS } from '../errors.ts'
import { openYaml, yamlDetail } from '../yaml-text.ts'
import type { Flow } from './flow.ts'
import { type Language, say } from './problems.ts'
import type { Validated } from './run.ts'
import { problemText, type SchemaProblem } from './schema-problems.ts'
import { checkFlow, pathText } from './validate.ts'

/** Longest flow file, in characters; a hundred steps with long conditions fit twice. */
const LONGEST_FLOW = 200_000

/** What is no YAML is shown so often: one file indented by tabs has over a hundred such places. */
const MOST_ERRORS = 10

/** A flow from YAML text, or everything wrong with it, each problem with its line and column. */
export const parseFlowYaml = (text: string, language: Language = 'en'): Validated<Flow> =>
  readYaml(text, language, checkFlow)

/** What a definition's own check says of it. */
type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly SchemaProblem[] }

/** Reads YAML text and checks what is in it; problems name their line and column. */
export function readYaml<T>(
  text: string,
  language: Language,
  check: (input: unknown, language: Language) => Checked<T>,
  whole = 'flow',
): Validated<T> {
  if (text.length > LONGEST_FLOW) {
    const params = { known: LONGEST_FLOW, name: text.length }
    return { ok: false, problems: [{ path: whole, problem: say('too_long', params, language) }] }
  }
  const { document, lines } = openYaml(text)
  const where = (path: string, detail: string, offset: number): FieldProblem => {
    const { line, col } = lines.linePos(offset)
    return { path, problem: say('where', { detail, line, column: col }, language) }
  }
  if (document.errors.length > 0) {
    const problems = document.errors
      .slice(0, MOST_ERRORS)
      .map((error) =>
        where(whole, say('not_yaml', { detail: yamlDetail(error, language) }, language), error.pos[0]),
      )
    const more = document.errors.length - problems.length
    if (more > 0) problems.push({ path: whole, problem: say('and_more', { known: more }, language) })
    return { ok: false, problems }
  }
  let input: unknown
  try {
    // A hundred aliases are more than a hand-written file needs and far from a billion laughs.
    input = document.toJS({ maxAliasCount: 100 })
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    return { ok: false, problems: [{ path: whole, problem: say('not_yaml', { detail }, language) }] }
  }
  const checked = check(input, language)
  if (checked.ok) return checked
  const problems = checked.problems
    .slice(0, MOST_FAULTS)
    .map((problem) =>
      where(pathText(problem.path, whole), problemText(problem, language), offsetOf(document, problem.path)),
    )
  const more = checked.problems.length - problems.length
  if (more > 0) problems.push({ path: whole, problem: say('and_more', { known: more }, language) })
  return { ok: false, problems }
}

/** Where in the text the path is: its key when it has one, else the nearest thing around it. */
export function offsetOf(document: Document, path: readonly (string | number)[]): number {
  for (let length = path.length; length > 0; length--) {
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true)
    const last = path[length - 1]
    if (isMap(parent)) {
      const pair = parent.items.find(({ key }) => isScalar(key) && key.value === last)
      if (pair !== undefined && isScalar(pair.key)) return pair.key.range?.[0] ?? 0
    }
    const node = document.getIn(path.slice(0, length), true)
    if (typeof node === 'object' && node !== null && 'range' in node)
      return (node.range as [number, number, number] | null)?.[0] ?? 0
  }
  return 0
}
