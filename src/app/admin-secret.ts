import type { Random } from '../domain/ids.ts'
import { hashSecret } from '../domain/seal.ts'

/** Without letters that are easily taken for others: it is copied by hand more often than keys are. */
const DIGITS = '23456789abcdefghjkmnpqrstuvwxyz'

/**
 * `xxxxx-xxxxx-xxxxx-xxxxx-xxxxx`: 25 characters of 31, 123 bits, shown once; the hash is kept. One hash round is
 * enough for so much randomness.
 */
export function newAdminSecret(random: Random): { readonly text: string; readonly hash: Buffer } {
  let digits = ''
  while (digits.length < 25) {
    // 248 = 8 · 31: above it a byte would favour the first letters.
    for (const byte of random(32)) if (byte < 248 && digits.length < 25) digits += DIGITS[byte % 31]
  }
  const text = digits.replace(/.{5}(?=.)/g, '$&-')
  return { text, hash: hashSecret(text) }
}
