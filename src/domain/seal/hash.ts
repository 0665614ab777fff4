import { timingSafeEqual } from 'node:crypto'
import { frame, newScratch, type Part } from './framing.ts'
import type { Sodium } from './sodium.ts'

const BLIND_BYTES = 16
const NO_KEY = null

export interface Hashes {
  keyedHash(key: Uint8Array, ...parts: readonly Part[]): Buffer
  blindIndex(key: Uint8Array, version: number, column: string, normalised: string): Buffer
  hashSecret(secret: string): Buffer
}

export function hashesWith(sodium: Sodium): Hashes {
  const scratch = newScratch()

  const digest = (bytes: number, key: Uint8Array | null, parts: readonly Part[]): Buffer => {
    const out = Buffer.allocUnsafe(bytes)
    sodium.hash(out, frame(scratch, parts), key)
    return out
  }

  return {
    keyedHash: (key, ...parts) => digest(32, key, parts),
    blindIndex(key, version, column, normalised) {
      if (!Number.isInteger(version) || version < 0 || version > 255) {
        throw new RangeError(`an index key's version is 0 to 255, got ${version}`)
      }
      const out = Buffer.allocUnsafe(1 + BLIND_BYTES)
      out[0] = version
      sodium.hash(out.subarray(1), frame(scratch, ['dingdong.blind', column, normalised]), key)
      return out
    },
    hashSecret: (secret) => digest(32, NO_KEY, ['dingdong.secret', secret]),
  }
}

/** True when both are the same bytes, in a time that depends only on their lengths. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}
