import type { Instant } from './time.ts'

/** TypeID prefixes (https://github.com/jetify-com/typeid): what kind of thing an id names. */
export type IdPrefix =
  | 'evt'
  | 'ord'
  | 'cus'
  | 'con'
  | 'msg'
  | 'run'
  | 'flow'
  | 'conn'
  | 'acct'
  | 'key'
  | 'mem'
  | 'lnk'
  | 'adt'
  | 'rev'

/** Inside the program an id is the plain lower-case uuid text; the prefix appears only at the edges. */
export type Id<P extends IdPrefix> = string & { readonly __id: P }
export type EventId = Id<'evt'>
export type OrderId = Id<'ord'>
export type CustomerId = Id<'cus'>
export type ContactId = Id<'con'>
export type MessageId = Id<'msg'>
export type RunId = Id<'run'>
export type ConnectionId = Id<'conn'>
export type AccountId = Id<'acct'>
export type MemberId = Id<'mem'>
export type ReviewId = Id<'rev'>

/** The tenant's number. Small on purpose: it leads every primary key and index. */
export type ShopId = number & { readonly __shop: true }

/** Source of random bytes: an argument everywhere, so that tests can repeat a history. */
export type Random = (bytes: number) => Uint8Array

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** A new uuid v7 (RFC 9562 §5.7): 48 bits of epoch ms, then 74 random bits; sorts by time of creation. */
export function newId<P extends IdPrefix>(_prefix: P, now: Instant, random: Random): Id<P> {
  const bytes = new Uint8Array(16)
  bytes.set(random(10), 6)
  let rest = now
  for (let at = 5; at >= 0; at--) {
    bytes[at] = rest % 256
    rest = Math.floor(rest / 256)
  }
  bytes[6] = 0x70 | (bytes[6]! & 0x0f)
  bytes[8] = 0x80 | (bytes[8]! & 0x3f)
  return uuidText(bytes) as Id<P>
}

/** The canonical text of 16 bytes. */
export function uuidText(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < 16; at++) {
    text += HEX[bytes[at]!]
    if (at === 3 || at === 5 || at === 7 || at === 9) text += '-'
  }
  return text
}

const DIGITS = new Uint8Array(128).fill(255)
for (let digit = 0; digit < 16; digit++) {
  DIGITS[digit.toString(16).charCodeAt(0)] = digit
  DIGITS[digit.toString(16).toUpperCase().charCodeAt(0)] = digit
}

/** The 16 bytes of `xxxxxxxx-xxxx-…`; throws RangeError for anything else. */
export function writeUuid(uuid: string, into: Uint8Array, at: number): void {
  let from = 0
  for (let byte = 0; byte < 16; byte++) {
    if (uuid.charCodeAt(from) === 45) from++
    const value = (DIGITS[uuid.charCodeAt(from)]! << 4) | DIGITS[uuid.charCodeAt(from + 1)]!
    if (!(value <= 255)) throw new RangeError(`expected a uuid, got ${JSON.stringify(uuid.slice(0, 40))}`)
    into[at + byte] = value
    from += 2
  }
  if (from !== uuid.length) throw new RangeError(`expected a uuid, got ${JSON.stringify(uuid.slice(0, 40))}`)
}

/** Epoch ms at which a uuid v7 was made. */
export function idInstant(id: string): Instant {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
}

const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz'

/** `msg_01j…`: the id as people and other systems see it. */
export function formatId<P extends IdPrefix>(prefix: P, id: Id<P>): string {
  const hex = id.replaceAll('-', '')
  let text = `${prefix}_`
  // 128 bits in digits of 5: the first holds 3, then each group of 25 bits (5 digits) begins on a bit that is no
  // multiple of 4, so 7 hexadecimal digits are read and shifted. Numbers, as BigInt would take ten times as long.
  for (let bit = 125; bit >= 0; bit -= 25) {
    const low = 32 - Math.ceil((bit + (bit === 125 ? 3 : 25)) / 4)
    const high = 32 - Math.floor(bit / 4)
    const group = Number.parseInt(hex.slice(Math.max(0, low), high), 16) >>> (bit % 4)
    if (bit === 125) text += CROCKFORD[group & 7]
    else for (let digit = 20; digit >= 0; digit -= 5) text += CROCKFORD[(group >>> digit) & 31]
  }
  return text
}

/** The id inside `msg_01j…`, or `null` when the prefix or the 26 characters are not what they must be. */
export function parseId<P extends IdPrefix>(prefix: P, text: string): Id<P> | null {
  if (!text.startsWith(`${prefix}_`)) return null
  const digits = text.slice(prefix.length + 1)
  if (!/^[0-7][0-9a-hjkmnp-tv-z]{25}$/.test(digits)) return null
  let value = 0n
  for (const digit of digits) value = (value << 5n) | BigInt(CROCKFORD.indexOf(digit))
  const hex = value.toString(16).padStart(32, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}` as Id<P>
}
