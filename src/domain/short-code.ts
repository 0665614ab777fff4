/**
 * Digits and capitals without those that are taken for one another (0 O, 1 I L, U), and none that spell a word: no
 * vowels, and no H T V W X, of which WX, VX, WWW, HTTP, BTC, NFT and YHQ are made. A code stands in text messages, and
 * vendors refuse those that seem to name a chat, an address or a coupon.
 */
export const SHORT_CODE_ALPHABET = '23456789BCDFGJKMNPQRSYZ'
const SIZE = BigInt(SHORT_CODE_ALPHABET.length)

/**
 * 23^8 = 7.8 × 10^10 codes. With 10,000 live orders and the 300 wrong tries an hour that a shop allows altogether
 * (short-code-rate), a stranger meets one order in three years.
 */
export const SHORT_CODE_LENGTH = 8

/** A code from a keyed hash of at least 16 bytes. The remainder favours some codes by less than 1 in 10^7. */
export function shortCodeOf(hash: Uint8Array): string {
  let number = 0n
  for (const byte of hash.subarray(0, 16)) number = number * 256n + BigInt(byte)
  let code = ''
  for (let at = 0; at < SHORT_CODE_LENGTH; at++) {
    code += SHORT_CODE_ALPHABET[Number(number % SIZE)]
    number /= SIZE
  }
  return code
}

/** A code as typed, in the one form we know it by; `null` when it cannot be one. */
export function readShortCode(text: string): string | null {
  const code = text.slice(0, 64).normalize('NFKC').toUpperCase().replace(/[\s-]/g, '')
  if (code.length !== SHORT_CODE_LENGTH) return null
  return [...code].every((char) => SHORT_CODE_ALPHABET.includes(char)) ? code : null
}
