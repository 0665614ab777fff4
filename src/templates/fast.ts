import type { CompiledTemplate, Escape, TemplatePart } from '../domain/template/template.ts'
import { type Reader, writeColour, writeDate, writeInk, writeMoney } from './format.ts'
import { escapeText, MAX_OUTPUT, OutputTooLong, valueText } from './output.ts'

/**
 * Most templates only fill in names. Those are rendered here, in the calling thread, by walking a list once:
 * no assignments, no ranges, no loop in a loop, no recursion deeper than the template's own `if`s, so the work
 * is bounded by the length of the template times that of one list. The result is the same as Liquid's
 * (property-tested); whatever this file does not know for certain goes to the worker.
 */
export type FastTemplate = readonly (readonly FastOp[])[]

export type FastOp =
  | { readonly kind: 'text'; readonly text: string }
  | FastOutput
  | { readonly kind: 'if'; readonly arms: readonly FastArm[] }
  | {
      readonly kind: 'for'
      readonly name: string
      readonly path: readonly string[]
      readonly ops: readonly FastOp[]
    }

export interface FastOutput {
  readonly kind: 'output'
  readonly path: readonly string[]
  readonly filters: readonly FastFilter[]
}

type FastFilter =
  | { readonly name: 'money' | 'colour' | 'ink' }
  | { readonly name: 'date'; readonly style: string }
  | { readonly name: 'default'; readonly text: string }

interface FastArm {
  /** `null`: else. `equals` undefined: truthy. */
  readonly test: { readonly path: readonly string[]; readonly equals: string | undefined } | null
  readonly ops: readonly FastOp[]
}

const MAX_DEPTH = 8
/** Longer lists are Liquid's business, with its limits. */
const MAX_LIST = 1_000
const MARKUP = /\{\{|\{%/g
const PATH = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/
/** Words that mean something to Liquid, and properties it adds. A path with one of them is left to Liquid. */
const SPECIAL =
  /(?:^|\.)(?:true|false|nil|null|forloop|empty|blank|undefined|and|or|not|contains|size|first|last|constructor|__proto__|prototype|toLiquid|valueOf)(?:\.|$)/

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

/** Values that only Liquid knows how to treat: render this job in the worker. */
export class NeedsLiquid extends Error {}

/** One part as fast ops, or `null`. */
export function compilePart(part: TemplatePart): readonly FastOp[] | null {
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
    } else if (/^for\s/.test(token.inside)) {
      const loop = readFor(tokens, at, depth)
      if (loop === null) return null
      ops.push(loop.op)
      at = loop.end
    } else
      return depth > 0 && /^(?:elsif\s.*|else|endif|endfor)$/.test(token.inside) ? { ops, end: at } : null
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

/** A plain `for x in list`. Its depth is the deepest: nothing but text, names and one `if` level fit inside. */
function readFor(
  tokens: readonly Token[],
  start: number,
  depth: number,
): { readonly op: FastOp; readonly end: number } | null {
  const head = tokens[start]
  const found = head?.kind === 'tag' && /^for\s+([A-Za-z_]\w*)\s+in\s+([\w.]+)$/.exec(head.inside)
  const path = found && readPath(found[2]!)
  if (!path || readPath(found[1]!) === null || depth >= MAX_DEPTH) return null
  const block = readBlock(tokens, start + 1, MAX_DEPTH - 1)
  const close = block && tokens[block.end]
  if (!block || close?.kind !== 'tag' || close.inside !== 'endfor') return null
  if (block.ops.some((op) => op.kind === 'for' || (op.kind === 'if' && hasLoop(op)))) return null
  return { op: { kind: 'for', name: found[1]!, path, ops: block.ops }, end: block.end }
}

function hasLoop(op: Extract<FastOp, { kind: 'if' }>): boolean {
  return op.arms.some((arm) =>
    arm.ops.some((each) => each.kind === 'for' || (each.kind === 'if' && hasLoop(each))),
  )
}

function readTest(inside: string): NonNullable<FastArm['test']> | undefined {
  const found = /^(?:if|elsif)\s+([\w.]+)(?:\s*==\s*(?:'([^'"\\]*)'|"([^'"\\]*)"))?$/.exec(inside)
  const path = found && readPath(found[1]!)
  return path ? { path, equals: found[2] ?? found[3] } : undefined
}

/** `{{ inside }}` as an op, or `null` when it is more than a name and filters known here. */
export function readOutput(inside: string): FastOutput | null {
  const found = /^([\w.]+)((?:\s*\|\s*\w+(?:\s*:\s*(?:'[^'"\\]*'|"[^'"\\]*"))?)*)$/.exec(inside)
  const path = found && readPath(found[1]!)
  if (!path) return null
  const filters: FastFilter[] = []
  for (const [, name, single, double] of found[2]!.matchAll(
    /\|\s*(\w+)(?:\s*:\s*(?:'([^'"\\]*)'|"([^'"\\]*)"))?/g,
  )) {
    const argument = single ?? double
    if ((name === 'money' || name === 'colour' || name === 'ink') && argument === undefined)
      filters.push({ name })
    else if (name === 'date') filters.push({ name, style: argument ?? 'short' })
    else if (name === 'default' && argument !== undefined) filters.push({ name, text: argument })
    else return null
  }
  return { kind: 'output', path, filters }
}

function readPath(text: string): readonly string[] | null {
  return PATH.test(text) && !SPECIAL.test(text) ? text.split('.') : null
}

/** The rendered parts, in order. Throws OutputTooLong, and NeedsLiquid before anything has an effect. */
export function renderFast(
  fast: FastTemplate,
  parts: readonly TemplatePart[],
  vars: object,
  reader: Reader,
): string[] {
  return fast.map((ops, at) => renderPart(ops, parts[at]!, vars, reader))
}

export function renderPart(ops: readonly FastOp[], part: TemplatePart, vars: object, reader: Reader): string {
  return run(ops, part.escape, vars, reader, '')
}

function run(ops: readonly FastOp[], target: Escape, vars: object, reader: Reader, before: string): string {
  let text = before
  for (const op of ops) {
    if (op.kind === 'text') text += op.text
    else if (op.kind === 'output') text += escapeText(valueText(evaluate(op, vars, reader), reader), target)
    else if (op.kind === 'for') text = runLoop(op, target, vars, reader, text)
    else {
      const arm = op.arms.find((each) => each.test === null || holds(each.test, vars))
      if (arm) text = run(arm.ops, target, vars, reader, text)
    }
    if (text.length > MAX_OUTPUT) throw new OutputTooLong()
  }
  return text
}

function runLoop(
  op: Extract<FastOp, { kind: 'for' }>,
  target: Escape,
  vars: object,
  reader: Reader,
  before: string,
): string {
  const list = read(op.path, vars)
  if (list === undefined || list === null) return before
  if (!Array.isArray(list) || list.length > MAX_LIST) throw new NeedsLiquid()
  let text = before
  for (const item of list) text = run(op.ops, target, { ...vars, [op.name]: item }, reader, text)
  return text
}

export function evaluate(op: FastOutput, vars: object, reader: Reader): unknown {
  let value = read(op.path, vars)
  for (const filter of op.filters) value = apply(filter, value, reader)
  return value
}

function apply(filter: FastFilter, value: unknown, reader: Reader): unknown {
  switch (filter.name) {
    case 'money':
      return writeMoney(value, reader.locale)
    case 'date':
      return writeDate(value, filter.style, reader)
    case 'colour':
      return writeColour(value)
    case 'ink':
      return writeInk(value)
    case 'default':
      return isMissing(value) ? filter.text : value
  }
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
