import { createHash, createHmac } from 'node:crypto'
import { sameBytes } from '../domain/seal/hash.ts'

/** HMAC-SHA256 of the parts one after another: what most senders of callbacks sign with. */
export function hmacSha256(key: string | Uint8Array, ...parts: readonly (string | Uint8Array)[]): Buffer {
  const hmac = createHmac('sha256', key)
  for (const part of parts) hmac.update(part)
  return hmac.digest()
}

/** True when one of the texts is `digest` in that encoding; compared in constant time. */
export function matchesOne(texts: readonly string[], digest: Buffer, encoding: 'hex' | 'base64'): boolean {
  const expected = Buffer.from(digest.toString(encoding))
  let found = false
  for (const text of texts) found = sameBytes(Buffer.from(text), expected) || found
  return found
}

/** 128 bits of SHA-256 over JSON values, as hex: an event's own content as its id. */
export function contentHash(...values: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(values)).digest('hex').slice(0, 32)
}
