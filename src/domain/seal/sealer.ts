import type { Random, ShopId } from '../ids.ts'
import { SealError } from './fault.ts'
import { frame, newScratch } from './framing.ts'
import type { Sodium } from './sodium.ts'

/** Where a value lives. It is authenticated with the value: a value moved to another place does not open. */
export interface Place {
  readonly shop: ShopId
  /** Table and column: `contact.address`. */
  readonly column: string
  /** The row's id. */
  readonly row: string
}

/** One data key of a shop. `id` is 32 bits, never used again for another key. */
export interface ShopKey {
  readonly id: number
  readonly key: Uint8Array
}

export interface ShopKeys {
  /** Seals what is written from now on. */
  readonly current: ShopKey
  /** Everything that may still be lying in the database, the current key included. */
  readonly all: readonly ShopKey[]
}

/** Seals and opens one shop's values. Throws SealError; its text never holds a plaintext. */
export interface Sealer {
  /** Text is sealed as UTF-8. */
  seal(plaintext: string | Uint8Array, place: Place): Buffer
  open(sealed: Uint8Array, place: Place): Buffer
  openText(sealed: Uint8Array, place: Place): string
}

/** format (1) · key id (4, big-endian) · nonce (24) · ciphertext with its tag (16) */
const FORMAT = 1
const NONCE_AT = 5
const NONCE = 24
const BODY_AT = NONCE_AT + NONCE
const TAG = 16
export const SEALED_OVERHEAD = BODY_AT + TAG

// One for all shops' sealers: filled and used up within one synchronous call, and thousands of shops stay small.
const scratch = newScratch()

/** The key id written in a sealed value; `null` when the bytes are no sealed value. */
export function sealedKeyId(sealed: Uint8Array): number | null {
  if (sealed.length < SEALED_OVERHEAD || sealed[0] !== FORMAT) return null
  return sealed[1]! * 16_777_216 + ((sealed[2]! << 16) | (sealed[3]! << 8) | sealed[4]!)
}

/** True when the value was sealed by an older key, or by nobody: key rotation writes it anew. */
export function needsReseal(sealed: Uint8Array, currentKeyId: number): boolean {
  return sealedKeyId(sealed) !== currentKeyId
}

/** Checks a 32-byte key and a 32-bit id: a wrong size is a bug of the caller. */
function checkKey({ id, key }: ShopKey): void {
  if (!Number.isInteger(id) || id < 0 || id > 0xffffffff) throw new RangeError(`key id ${id} is not 32 bits`)
  if (key.length !== 32) throw new RangeError(`key ${id} has ${key.length} bytes, expected 32`)
}

/**
 * A sealer over `sodium`. `random` is asked for 24 bytes a value: wrap the system's once in `pooledRandom`
 * and share that over all shops. Random 192-bit nonces may repeat only after about 2^80 values, so no
 * counter has to survive a crash (libsodium manual, "XChaCha20-Poly1305").
 */
export function sealerWith(sodium: Sodium, keys: ShopKeys, random: Random): Sealer {
  const byId = new Map<number, Uint8Array>()
  for (const each of [...keys.all, keys.current]) {
    checkKey(each)
    byId.set(each.id, each.key)
  }
  const { id: currentId, key: currentKey } = keys.current
  const placeBytes = (place: Place) =>
    frame(scratch, ['dingdong.value', FORMAT, place.shop, place.column, place.row])

  const open = (sealed: Uint8Array, place: Place): Buffer => {
    const id = sealedKeyId(sealed)
    if (id === null) {
      const detail =
        sealed.length < SEALED_OVERHEAD
          ? `it has ${sealed.length} bytes, at least ${SEALED_OVERHEAD} were expected`
          : `it has format ${sealed[0]}, expected ${FORMAT}`
      throw new SealError('SEALED_VALUE_BROKEN', { column: place.column, detail })
    }
    const key = byId.get(id)
    if (!key) {
      const have = [...byId.keys()].join(', ')
      throw new SealError('SHOP_KEY_MISSING', { column: place.column, key: id, have })
    }
    const out = Buffer.allocUnsafe(sealed.length - SEALED_OVERHEAD)
    const nonce = sealed.subarray(NONCE_AT, BODY_AT)
    if (!sodium.decrypt(out, sealed.subarray(BODY_AT), placeBytes(place), nonce, key)) {
      throw new SealError('SEALED_VALUE_BROKEN', { column: place.column, detail: 'its seal does not fit' })
    }
    return out
  }

  return {
    seal(plaintext, place) {
      const length = typeof plaintext === 'string' ? Buffer.byteLength(plaintext) : plaintext.length
      const sealed = Buffer.allocUnsafe(length + SEALED_OVERHEAD)
      sealed[0] = FORMAT
      sealed.writeUInt32BE(currentId, 1)
      const nonce = random(NONCE)
      sealed.set(nonce, NONCE_AT)
      const body = sealed.subarray(BODY_AT)
      // Encrypted in place: libsodium allows it, and it saves a copy of every value.
      const message = body.subarray(0, length)
      if (typeof plaintext === 'string') message.write(plaintext, 0)
      else message.set(plaintext)
      sodium.encrypt(body, message, placeBytes(place), nonce, currentKey)
      return sealed
    },
    open,
    openText: (sealed, place) => open(sealed, place).toString(),
  }
}
