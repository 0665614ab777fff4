import { columnsOf } from './screen.ts'

/** Never narrower than this, whatever the terminal says. */
const LEAST = 20
/** What may not begin a line. */
const CLOSING = /^[，。；：、！？）》”’,.;:!?)\]}]/

/** A text in lines of at most `columns`: broken at spaces, and between Chinese characters. */
export function wrapped(text: string, columns: number): readonly string[] {
  const width = Math.max(LEAST, columns)
  const lines: string[] = []
  let line = ''
  for (const piece of text.match(
    /[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]|[^\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]+|\s+/g,
  ) ?? []) {
    const fits = columnsOf(line + piece.trimEnd()) <= width
    if (fits || line === '' || CLOSING.test(piece)) line += piece
    else {
      lines.push(line.trimEnd())
      line = piece.trimStart()
    }
  }
  return [...lines, line.trimEnd()]
}
