import { fold, skeleton } from './normalise.ts'

/** A word as it is looked for: what stands at its beginning, and what may follow each. */
export type Part =
  | { readonly kind: 'end' }
  | { readonly kind: 'char'; readonly char: string; readonly next: Part }
  /** An amount; up to so many characters of anything; a run of the group's filling words; none of its `names`. */
  | { readonly kind: 'amount' | 'gap' | 'fill' | 'unnamed'; readonly next: Part }
  | { readonly kind: 'choice'; readonly ways: readonly Part[] }

const END: Part = { kind: 'end' }
const MARKS = { '…': 'gap', '#': 'amount', '~': 'fill', '!': 'unnamed' } as const
const isMark = (piece: string): piece is keyof typeof MARKS => Object.hasOwn(MARKS, piece)

/** A choice that is spoken of by its name. */
const NAMED = /\(=([^()]+)\)/g

/** The names of the choices that a word speaks of. */
export const choicesIn = (word: string): readonly string[] =>
  [...word.matchAll(NAMED)].map(([, name]) => name!)

/** The word with its choices written out. */
export const withChoices = (word: string, choices: Readonly<Record<string, string>>): string =>
  word.replace(NAMED, (_, name: string) => `(${choices[name] ?? ''})`)

/** Reads `请~(付款|支付)`. What follows a choice is shared by its ways, so that families cost no more than their letters. */
export function readPattern(word: string): Part {
  return word.split(/([…#~!]|\([^()]*\))/).reduceRight(partOf, END)
}

function partOf(next: Part, piece: string): Part {
  if (isMark(piece)) return { kind: MARKS[piece], next }
  if (piece.startsWith('('))
    return {
      kind: 'choice',
      ways: piece
        .slice(1, -1)
        .split('|')
        .map((way) => way.split(/([…#~!])/).reduceRight(partOf, next)),
    }
  return skeleton(fold(piece)).chars.reduceRight<Part>(
    (rest, char) => ({ kind: 'char', char, next: rest }),
    next,
  )
}

/** What a word may begin with: its first characters, or `null` for an amount. */
export function beginnings(part: Part): readonly (string | null)[] {
  if (part.kind === 'char') return [part.char]
  if (part.kind === 'choice') return [...new Set(part.ways.flatMap(beginnings))]
  return part.kind === 'amount' ? [null] : []
}
