import type { CompiledTemplate, Escape, TemplatePart } from '../domain/template/template.ts'
import { type Reader, writeDate, writeMoney } from './format.ts'
import { escapeText, MAX_OUTPUT, OutputTooLong, valueText } from './output.ts'

/**
 * Most templates only fill in names. Those are rendered here, in the calling thread, by walking a list once:
 * no loops, no assignments, no recursion deeper than the template's own `if`s, so the work is bounded by the
 * length of the template plus its values. The result is the same as Liquid's (property-tested); whatever this
 * file does not know for certain goes to the worker.
 */
export type FastTemplate = readonly (readonly FastOp[])[]

export type FastOp =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'output'; readonly path: readonly string[]; readonly filters: readonly FastFilter[] }
  | { readonly kind: 'if'; readonly arms: readonly FastArm[] }

type FastFilter =
  | { readonly name: 'money' }
  | { readonly name: 'date'; readonly style: string }
  | { readonly name: 'default'; readonly text: string }

interface FastArm {
  /** `null`: else. `equals` undefined: truthy. */
  readonly test: { readonly path: readonly string[]; readonly equals: string | undefined } | null
  readonly ops: readonly FastOp[]
}

const MAX_DEPTH = 8
const MARKUP = /\{\{|\{%/g
const PATH = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/
/** Words that mean something to Liquid, and properties it adds. A path with one of them is left to Liquid. */
const SPECIAL =
  /(?:^|\.)(?:true|false|nil|null|empty|blank|undefined|and|or|not|contains|size|first|last|constructor|__proto__|prototype|toLiquid|valueOf)(?:\.|$)/

/** The template as fast ops, or `null` when any part needs Liquid. */
export function compileFast(template: CompiledTemplate): FastTemplate | null {
  const parts: (readonly FastOp[])[] = []
  for (const part of template.parts) {
    const ops = compilePart(part)
    if (ops === null) return null
    parts.push(ops)
  }
  return parts
}

type Token =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'output' | 'tag'; readonly inside: string }

function compilePart(part: TemplatePart): readonly FastOp[] | null {
  const tokens = tokenize(part.liquid)
  if (tokens === null) return null
  const block = readBlock(tokens, 0, 0)
  return block !== null && block.end === tokens.length ? block.ops : null
}

function tokenize(liquid: string): readonly Token[] | null {
  const tokens: Token[] = []
  let at = 0
  MARKUP.lastIndex = 0
  for (let found = MARKUP.exec(liquid); found; found = MARKUP.exec(liquid)) {
    const output = found[0] === '{{'
    const close = liquid.indexOf(output ? '}}' : '%}', found.index + 2)
    if (close < 0) return null
    if (found.index > at) tokens.push({ kind: 'text', text: liquid.slice(at, found.index) })
    const inside = liquid.slice(found.index + 2, close)
    // Whitespace control and nested braces are Liquid's business.
    if (/^-|-$|[{}]/.test(inside)) return null
    tokens.push({ kind: output ? 'output' : 'tag', inside: inside.trim() })
    at = close + 2
    MARKUP.lastIndex = at
  }
  if (at < liquid.length) tokens.push({ kind: 'text', text: liquid.slice(at) })
  return tokens
}

interface Block {
  readonly ops: readonly FastOp[]
  /** Index of the tag that ended it, or the number of tokens. */
  readonly end: number
}

function readBlock(tokens: readonly Token[], start: number, depth: number): Block | null {
  const ops: FastOp[] = []
  let at = start
  while (at < tokens.length) {
    const token = tokens[at]!
    if (token.kind === 'text') ops.push(token)
    else if (token.kind === 'output') {
      const output = readOutput(token.inside)
      if (output === null) return null
      ops.push(output)
    } else if (/^if\s/.test(token.inside)) {
      const branch = readIf(tokens, at, depth + 1)
      if (branch === null) return null
      ops.push({ kind: 'if', arms: branch.arms })
      at = branch.end
    } else return depth > 0 && /^(?:elsif\s.*|else|endif)$/.test(token.inside) ? { ops, end: at } : null
    at++
  }
  return { ops, end: at }
}

function readIf(
  tokens: readonly Token[],
  start: number,
  depth: number,
): { readonly arms: readonly FastArm[]; readonly end: number } | null {
  if (depth > MAX_DEPTH) return null
  const arms: FastArm[] = []
  let at = start
  for (;;) {
    const token = tokens[at]
    if (token?.kind !== 'tag') return null
    if (token.inside === 'endif') return { arms, end: at }
    // Liquid lets nothing follow `else` but `endif`.
    if (arms.at(-1)?.test === null) return null
    const test = token.inside === 'else' ? null : readTest(token.inside)
    if (test === undefined) return null
    const block = readBlock(tokens, at + 1, depth)
    if (block === null) return null
    arms.push({ test, ops: block.ops })
    at = block.end
  }
}

function readTest(inside: string): NonNullable<FastArm['test']> | undefined {
  const found = /^(?:if|elsif)\s+([\w.]+)(?:\s*==\s*(?:'([^'"\\]*)'|"([^'"\\]*)"))?$/.exec(inside)
  const path = found && readPath(found[1]!)
  return path ? { path, equals: found[2] ?? found[3] } : undefined
}

function readOutput(inside: string): FastOp | null {
  const found = /^([\w.]+)((?:\s*\|\s*\w+(?:\s*:\s*(?:'[^'"\\]*'|"[^'"\\]*"))?)*)$/.exec(inside)
  const path = found && readPath(found[1]!)
  if (!path) return null
  const filters: FastFilter[] = []
  for (const [, name, single, double] of found[2]!.matchAll(
    /\|\s*(\w+)(?:\s*:\s*(?:'([^'"\\]*)'|"([^'"\\]*)"))?/g,
  )) {
    const argument = single ?? double
    if (name === 'money' && argument === undefined) filters.push({ name })
    else if (name === 'date') filters.push({ name, style: argument ?? 'short' })
    else if (name === 'default' && argument !== undefined) filters.push({ name, text: argument })
    else return null
  }
  return { kind: 'output', path, filters }
}

function readPath(text: string): readonly string[] | null {
  return PATH.test(text) && !SPECIAL.test(text) ? text.split('.') : null
}

/** The rendered parts, in order. Throws OutputTooLong. */
export function renderFast(
  fast: FastTemplate,
  parts: readonly TemplatePart[],
  vars: object,
  reader: Reader,
): string[] {
  return fast.map((ops, at) => run(ops, parts[at]!.escape, vars, reader, ''))
}

function run(ops: readonly FastOp[], target: Escape, vars: object, reader: Reader, before: string): string {
  let text = before
  for (const op of ops) {
    if (op.kind === 'text') text += op.text
    else if (op.kind === 'output') text += escapeText(valueText(evaluate(op, vars, reader), reader), target)
    else {
      const arm = op.arms.find((each) => each.test === null || holds(each.test, vars))
      if (arm) text = run(arm.ops, target, vars, reader, text)
    }
    if (text.length > MAX_OUTPUT) throw new OutputTooLong()
  }
  return text
}

function evaluate(op: Extract<FastOp, { kind: 'output' }>, vars: object, reader: Reader): unknown {
  let value = read(op.path, vars)
  for (const filter of op.filters) {
    if (filter.name === 'money') value = writeMoney(value, reader.locale)
    else if (filter.name === 'date') value = writeDate(value, filter.style, reader)
    else if (isMissing(value)) value = filter.text
  }
  return value
}

/** Liquid's `default`: for nothing, false, and what is empty. */
function isMissing(value: unknown): boolean {
  return value === undefined || value === null || value === false || value === '' || isEmptyList(value)
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}

/** Liquid's truth: everything but nothing and false. */
function holds(test: NonNullable<FastArm['test']>, vars: object): boolean {
  const value = read(test.path, vars)
  if (test.equals !== undefined) return value === test.equals
  return value !== undefined && value !== null && value !== false
}

function read(path: readonly string[], vars: object): unknown {
  let value: unknown = vars
  for (const name of path) {
    if (value === undefined || value === null) return undefined
    value = Object.hasOwn(value as object, name) ? (value as Record<string, unknown>)[name] : undefined
  }
  return value
}
