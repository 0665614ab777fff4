/** A stretch of words with the conditions that must hold for a reader to see it. */
export interface Segment {
  readonly text: string
  readonly when: readonly string[]
}

const MARKUP = /\{%-?\s*([\s\S]*?)\s*-?%\}|\{\{[\s\S]*?\}\}/g

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
    if (text.trim() !== '') segments.push({ text, when: [...open] })
    text = ''
  }
  for (const found of liquid.matchAll(MARKUP)) {
    text += withoutTags(liquid.slice(at, found.index))
    at = found.index + found[0].length
    const [word, ...rest] = (found[1] ?? '').split(/\s+/)
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

const withoutTags = (text: string) => text.replace(/<!--[\s\S]*?-->|<[^>]*>/g, '')

/** Whether the words are seen only while `path` has a value. */
export function guardedBy({ when }: Segment, path: string): boolean {
  return when.some(
    (condition) =>
      condition.split(/\band\b/).some((part) => part.trim() === path) && !/\bor\b/.test(condition),
  )
}
