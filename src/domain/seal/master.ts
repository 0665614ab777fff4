import type { Random, ShopId } from '../ids.ts'
import { SealError } from './fault.ts'
import { frame, newScratch } from './framing.ts'
import type { Sodium } from './sodium.ts'

/** The key that seals all shop keys. Kept outside the data directory and outside backups. */
export interface MasterKey {
  readonly bytes: Uint8Array
  /** Eight hex digits that tell master keys apart and reveal nothing of them. */
  readonly fingerprint: string
}

/** Which key of which shop: `data` seals values, `index` makes blind indexes and keyed hashes. */
export interface ShopKeyName {
  readonly shop: ShopId
  readonly keyId: number
  readonly kind: 'data' | 'index'
}

export interface Masters {
  parseMasterKey(text: string): MasterKey
  newShopKey(random: Random): Buffer
  wrapShopKey(master: MasterKey, name: ShopKeyName, key: Uint8Array, random: Random): Buffer
  unwrapShopKey(master: MasterKey, name: ShopKeyName, wrapped: Uint8Array): Buffer
}

/** format (1) · master's fingerprint (4) · nonce (24) · sealed key (32) with its tag (16) */
const FORMAT = 1
const NONCE_AT = 5
const BODY_AT = 29
const WRAPPED = BODY_AT + 32 + 16

export function mastersWith(sodium: Sodium): Masters {
  const scratch = newScratch()
  const nameBytes = (name: ShopKeyName) =>
    frame(scratch, ['dingdong.shop-key', name.shop, name.keyId, name.kind])

  return {
    parseMasterKey(text) {
      const bytes = decodeKey(text)
      const mark = Buffer.alloc(16)
      sodium.hash(mark, Buffer.from('dingdong.master-fingerprint'), bytes)
      return { bytes, fingerprint: mark.toString('hex', 0, 4) }
    },
    newShopKey: (random) => Buffer.from(random(32)),
    wrapShopKey(master, name, key, random) {
      if (key.length !== 32) throw new RangeError(`a shop key has 32 bytes, got ${key.length}`)
      const wrapped = Buffer.alloc(WRAPPED)
      wrapped[0] = FORMAT
      wrapped.write(master.fingerprint, 1, 'hex')
      const nonce = random(24)
      wrapped.set(nonce, NONCE_AT)
      sodium.encrypt(wrapped.subarray(BODY_AT), key, nameBytes(name), nonce, master.bytes)
      return wrapped
    },
    unwrapShopKey(master, name, wrapped) {
      const column = `shop_key (shop ${name.shop}, key ${name.keyId}, ${name.kind})`
      if (wrapped.length !== WRAPPED || wrapped[0] !== FORMAT) {
        const detail = `expected ${WRAPPED} bytes of format ${FORMAT}, got ${wrapped.length} of format ${wrapped[0] ?? 'none'}`
        throw new SealError('SEALED_VALUE_BROKEN', { column, detail })
      }
      const sealed = Buffer.from(wrapped.subarray(1, NONCE_AT)).toString('hex')
      if (sealed !== master.fingerprint) {
        throw new SealError('MASTER_KEY_WRONG', { sealed, given: master.fingerprint })
      }
      const key = Buffer.alloc(32)
      const nonce = wrapped.subarray(NONCE_AT, BODY_AT)
      if (!sodium.decrypt(key, wrapped.subarray(BODY_AT), nameBytes(name), nonce, master.bytes)) {
        throw new SealError('SEALED_VALUE_BROKEN', { column, detail: 'its seal does not fit' })
      }
      return key
    },
  }
}

/** 32 bytes from hex or base64 text, as an environment variable or the content of a file holds it. */
function decodeKey(text: string): Buffer {
  const trimmed = text.trim()
  const bad = (detail: string) => new SealError('MASTER_KEY_INVALID', { detail })
  if (trimmed === '') throw bad('nothing was given')
  if (/^[0-9a-fA-F]+$/.test(trimmed)) {
    if (trimmed.length !== 64) throw bad(`${trimmed.length} hex digits came`)
    return checkEntropy(Buffer.from(trimmed, 'hex'))
  }
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(trimmed)) {
    throw bad(`${trimmed.length} characters came, some neither hex nor base64`)
  }
  const bytes = Buffer.from(trimmed, 'base64')
  if (bytes.length !== 32) throw bad(`${bytes.length} bytes came`)
  return checkEntropy(bytes)
}

/** Refuses all-zero and other repeated-pattern keys: 32 random bytes have about 30 different values, never under 16. */
function checkEntropy(bytes: Buffer): Buffer {
  const different = new Set(bytes).size
  if (different < 16) {
    throw new SealError('MASTER_KEY_INVALID', {
      detail: `only ${different} of its bytes differ, so it is not random`,
    })
  }
  return bytes
}
