import { crc32 } from 'node:zlib'
import type { Random, ShopId } from './ids.ts'
import { hashSecret } from './seal.ts'

/** A new secret: the text is shown once, the hash is kept. */
export interface NewSecret {
  readonly text: string
  readonly hash: Buffer
  /** What screens may show of it: enough to tell keys apart, useless to use one. */
  readonly hint: string
}

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** 32 bytes in base 62. */
const SECRET_LENGTH = 43
const CHECK_LENGTH = 6

/**
 * `dk_7_<43 random characters><6 of checksum>`: 256 random bits; the shop in the key saves a look-up over all
 * shops; the checksum (CRC-32, as in GitHub's tokens) tells a typo from a wrong key and lets scanners find leaks.
 */
export function newApiKey(shop: ShopId, random: Random): NewSecret {
  const body = `dk_${shop}_${base62(random(32), SECRET_LENGTH)}`
  return secretOf(body + checksum(body), `dk_${shop}_`)
}

/** The shop and the hash to look an API key up by; `typo` when it is one with a character wrong, else `not_a_key`. */
export function readApiKey(
  text: string,
): { readonly shop: ShopId; readonly hash: Buffer } | 'typo' | 'not_a_key' {
  const shop = /^dk_(0|[1-9]\d{0,9})_[0-9A-Za-z]{49}$/.exec(text)?.[1]
  if (shop === undefined) return text.startsWith('dk_') ? 'typo' : 'not_a_key'
  if (checksum(text.slice(0, -CHECK_LENGTH)) !== text.slice(-CHECK_LENGTH)) return 'typo'
  return { shop: Number(shop) as ShopId, hash: hashSecret(text) }
}

/** A session cookie's value: 256 random bits. Whose it is stands in the sessions table, under the hash. */
export function newSessionToken(random: Random): NewSecret {
  return secretOf(`ds_${base62(random(32), SECRET_LENGTH)}`, 'ds_')
}

/** The hash to look a session up by; `null` when the cookie's value is no session token. */
export function sessionHash(text: string): Buffer | null {
  return /^ds_[0-9A-Za-z]{43}$/.test(text) ? hashSecret(text) : null
}

function secretOf(text: string, prefix: string): NewSecret {
  return { text, hash: hashSecret(text), hint: `${text.slice(0, prefix.length + 4)}…` }
}

function checksum(text: string): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc32(text))
  return base62(bytes, CHECK_LENGTH)
}

function base62(bytes: Uint8Array, length: number): string {
  let value = BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
  let text = ''
  while (text.length < length) {
    text = DIGITS[Number(value % 62n)] + text
    value /= 62n
  }
  return text
}
