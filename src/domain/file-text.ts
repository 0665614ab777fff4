/** What bytes that are no UTF-8 probably are, by a name that `iconv` knows; `null`: nobody can tell. */
export type OtherEncoding = 'UTF-16' | 'UTF-16LE' | 'UTF-16BE' | 'GB18030' | null

/** A file is not in UTF-8. Read all the same, its words would come out as `�` and be sent like that. */
export class NotUtf8 extends Error {
  readonly file: string
  readonly encoding: OtherEncoding

  constructor(file: string, encoding: OtherEncoding) {
    const guess = encoding === null ? '' : ` (it is probably ${encoding})`
    super(`expected a text in UTF-8, came something else${guess}: save it as UTF-8`)
    this.name = 'NotUtf8'
    this.file = file
    this.encoding = encoding
  }
}

/** The text of a file's bytes, without the mark that some editors put in front of UTF-8. Throws `NotUtf8`. */
export function fileText(file: string, bytes: Uint8Array): string {
  // UTF-16 without its mark is valid UTF-8 where its words are English: every second character is NUL.
  if (!bytes.includes(0)) {
    const text = decoded('utf-8', bytes)
    if (text !== null) return text
  }
  throw new NotUtf8(file, encodingOf(bytes))
}

function encodingOf(bytes: Uint8Array): OtherEncoding {
  const [first, second] = bytes
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return 'UTF-16'
  if (bytes.includes(0)) {
    let odd = 0
    for (let at = 1; at < bytes.length; at += 2) if (bytes[at] === 0) odd++
    const even = bytes.reduce((sum, byte) => sum + (byte === 0 ? 1 : 0), 0) - odd
    return bytes.length % 2 === 1 || odd === even ? null : odd > even ? 'UTF-16LE' : 'UTF-16BE'
  }
  return decoded('gb18030', bytes) === null ? null : 'GB18030'
}

function decoded(encoding: 'utf-8' | 'gb18030', bytes: Uint8Array): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}
