import { marksOf } from '../marks.ts'

/** A stretch of words with the conditions that must hold for a reader to see it. */
export interface Segment {
  readonly text: string
  readonly when: readonly string[]
}

/** Conditions within conditions; what is asked for deeper than anybody writes counts as not asked for. */
const DEEPEST = 50

/**
 * Liquid cut at its `if`s: what is said under which conditions, `{{ … }}` and HTML tags left out. The conditions of
 * `elsif` and `else` count as what they are asked for themselves, never as the negation of those before.
 */
export function segmentsOf(liquid: string): readonly Segment[] {
  const open: string[] = []
  const segments: Segment[] = []
  let text = ''
  let at = 0
  const close = () => {
    if (text.trim() !== '') segments.push({ text, when: open.slice(0, DEEPEST) })
    text = ''
  }
  for (const mark of marksOf(liquid)) {
    text += withoutTags(liquid.slice(at, mark.from))
    at = mark.to
    const [word, ...rest] = mark.tag ? mark.inside.split(/\s+/) : []
    const condition = rest.join(' ')
    if (word === 'if' || word === 'unless' || word === 'case') {
      close()
      open.push(word === 'if' ? condition : '')
    } else if (word === 'elsif' || word === 'else' || word === 'when') {
      close()
      open[open.length - 1] = word === 'elsif' ? condition : ''
    } else if (word === 'endif' || word === 'endunless' || word === 'endcase') {
      close()
      open.pop()
    }
  }
  text += withoutTags(liquid.slice(at))
  close()
  return segments
}

/** Without HTML comments and tags; one that is never closed is text. Linear, as `marksOf` is. */
function withoutTags(text: string): string {
  let out = ''
  let at = 0
  let comments = true
  for (let open = text.indexOf('<'); open >= 0; open = text.indexOf('<', at)) {
    const comment = comments && text.startsWith('<!--', open) ? text.indexOf('-->', open + 4) : -2
    if (comment === -1) comments = false
    const close = comment >= 0 ? comment + 2 : text.indexOf('>', open)
    if (close < 0) break
    out += text.slice(at, open)
    at = close + 1
  }
  return out + text.slice(at)
}

/** Whether the words are seen only while `path` has a value. */
export function guardedBy({ when }: Segment, path: string): boolean {
  return when.some(
    (condition) =>
      condition.split(/\band\b/).some((part) => part.trim() === path) && !/\bor\b/.test(condition),
  )
}
