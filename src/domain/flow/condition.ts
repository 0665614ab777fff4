import { type ASTNode, EvaluationError, type ParseError, type ParseResult } from '@marcbachmann/cel-js'
import type { Money } from '../money.ts'
import type { Instant } from '../time.ts'
import { FACT_FIELDS, FACT_VALUES, type Facts, MoneyFact, type ParamFacts, TYPE_FIELDS } from './facts.ts'
import { cameText, paramOf } from './fields.ts'
import { type RawProblem, unknownName } from './problems.ts'

export type { Facts } from './facts.ts'

/** A parsed and type-checked CEL expression. Evaluating it never throws. */
export interface Expression {
  readonly source: string
  readonly run: ParseResult
}

/** What an expression must give. */
export type Gives = 'bool' | 'timestamp' | 'money'

const RESULTS: Readonly<Record<Gives, string>> = {
  bool: 'bool',
  timestamp: 'google.protobuf.Timestamp',
  money: 'Money',
}
const LOOPS = new Set(['all', 'exists', 'exists_one', 'filter'])
/** `map` and `bind` can double a text or list at every use: twenty of them fill the memory. */
const GROWING = new Set(['map', 'bind'])
const VARIABLES = ['order', 'customer', 'event', 'shop', 'params', 'extra', 'now']

/**
 * Parses and type-checks `source` (CEL, https://cel.dev). What is refused besides faults: regular expressions,
 * map, bind and nested list macros, so that no condition costs more than its length times the longest list it reads.
 */
export function compileExpression(
  source: string,
  gives: Gives,
  params: ParamFacts,
  path: readonly (string | number)[],
): { readonly expression: Expression } | { readonly problem: RawProblem } {
  let run: ParseResult
  try {
    run = params.environment.parse(source)
  } catch (error) {
    return { problem: syntaxProblem(error as ParseError, path) }
  }
  const refused = refusedIn(run.ast, 0, params, path)
  if (refused !== null) return { problem: refused }
  const checked = run.check()
  if (!checked.valid) return { problem: typeProblem(checked.error!, tableIn(source, params), path) }
  const { type = '' } = checked
  if (type !== RESULTS[gives] && !type.startsWith('dyn')) {
    const name = gives === 'money' ? paramOf(source) : null
    if (name !== null) {
      const came = cameText(params.values[name]!)
      return { problem: { path, code: 'param_not_table', params: { name, came } } }
    }
    return { problem: { path, code: 'cel_result', params: { known: gives, name: type } } }
  }
  return { expression: { source, run } }
}

function syntaxProblem(error: ParseError, path: readonly (string | number)[]): RawProblem {
  if (/^(max|.*limit|exceed)/i.test(error.code))
    return { path, code: 'cel_too_big', params: { detail: error.summary } }
  return { path, code: 'cel_syntax', params: { at: place(error), detail: error.summary } }
}

function typeProblem(
  error: { readonly summary: string; readonly code: string; readonly range?: { readonly start: number } },
  table: string | null,
  path: readonly (string | number)[],
): RawProblem {
  const variable = /^Unknown variable: (\w+)$/.exec(error.summary)?.[1]
  if (variable !== undefined) return unknownName(path, 'cel_name', variable, VARIABLES, { at: place(error) })
  const params = { at: place(error), detail: error.summary }
  if (table !== null) return { path, code: 'cel_table', params: { ...params, name: table } }
  return { path, code: /\bnull\b/.test(error.summary) ? 'cel_null' : 'cel_types', params }
}

/** A parameter by currency that the expression reads: whoever takes it for a number is told what it is. */
function tableIn(source: string, { fields }: ParamFacts): string | null {
  const names = [...source.matchAll(/\bparams\.(\w+)/g)].map(([, name]) => name!)
  return names.find((name) => Object.hasOwn(fields, name) && fields[name] === 'Money') ?? null
}

const place = (error: { readonly range?: { readonly start: number } }) => (error.range?.start ?? 0) + 1

/**
 * The first thing in the tree that is refused. Field names are looked up here too, because `has()` is not
 * type-checked by the library: `has(order.totl)` would be false for ever.
 */
function refusedIn(
  node: ASTNode,
  loops: number,
  params: ParamFacts,
  path: readonly (string | number)[],
): RawProblem | null {
  if (node.op === 'rcall') {
    const [name, receiver, args] = node.args
    if (name === 'matches') return { path, code: 'cel_pattern', params: {} }
    if (GROWING.has(name)) return { path, code: 'cel_growing', params: { name } }
    const inside = LOOPS.has(name) ? loops + 1 : loops
    if (inside > 1) return { path, code: 'cel_nested', params: {} }
    return refusedIn(receiver, loops, params, path) ?? firstRefused(args, inside, params, path)
  }
  if (node.op === '.') {
    const fields = fieldsOf(node.args[0], params)
    const name = node.args[1]
    if (fields !== null && !Object.hasOwn(fields, name))
      return unknownName(path, 'cel_name', name, Object.keys(fields), { at: node.args[0].end + 2 })
  }
  if (node.op === '==' || node.op === '!=' || node.op === 'in') {
    const [left, right] = node.args
    const refused = wrongValue(left, right, path) ?? wrongValue(right, left, path)
    if (refused !== null) return refused
  }
  return firstRefused(nodesIn(node.args), loops, params, path)
}

