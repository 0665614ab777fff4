import { randomUUID } from 'node:crypto'
import { stripVTControlCharacters, styleText } from 'node:util'

type Style = 'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'cyan' | 'magenta'

/** Where a command's words go. With `--json` only `result` prints, one JSON text a line. */
export interface Screen {
  readonly json: boolean
  readonly terminal: boolean
  readonly width: number
  /** A line for people. */
  line(text?: string): void
  /** A line for people that must not get into what is piped on. */
  note(text: string): void
  /** A line of a file that is written out: piped on as it is, made harmless on a terminal. */
  file(text: string): void
  /** What the command found out, for programs. */
  result(value: unknown): void
  paint(style: Style | readonly Style[], text: string): string
  /** Writes over the present line; for progress on a terminal. */
  replace(text: string): void
}

export interface Streams {
  readonly out: NodeJS.WriteStream
  readonly err: NodeJS.WriteStream
}

/** Stands for the escape of our own colours until a line is printed; no value from outside can contain it. */
const COLOUR = `\ufdd0${randomUUID()}\ufdd1`
const ESCAPE = '\x1b'

/**
 * What would move the cursor, colour the text or turn its direction is written as `\u001b`: an order number from
 * outside must not be able to forge what is read here. Line breaks and tabs stay.
 */
export const printable = (text: string): string =>
  text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

const coloured = (text: string): string => printable(text).replaceAll(COLOUR, ESCAPE)

/** Everything for people goes out here, and only here. */
export function createScreen({ out, err }: Streams, json: boolean): Screen {
  return {
    json,
    terminal: out.isTTY === true,
    width: out.columns ?? 80,
    line: (text = '') => void (json || out.write(`${coloured(text)}\n`)),
    note: (text) => void (json || err.write(`${coloured(text)}\n`)),
    file: (text) => void (json || out.write(`${out.isTTY ? printable(text) : text}\n`)),
    result: (value) => void (json && out.write(`${printable(JSON.stringify(value))}\n`)),
    // Leaves colours out where NO_COLOR is set or the output is no terminal.
    paint: (style, text) =>
      styleText(style as Style, coloured(text), { stream: out }).replaceAll(ESCAPE, COLOUR),
    replace: (text) => void (out.isTTY && !json && out.write(`\r\x1b[2K${coloured(text)}`)),
  }
}

/** Columns a terminal needs for the text: Chinese characters take two. */
export function columnsOf(text: string): number {
  let columns = 0
  for (const character of stripVTControlCharacters(coloured(text))) {
    columns +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u.test(
        character,
      )
        ? 2
        : 1
  }
  return columns
}

export function padTo(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - columnsOf(text)))
}

/** Rows in aligned columns, two spaces apart. */
export function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = []
  for (const row of rows)
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, columnsOf(cell))
  return rows.map((row) =>
    row
      .map((cell, at) => (at === row.length - 1 ? cell : padTo(cell, widths[at]!)))
      .join('  ')
      .trimEnd(),
  )
}
