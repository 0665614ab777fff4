import type { ShopId } from './ids.ts'
import { uuidText, writeUuid } from './ids.ts'
import { sameBytes } from './seal/hash.ts'
import { keyedHash } from './seal.ts'
import type { Instant } from './time.ts'
import { MINUTE } from './time.ts'

/** What a signed link is for. A token of one kind opens nothing of another. The order is written in links: append only. */
export const TOKEN_KINDS = ['order', 'pay', 'preferences', 'unsubscribe', 'click'] as const
export type TokenKind = (typeof TOKEN_KINDS)[number]

export interface TokenContent {
  readonly shop: ShopId
  readonly kind: TokenKind
  /** A uuid v7, as every row id is. */
  readonly id: string
  /** Rounded up to the minute. */
  readonly expiresAt: Instant
}

/** One link key of a shop: version 0 to 31, taken round again; 32 bytes. */
export interface TokenKey {
  readonly version: number
  readonly key: Uint8Array
}

/** The shop's link key of that version; `null` when there is none. */
export type TokenKeyLookup = (shop: ShopId, version: number) => Uint8Array | null

/**
 * Layout (31 bytes, 42 characters, for shops up to 16,383):
 *   kind (3 bits) and key version (5) · minutes since 2025 (24) · uuid v7 (128, see below) · shop (8, 16 or 32) · MAC (80)
 * A uuid v7 has 6 fixed bits (version and variant); the low 6 bits of the shop's number lie in their place.
 *
 * MAC: 80 bits of keyed BLAKE2b over everything before it. Guessing is online only, since nobody else has
 * the key: at a million guesses a second the expected time is 10^10 years. A birthday attack does not apply,
 * because a forger must hit one given value.
 *
 * 31, 32 and 34 bytes are no multiple of 3, so the last character is never '-' or '_', which mail and chat
 * programs leave out when they make text clickable.
 */
const MAC = 10
const EPOCH = 1_735_689_600_000
const UUID_AT = 4
const SHOP_AT = 20
const LAST_MINUTE = 0xff_ff_ff

/** The key links are signed with, made from a shop's index key so that no further key has to be kept. */
export function linkKey(indexKey: Uint8Array): Buffer {
  return keyedHash(indexKey, 'dingdong.link-key')
}

/** 42 URL-safe characters (43 or 46 for shop numbers beyond 16,383 and 4,194,303). */
export function signToken(key: TokenKey, content: TokenContent): string {
  const minutes = Math.ceil((content.expiresAt - EPOCH) / MINUTE)
  if (!(minutes >= 0 && minutes <= LAST_MINUTE)) {
    throw new RangeError(`a link can expire from 2025 to 2056, got ${content.expiresAt}`)
  }
  if (!Number.isInteger(key.version) || key.version < 0 || key.version > 31) {
    throw new RangeError(`a link key's version is 0 to 31, got ${key.version}`)
  }
  const high = shopHigh(content.shop)
  const bytes = Buffer.allocUnsafe(SHOP_AT + high.length + MAC)
  bytes[0] = (TOKEN_KINDS.indexOf(content.kind) << 5) | key.version
  bytes.writeUIntBE(minutes, 1, 3)
  writeUuid(content.id, bytes, UUID_AT)
  if (bytes[UUID_AT + 6]! >> 4 !== 7 || bytes[UUID_AT + 8]! >> 6 !== 2) {
    throw new RangeError(`a link's id is a uuid v7, got ${content.id}`)
  }
  const low = content.shop & 0x3f
  bytes[UUID_AT + 6] = ((low >> 2) << 4) | (bytes[UUID_AT + 6]! & 0x0f)
  bytes[UUID_AT + 8] = ((low & 3) << 6) | (bytes[UUID_AT + 8]! & 0x3f)
  high.copy(bytes, SHOP_AT)
  macOf(key.key, bytes).copy(bytes, bytes.length - MAC)
  return bytes.toString('base64url')
}

/** Which shop and key version a token names, unchecked: only to load that shop's keys before `readToken`. */
export function tokenShop(text: string): { readonly shop: ShopId; readonly version: number } | null {
  const bytes = decode(text)
  return bytes && { shop: shopOf(bytes), version: bytes[0]! & 0x1f }
}

/** What a token says, once its MAC and expiry are checked. Anything that is no token of ours is `forged`. */
export function readToken(
  keys: TokenKeyLookup,
  text: string,
  now: Instant,
): TokenContent | 'expired' | 'forged' {
  const bytes = decode(text)
  if (!bytes) return 'forged'
  const shop = shopOf(bytes)
  const kind = TOKEN_KINDS[bytes[0]! >> 5]
  const key = keys(shop, bytes[0]! & 0x1f)
  if (!kind || !key) return 'forged'
  if (!sameBytes(bytes.subarray(bytes.length - MAC), macOf(key, bytes))) return 'forged'
  const expiresAt = EPOCH + bytes.readUIntBE(1, 3) * MINUTE
  if (now >= expiresAt) return 'expired'
  const uuid = Buffer.from(bytes.subarray(UUID_AT, SHOP_AT))
  uuid[6] = 0x70 | (uuid[6]! & 0x0f)
  uuid[8] = 0x80 | (uuid[8]! & 0x3f)
  return { shop, kind, id: uuidText(uuid), expiresAt }
}

function macOf(key: Uint8Array, bytes: Buffer): Buffer {
  return keyedHash(key, 'dingdong.link', bytes.subarray(0, bytes.length - MAC)).subarray(0, MAC)
}

/** The shop's number without its low 6 bits, in 1, 2 or 4 bytes. */
function shopHigh(shop: ShopId): Buffer {
  if (!Number.isInteger(shop) || shop < 0 || shop > 0x7fffffff) {
    throw new RangeError(`a shop's number is 0 to 2147483647, got ${shop}`)
  }
  const high = shop >>> 6
  const bytes = Buffer.alloc(high < 0x100 ? 1 : high < 0x1_0000 ? 2 : 4)
  bytes.writeUIntBE(high, 0, bytes.length)
  return bytes
}

function shopOf(bytes: Buffer): ShopId {
  const low = ((bytes[UUID_AT + 6]! >> 4) << 2) | (bytes[UUID_AT + 8]! >> 6)
  const high = bytes.readUIntBE(SHOP_AT, bytes.length - MAC - SHOP_AT)
  return (high * 64 + low) as ShopId
}

/** The bytes of a token that could be ours: right length, and spelled the one way its bytes are spelled. */
function decode(text: string): Buffer | null {
  if (!/^[A-Za-z0-9_-]{42,46}$/.test(text)) return null
  const bytes = Buffer.from(text, 'base64url')
  const high = bytes.length - MAC - SHOP_AT
  if (high !== 1 && high !== 2 && high !== 4) return null
  return bytes.toString('base64url') === text ? bytes : null
}