/** A text that the field is never equal to: the condition would be false for ever, and nobody would notice. */
function wrongValue(field: ASTNode, other: ASTNode, path: readonly (string | number)[]): RawProblem | null {
  const name = chainOf(field)
  const known = name === null ? undefined : FACT_VALUES[name]
  if (known === undefined) return null
  for (const node of other.op === 'list' ? nodesIn(other.args) : [other]) {
    if (node.op !== 'value' || typeof node.args !== 'string' || known.includes(node.args)) continue
    return unknownName(path, 'cel_value', node.args, known, { field: name!, at: node.start + 1 })
  }
  return null
}

/** `order.lastFailure.class` as it is written; `null` for anything but a chain of names. */
function chainOf(node: ASTNode): string | null {
  if (node.op === 'id') return node.args
  if (node.op !== '.') return null
  const before = chainOf(node.args[0])
  return before === null ? null : `${before}.${node.args[1]}`
}

function firstRefused(
  nodes: Iterable<ASTNode>,
  loops: number,
  params: ParamFacts,
  path: readonly (string | number)[],
): RawProblem | null {
  for (const node of nodes) {
    const refused = refusedIn(node, loops, params, path)
    if (refused !== null) return refused
  }
  return null
}

/** Fields of what the node stands for, when it is a chain of names whose type is known. */
function fieldsOf(node: ASTNode, params: ParamFacts): Readonly<Record<string, string>> | null {
  if (node.op === 'id') {
    if (node.args === 'params') return params.fields
    return Object.hasOwn(FACT_FIELDS, node.args) ? FACT_FIELDS[node.args as keyof typeof FACT_FIELDS] : null
  }
  if (node.op !== '.') return null
  const type = fieldsOf(node.args[0], params)?.[node.args[1]]
  return type === undefined ? null : (TYPE_FIELDS[type] ?? null)
}

function* nodesIn(args: unknown): Generator<ASTNode> {
  if (Array.isArray(args)) for (const each of args) yield* nodesIn(each)
  else if (typeof args === 'object' && args !== null && 'op' in args) yield args as ASTNode
}

/** What a condition says; `detail` tells why it could not be worked out, which counts as false. */
export interface Answer {
  readonly value: boolean
  readonly detail?: string
}

const TRUE: Answer = { value: true }
const FALSE: Answer = { value: false }

/** Evaluates a condition. A missing fact or any other fault is `false` with a detail that quotes no values. */
export function holds(expression: Expression, facts: Facts): Answer {
  try {
    const value: unknown = expression.run(facts)
    if (value === true) return TRUE
    return value === false ? FALSE : { value: false, detail: 'not true or false' }
  } catch (error) {
    return { value: false, detail: whyFailed(error, expression) }
  }
}

/** Evaluates a moment; `null` with a detail when it cannot be worked out. */
export function evaluateInstant(
  expression: Expression,
  facts: Facts,
):
  | { readonly instant: Instant; readonly detail?: never }
  | { readonly instant: null; readonly detail: string } {
  try {
    const value: unknown = expression.run(facts)
    const instant = isTimestamp(value) ? value.getTime() : Number.NaN
    return Number.isFinite(instant) ? { instant } : { instant: null, detail: 'not a moment' }
  } catch (error) {
    return { instant: null, detail: whyFailed(error, expression) }
  }
}

/** Evaluates an amount; `null` when it cannot be worked out. */
export function evaluateMoney(expression: Expression, facts: Facts): Money | null {
  try {
    const value: unknown = expression.run(facts)
    return value instanceof MoneyFact ? value.of : null
  } catch {
    // Whatever could not be read, the answer is the same: no amount.
    return null
  }
}

function isTimestamp(value: unknown): value is { getTime(): number } {
  return Object.prototype.toString.call(value) === '[object Date]'
}

/** Code and place only: the library's sentences can quote what was read, and reasons are kept for long. */
function whyFailed(error: unknown, expression: Expression): string {
  if (!(error instanceof EvaluationError)) return 'evaluation_error'
  if (error.range === undefined) return error.code
  const { start, end } = error.range
  // The library points at the field alone; `order.expiresAt` says more than `expiresAt`.
  const chain = /[\w.]*$/.exec(expression.source.slice(0, start))?.[0] ?? ''
  return `${error.code} at "${(chain + expression.source.slice(start, end)).slice(0, 60)}"`
}
