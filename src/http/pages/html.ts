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

export function escapeHtml(text: string): string {
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

/** A value for a script element: JSON in which nothing can end the element. */
export function scriptJson(value: unknown): Html {
  return raw(
    JSON.stringify(value).replace(
      /[<>&\u2028\u2029]/g,
      (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
  )
}
