import { type Document, isMap, isScalar } from 'yaml'
import type * as z from 'zod'
import { anything, issueText } from '../input-problems.ts'
import type { Instant } from '../time.ts'
import { openYaml, yamlDetail } from '../yaml-text.ts'
import { railProblemInChinese } from './rail-texts.ts'

/** What is wrong in a file of `rails/`, and where. */
export interface RailProblem {
  readonly file: string
  readonly line: number
  /** `codes[3].class`; empty for the file as a whole. */
  readonly field: string
  readonly problem: string
}

/** A file's content in its shape, with the line of every place in it. */
export type RailFile<T> =
  | { readonly value: T; at(path: Path, problem: string): RailProblem }
  | { readonly problems: readonly RailProblem[] }

type Path = readonly (string | number)[]

export type RailLanguage = 'en' | 'zh'

/** The sentence in the reader's language. */
export const railSentence = (english: string, language: RailLanguage): string =>
  language === 'zh' ? railProblemInChinese(english) : english

/** Reads one YAML file of `rails/`; everything wrong with it at once, each with its line. */
export function readRailFile<T>(
  file: string,
  text: string,
  shape: z.ZodType<T>,
  language: RailLanguage = 'en',
): RailFile<T> {
  const { document, lines } = openYaml(text)
  const at = (path: Path, problem: string): RailProblem => ({
    file,
    line: lines.linePos(offsetOf(document, path)).line,
    field: pathText(path),
    problem: railSentence(problem, language),
  })
  if (document.errors.length > 0) {
    return {
      problems: document.errors.map((error) => ({
        file,
        line: lines.linePos(error.pos[0]).line,
        field: '',
        problem: railSentence(`no valid YAML: ${yamlDetail(error, language)}`, language),
      })),
    }
  }
  const content: unknown = document.toJS()
  const result = shape.safeParse(content, { reportInput: true })
  if (result.success) return { value: result.data, at }
  return {
    problems: result.error.issues.map((issue) => at(pathOf(issue), problemOf(issue, content, language))),
  }
}

export const problemText = ({ file, line, field, problem }: RailProblem): string =>
  `rails/${file}:${line}: ${field === '' ? '' : `${field}: `}${problem}`

/** The parts of a path that can be shown and looked up; an unknown key is part of it. */
function pathOf(issue: z.core.$ZodIssue): Path {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))
  return issue.code === 'unrecognized_keys' && issue.keys[0] !== undefined ? [...path, issue.keys[0]] : path
}

function problemOf(issue: z.core.$ZodIssue, content: unknown, language: RailLanguage): string {
  return issue.code === 'unrecognized_keys'
    ? `there is no such field (${issue.keys.join(', ')})`
    : issueText(issue, content, language, anything)
}

const pathText = (path: Path): string =>
  path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`),
    '',
  )

/** Where in the text the path is: its key when it has one, else the nearest thing around it. */
function offsetOf(document: Document, path: Path): number {
  for (let length = path.length; length > 0; length--) {
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true)
    const last = path[length - 1]
    if (isMap(parent)) {
      const pair = parent.items.find(({ key }) => isScalar(key) && key.value === last)
      if (pair !== undefined && isScalar(pair.key)) return pair.key.range?.[0] ?? 0
    }
    const node = document.getIn(path.slice(0, length), true)
    if (typeof node === 'object' && node !== null && 'range' in node)
      return (node.range as readonly [number, number, number] | null)?.[0] ?? 0
  }
  return 0
}

/** Periods that begin before an earlier one has ended; the later of the two is named. */
export function overlapping<T extends { readonly from: Instant | null; readonly to: Instant | null }>(
  periods: readonly T[],
): T | null {
  const sorted = periods.toSorted((a, b) => (a.from ?? -Infinity) - (b.from ?? -Infinity))
  return (
    sorted.find((each, at) => at > 0 && (sorted[at - 1]!.to ?? Infinity) > (each.from ?? -Infinity)) ?? null
  )
}
