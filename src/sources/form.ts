import { isUtf8 } from 'node:buffer'
import { mendText } from '../domain/storable-text.ts'

/** Fields one form may have; the rails send some forty. */
const MOST_FIELDS = 200

/** A form's fields as bytes, by name: signatures cover the bytes, and not every sender writes UTF-8. */
export type FormBytes = ReadonlyMap<string, Buffer>

/**
 * The fields of an `application/x-www-form-urlencoded` body (WHATWG URL §5.1, but without guessing a charset).
 * `null` when a name comes twice: two readers could take different ones of them.
 */
export function readForm(body: Buffer): FormBytes | null {
  const fields = new Map<string, Buffer>()
  for (const pair of body.toString('latin1').split('&')) {
    if (pair === '') continue
    const at = pair.indexOf('=')
    const name = unescapeBytes(at < 0 ? pair : pair.slice(0, at)).toString()
    if (fields.has(name) || fields.size === MOST_FIELDS) return null
    fields.set(name, unescapeBytes(at < 0 ? '' : pair.slice(at + 1)))
  }
  return fields
}

function unescapeBytes(text: string): Buffer {
  const plain = text
    .replaceAll('+', ' ')
    .replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(plain, 'latin1')
}

/** What Alipay and 易支付 sign: `name=value&…`, sorted by name, without the fields left out and mostly without the empty ones. */
export function signedFields(
  fields: FormBytes,
  leftOut: readonly string[],
  empty: 'left out' | 'signed' = 'left out',
): Buffer {
  const isSigned = (name: string) =>
    !leftOut.includes(name) && (empty === 'signed' || fields.get(name)!.length > 0)
  const names = [...fields.keys()].filter(isSigned).sort()
  return Buffer.concat(
    names.flatMap((name, at) => [Buffer.from(`${at > 0 ? '&' : ''}${name}=`), fields.get(name)!]),
  )
}

/**
 * Whether a value holds one of these fields: `&out_trade_no=`. What is signed is `a=1&b=2` without any escapes, so that a
 * value somebody could choose (the name of what is bought) can be cut into other fields under the same signature. Whoever
 * does that has to put the true field somewhere.
 */
export function holdsField(
  fields: FormBytes,
  names: readonly string[],
  free: readonly string[] = [],
): boolean {
  for (const [name, value] of fields)
    if (!free.includes(name) && names.some((each) => value.includes(`&${each}=`))) return true
  return false
}

/** Characters in UTF-8 (Unicode Standard, table 3-7), byte by byte. */
const CHARACTER =
  /([^\x80-\xff]|[\xc2-\xdf][\x80-\xbf]|(?:\xe0[\xa0-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]|\xed[\x80-\x9f])[\x80-\xbf]|(?:\xf0[\x90-\xbf]|[\xf1-\xf3][\x80-\xbf]|\xf4[\x80-\x8f])[\x80-\xbf]{2})|[\x80-\xff]/g

/** Readable texts of the fields, trimmed, empty ones left out; what cannot be kept as text is mended. */
export function formTexts(
  fields: FormBytes,
  charset: 'utf-8' | 'gb18030' = 'utf-8',
): Readonly<Record<string, string>> {
  const decoder = new TextDecoder(charset)
  const texts: Record<string, string> = Object.create(null)
  for (const [name, bytes] of fields) {
    const sound = charset !== 'utf-8' || isUtf8(bytes)
    const text = (sound ? mendText(decoder.decode(bytes)) : readDamaged(bytes)).trim()
    if (text !== '') texts[name] = text
  }
  return texts
}

/** Bytes that are no UTF-8 are written out each, so that two numbers of orders stay two. */
function readDamaged(bytes: Buffer): string {
  const parts = bytes.toString('latin1').matchAll(CHARACTER)
  return Array.from(parts, ([part, character]) =>
    character === undefined
      ? `\uFFFD00${part.charCodeAt(0).toString(16)}`
      : mendText(Buffer.from(character, 'latin1').toString()),
  ).join('')
}
