/** One page of docs/reference: one file here, one line in pages.ts. */
export interface Page {
  /** `errors.md`. */
  readonly file: string
  readonly title: string
  /** What the page is made from, for whoever wants to change it. */
  readonly from: string
  body(): string
}

/** A Markdown table; bars and line ends inside a cell are kept from breaking it. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n')
}

function cell(text: string): string {
  return text.replace(/\|/g, '\\|').replace(/\s*\n\s*/g, ' ')
}

export const code = (text: string): string => `\`${text}\``
