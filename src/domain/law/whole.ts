import { type Piece, VALUE_MARK } from './pieces.ts'

/** The longest text that is looked at; a message for which words and links are counted is far shorter. */
const LONGEST = 5_000

/** A template's text as one string, and where each stretch of it came from. */
export interface Whole {
  readonly text: string
  /** The stretch of the source that `from … to` of the text was written as. */
  source(from: number, to: number): { readonly from: number; readonly to: number }
}

/**
 * Puts pieces together. `plain`: a value is one mark. `literal`: a value is the string literals in it, for what a
 * template writes by filters. The registered address is written out: it is the same in every message.
 */
export function wholeOf(
  pieces: readonly Piece[],
  how: 'plain' | 'literal',
  registered: string | null,
): Whole {
  return joined(pieces.map((piece) => writtenAs(piece, how, registered)))
}

/** What one place of the source was written as; `exact`: character by character. */
export interface Stretch {
  readonly written: string
  readonly from: number
  readonly to: number
  readonly exact: boolean
}

export function joined(all: readonly Stretch[]): Whole {
  let text = ''
  const stretches: (Stretch & { readonly at: number })[] = []
  for (const each of all) {
    if (text.length >= LONGEST) break
    stretches.push({ ...each, at: text.length })
    text += each.written
  }
  const at = (place: number, end: boolean) => {
    const stretch = stretches.findLast(
      (each) => each.written !== '' && (end ? each.at < place : each.at <= place),
    ) ?? { at: 0, from: 0, to: 0, exact: true }
    return stretch.exact ? stretch.from + (place - stretch.at) : end ? stretch.to : stretch.from
  }
  return { text: text.slice(0, LONGEST), source: (from, to) => ({ from: at(from, false), to: at(to, true) }) }
}

function writtenAs(piece: Piece, how: 'plain' | 'literal', registered: string | null): Stretch {
  if (piece.kind === 'text')
    return { written: piece.text, from: piece.from, to: piece.from + piece.text.length, exact: true }
  const { from, to } = piece
  const literal = how === 'literal' && piece.literals.length > 0
  if (literal && !isStyle(piece)) return { written: piece.literals.join(''), from, to, exact: false }
  if (piece.silent) return { written: '', from, to, exact: false }
  if (piece.path === REGISTERED) return { written: registered ?? '', from, to, exact: false }
  return { written: VALUE_MARK, from, to, exact: false }
}

export const REGISTERED = 'links.registered'

/** `date: 'short'` names a style; it is not written. */
const isStyle = ({ filters }: Extract<Piece, { kind: 'value' }>) =>
  filters.length > 0 && filters.every((name) => name === 'date' || name === 'money')
