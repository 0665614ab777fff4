import * as z from 'zod'
import { MOST_FAULTS } from '../errors.ts'
import { anything, issueText } from '../input-problems.ts'
import { isProblemCode, type Language, type RawProblem, say, unknownName } from './problems.ts'

type Path = readonly (string | number)[]
type Schema = z.core.$ZodType

/** Kinds of values as people who write files call them; English has zod's names. */
const KINDS_ZH: Readonly<Record<string, string>> = {
  string: '文字',
  number: '数字',
  int: '整数',
  boolean: 'true 或 false',
  object: '一组“键: 值”',
  record: '一组“键: 值”',
  array: '列表',
  null: '空值',
  undefined: '空值',
}

const kindName = (name: string, language: Language) =>
  (language === 'zh' ? KINDS_ZH[name] : undefined) ?? name

const kindOf = (value: unknown) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value)

function cameText(value: unknown, language: Language): string {
  if (value === undefined) return language === 'zh' ? '空' : 'nothing'
  const kind = kindOf(value)
  const text =
    kind === 'object'
      ? JSON.stringify(value)
      : kind === 'array' || kind === 'null'
        ? kindName(kind, language)
        : String(value)
  return text.slice(0, 60)
}

/** A problem in words: either one of ours, still raw, or a sentence. */
export type SchemaProblem = RawProblem | { readonly path: Path; readonly text: string }

/** What is wrong with the shape of `input`, in `language`; unknown names come with the nearest known one. */
export function readShape<T>(
  schema: z.ZodType<T>,
  input: unknown,
  language: Language,
): { readonly value: T } | { readonly problems: readonly SchemaProblem[] } {
  const result = schema.safeParse(input, { reportInput: true })
  if (result.success) return { value: result.data }
  return { problems: result.error.issues.flatMap((issue) => explain(issue, schema, input, language)) }
}

function explain(
  issue: z.core.$ZodIssue,
  schema: Schema,
  input: unknown,
  language: Language,
): SchemaProblem[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))
  if (isProblemCode(issue.message))
    return [{ path, code: issue.message, params: { came: cameText(valueAt(input, path), language) } }]
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = keysAt(schema, input, path)
      // What was meant is looked for as long as it is told.
      return issue.keys.map((name, at) =>
        unknownName([...path, name], 'unknown_key', name, at < MOST_FAULTS ? known : []),
      )
    }
    case 'invalid_value':
      return [wrongValue(path, issue.input, issue.values.map(String), language)]
    case 'invalid_union': {
      const options = 'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : []
      if (options.length > 0) return [wrongValue(path, valueAt(input, path), options, language)]
      const kinds = issue.errors.flatMap(([first]) =>
        first?.code === 'invalid_type' ? [first.expected] : [],
      )
      if (kinds.length > 0) return [wrongKind(path, kinds, valueAt(input, path), language)]
      return [{ path, text: issueText(issue, input, language, anything) }]
    }
    case 'invalid_type':
      return [wrongKind(path, [issue.expected], issue.input, language)]
    default:
      return [{ path, text: issueText(issue, input, language, anything) }]
  }
}

function wrongKind(path: Path, kinds: readonly string[], value: unknown, language: Language): SchemaProblem {
  const known = [...new Set(kinds.map((kind) => kindName(kind, language)))].join(
    language === 'zh' ? '、' : ', ',
  )
  if (value === undefined) return { path, code: 'missing', params: { known } }
  return { path, code: 'wrong_type', params: { known, name: kindName(kindOf(value), language) } }
}

function wrongValue(path: Path, value: unknown, known: readonly string[], language: Language): SchemaProblem {
  if (value === undefined) return { path, code: 'missing', params: { known: known.join(', ') } }
  if (typeof value === 'string') return unknownName(path, 'unknown_value', value.slice(0, 60), known)
  return {
    path,
    code: 'unknown_value',
    params: { known: known.join(', '), name: kindName(kindOf(value), language) },
  }
}

function valueAt(input: unknown, path: Path): unknown {
  let value = input
  for (const part of path) value = (value as Record<string | number, unknown> | undefined)?.[part]
  return value
}

/** Keys the schema knows at `path` of `input`. */
function keysAt(schema: Schema, input: unknown, path: Path): string[] {
  let at: Schema | undefined = schema
  for (const [depth, part] of path.entries()) {
    at = at === undefined ? undefined : stepInto(at, valueAt(input, path.slice(0, depth)), part)
  }
  return at === undefined ? [] : keysOf(at, valueAt(input, path))
}

function keysOf(schema: Schema, value: unknown): string[] {
  const bare = unwrap(schema, value)
  return bare instanceof z.ZodObject ? Object.keys(bare.shape) : []
}

function stepInto(schema: Schema, value: unknown, part: string | number): Schema | undefined {
  const bare = unwrap(schema, value)
  if (bare instanceof z.ZodObject) return bare.shape[part]
  if (bare instanceof z.ZodArray) return bare.element
  if (bare instanceof z.ZodRecord) return bare.valueType
  return undefined
}

/** The schema inside optionals and defaults; of a union the object whose `kind` is the value's. */
function unwrap(schema: Schema, value: unknown): Schema | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault)
    return unwrap(schema.def.innerType, value)
  if (!(schema instanceof z.ZodUnion)) return schema
  const objects = schema.options.filter((option) => option instanceof z.ZodObject)
  const kind = (value as { kind?: unknown } | undefined)?.kind
  return objects.find(({ shape }) => shape.kind?.safeParse(kind).success) ?? objects[0]
}

/** The sentence of a problem. */
export function problemText(problem: SchemaProblem, language: Language): string {
  return 'code' in problem ? say(problem.code, problem.params, language) : problem.text
}
