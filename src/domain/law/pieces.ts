import { findVariable, type Variable } from '../template/variables.ts'

/** What a template is made of, in order: fixed text, and places where a value is written. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string; readonly from: number }
  | {
      readonly kind: 'value'
      /** As written: `order.no`. */
      readonly path: string
      readonly variable: Variable | null
      /** String literals inside: `{{ 'ht' | append: 'tp' }}` can write text that nobody sees in the text. */
      readonly literals: readonly string[]
      readonly filters: readonly string[]
      /** An `assign`: writes nothing here, but what it reads is written elsewhere. */
      readonly silent: boolean
      readonly from: number
      readonly to: number
    }

/** Stands for a value where a text is looked at as a whole. */
export const VALUE_MARK = '\uFFFC'

const SILENT_TAGS = new Set([
  'if',
  'elsif',
  'unless',
  'case',
  'when',
  'else',
  'for',
  'break',
  'continue',
  '#',
])

/**
 * Splits Liquid into pieces, in one pass. Conditions write nothing; comments are left out; `raw` is text.
 * `registered`: whether the account has a registered link; the branch of `{% if links.registered %}` that is never
 * written there is left out. `null`: nobody knows, so every branch counts.
 */
export function piecesOf(liquid: string, registered: boolean | null = null): readonly Piece[] {
  const pieces: Piece[] = []
  const nextOpening = openings(liquid)
  const branches = branchesOf(liquid, registered)
  const put = (piece: Piece) => {
    if (branches.isWritten()) pieces.push(piece)
  }
  let at = 0
  while (at < liquid.length) {
    const open = nextOpening(at)
    if (open > at) put({ kind: 'text', text: liquid.slice(at, open), from: at })
    if (open >= liquid.length) break
    const output = liquid[open + 1] === '{'
    const close = liquid.indexOf(output ? '}}' : '%}', open + 2)
    const end = close < 0 ? liquid.length : close + 2
    const inside = liquid.slice(open + 2, close < 0 ? liquid.length : close).replace(/^-|-$/g, '')
    if (output) put(readValue(inside, open, end, false))
    const tag = output ? '' : (/^\s*(\w+|#)/.exec(inside)?.[1] ?? '')
    const decided = branches.meet(tag, inside)
    const block = tag === 'raw' || tag === 'comment' ? endOfBlock(liquid, end, tag) : null
    if (block !== null) {
      if (tag === 'raw') put({ kind: 'text', text: liquid.slice(end, block.from), from: end })
      at = block.to
      continue
    }
    // One branch or the other: what ends the one does not touch what begins the other.
    if (/^(else|elsif|when)$/.test(tag) && !decided) put({ kind: 'text', text: '', from: open })
    if (!output && !SILENT_TAGS.has(tag) && !tag.startsWith('end')) put(readValue(inside, open, end, true))
    at = end
  }
  return pieces
}

/** Branches that stand open at a place, and whether what stands there can be written. */
interface Branches {
  /** Whether it is known which side of this tag is written. */
  meet(tag: string, inside: string): boolean
  isWritten(): boolean
}

const EVERY_BRANCH: Branches = { meet: () => false, isWritten: () => true }

/**
 * Only the plainest templates are understood: no tag but `if`, and no quotes inside marks, which Liquid may end
 * elsewhere than this reader does. In all others every branch counts.
 */
function branchesOf(liquid: string, registered: boolean | null): Branches {
  if (registered === null || !/\bif\s+links\.registered\b/.test(liquid) || !isPlain(liquid))
    return EVERY_BRANCH
  const open: { asks: boolean; written: boolean }[] = []
  return {
    meet(tag, inside) {
      const last = open.at(-1)
      if (tag === 'if') {
        const asks = /^\s*if\s+links\.registered\s*$/.test(inside)
        open.push({ asks, written: asks ? registered : true })
      } else if (tag === 'endif') open.pop()
      else if ((tag === 'else' || tag === 'elsif') && last) {
        // An `elsif`, and whatever follows a first `else`, is Liquid's business.
        const decided = tag === 'else' && last.asks
        last.written = decided ? !last.written : true
        last.asks = false
        return decided
      }
      return false
    },
    isWritten: () => open.every(({ written }) => written),
  }
}

function isPlain(liquid: string): boolean {
  // With no brace in a mark: else each open one is followed to the end of the text.
  const marks = liquid.match(/\{\{[^{}]*\}\}|\{%[^{}%]*%\}/g) ?? []
  const rest = liquid.replace(/\{\{[^{}]*\}\}|\{%[^{}%]*%\}/g, '')
  return (
    !/[{}]/.test(rest) &&
    marks.every((mark) => /^\{\{[^{}"'`]*\}\}$|^\{%-?\s*(if|elsif|else|endif)\b[^{}"'`%]*%\}$/.test(mark))
  )
}

/** Where the next `{{` or `{%` stands. Each mark is looked for again only once it is behind: linear over a text. */
function openings(liquid: string): (at: number) => number {
  let output = liquid.indexOf('{{')
  let tag = liquid.indexOf('{%')
  return (at) => {
    if (output >= 0 && output < at) output = liquid.indexOf('{{', at)
    if (tag >= 0 && tag < at) tag = liquid.indexOf('{%', at)
    const first = output < 0 ? tag : tag < 0 ? output : Math.min(output, tag)
    return first < 0 ? liquid.length : first
  }
}

function endOfBlock(liquid: string, at: number, tag: string) {
  const found = new RegExp(`\\{%-?\\s*end${tag}\\s*-?%\\}`, 'g')
  found.lastIndex = at
  const end = found.exec(liquid)
  return end === null
    ? { from: liquid.length, to: liquid.length }
    : { from: end.index, to: end.index + end[0].length }
}

function readValue(inside: string, from: number, to: number, silent: boolean): Piece {
  const literals = [...inside.matchAll(/"([^"]*)"|'([^']*)'/g)].map(
    ([, double, single]) => double ?? single ?? '',
  )
  const bare = inside.replace(/"[^"]*"|'[^']*'/g, ' ')
  const filters = [...bare.matchAll(/\|\s*(\w+)/g)].map(([, name]) => name!)
  // What an `assign` reads stands behind its `=`.
  const reads = silent ? bare.slice(bare.indexOf('=') + 1) : bare
  const path = /[\p{L}_][\p{L}\w]*(?:\.[\p{L}\w]+)*/u.exec(reads.split('|')[0] ?? '')?.[0] ?? ''
  return { kind: 'value', path, variable: findVariable(path.split('.')), literals, filters, silent, from, to }
}
