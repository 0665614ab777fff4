/** One `{{ … }}` or `{% … %}`: its place, and what stands in it without its dashes. */
export interface Mark {
  readonly tag: boolean
  readonly inside: string
  readonly from: number
  readonly to: number
}

/**
 * Every mark of Liquid in a text, in order; one that is never closed is text. Linear: a pattern for the same would
 * look for the end of each open brace up to the end of the text.
 */
export function marksOf(text: string): readonly Mark[] {
  const marks: Mark[] = []
  const closed = { '}}': true, '%}': true }
  for (let from = text.indexOf('{'); from >= 0; from = text.indexOf('{', from)) {
    const tag = text[from + 1] === '%'
    const end = tag ? '%}' : '}}'
    const close = (tag || text[from + 1] === '{') && closed[end] ? text.indexOf(end, from + 2) : null
    if (close === null || close < 0) {
      if (close !== null) closed[end] = false
      from++
      continue
    }
    marks.push({ tag, inside: insideOf(text, from + 2, close), from, to: close + 2 })
    from = close + 2
  }
  return marks
}

function insideOf(text: string, from: number, to: number): string {
  const start = text[from] === '-' && from < to ? from + 1 : from
  return text.slice(start, text[to - 1] === '-' && start < to ? to - 1 : to).trim()
}

/** The text with each mark written anew, and what lies between as well. */
export function replaceMarks(
  text: string,
  mark: (written: string, mark: Mark) => string,
  between: (written: string) => string = (written) => written,
): string {
  let out = ''
  let at = 0
  for (const each of marksOf(text)) {
    out += between(text.slice(at, each.from)) + mark(text.slice(each.from, each.to), each)
    at = each.to
  }
  return out + between(text.slice(at))
}
