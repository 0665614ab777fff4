/** Text that is HTML already. Only `html` and `raw` make it. */
export interface Html {
  readonly __html: string
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ESCAPES[char]!)
}

type Piece = Html | string | number | null | false | readonly Piece[]

/** Builds HTML; every value is escaped unless `html` made it. Null and false are nothing. */
export function html(texts: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  let out = texts[0]!
  pieces.forEach((piece, at) => {
    out += render(piece) + texts[at + 1]!
  })
  return { __html: out }
}

/** For constants of the program (styles, scripts, icons); never for a value from outside. */
export function raw(text: string): Html {
  return { __html: text }
}

function render(piece: Piece): string {
  if (piece === null || piece === false) return ''
  if (typeof piece === 'string') return escapeHtml(piece)
  if (typeof piece === 'number') return String(piece)
  return '__html' in piece ? piece.__html : piece.map(render).join('')
}
