import { argon2 } from 'node:crypto'
import type { Random } from '../../domain/ids.ts'

/** libsodium's secretstream, from whichever build of it runs here. Both give and read the same bytes. */
export interface SecretStream {
  push(message: Uint8Array, last: boolean): Uint8Array
}

export interface OpenStream {
  /** `null` when the piece is not authentic: wrong key, changed, or out of order. */
  pull(cipher: Uint8Array): { readonly message: Uint8Array; readonly last: boolean } | null
}

export interface SecretStreams {
  seal(key: Uint8Array): { readonly header: Uint8Array; readonly stream: SecretStream }
  open(key: Uint8Array, header: Uint8Array): OpenStream
}

const PREFIX = 'crypto_secretstream_xchacha20poly1305'
const TAG_MESSAGE = 0
const TAG_FINAL = 3
export const HEADER_BYTES = 24
/** What each piece grows by. */
export const OVERHEAD_BYTES = 17

/** The functions of sodium-native used here; the package ships no types. */
interface NativeStreams {
  readonly crypto_secretstream_xchacha20poly1305_STATEBYTES: number
  crypto_secretstream_xchacha20poly1305_init_push(
    state: Uint8Array,
    header: Uint8Array,
    key: Uint8Array,
  ): void
  crypto_secretstream_xchacha20poly1305_push(
    state: Uint8Array,
    cipher: Uint8Array,
    message: Uint8Array,
    ad: null,
    tag: number,
  ): void
  crypto_secretstream_xchacha20poly1305_init_pull(
    state: Uint8Array,
    header: Uint8Array,
    key: Uint8Array,
  ): void
  crypto_secretstream_xchacha20poly1305_pull(
    state: Uint8Array,
    message: Uint8Array,
    tag: Uint8Array,
    cipher: Uint8Array,
    ad: null,
  ): void
  crypto_pwhash_async(
    key: Uint8Array,
    password: Uint8Array,
    salt: Uint8Array,
    passes: number,
    memoryBytes: number,
    algorithm: number,
  ): Promise<void>
}

async function native(): Promise<SecretStreams> {
  const lib = (await import('sodium-native')).default as unknown as NativeStreams
  const stateBytes = lib[`${PREFIX}_STATEBYTES`]
  return {
    seal(key) {
      const state = Buffer.alloc(stateBytes)
      const header = Buffer.alloc(HEADER_BYTES)
      lib[`${PREFIX}_init_push`](state, header, key)
      const push = (message: Uint8Array, last: boolean) => {
        const cipher = Buffer.alloc(message.length + OVERHEAD_BYTES)
        lib[`${PREFIX}_push`](state, cipher, message, null, last ? TAG_FINAL : TAG_MESSAGE)
        return cipher
      }
      return { header, stream: { push } }
    },
    open(key, header) {
      const state = Buffer.alloc(stateBytes)
      lib[`${PREFIX}_init_pull`](state, header, key)
      return {
        pull(cipher) {
          if (cipher.length < OVERHEAD_BYTES) return null
          const message = Buffer.alloc(cipher.length - OVERHEAD_BYTES)
          const tag = Buffer.alloc(1)
          try {
            lib[`${PREFIX}_pull`](state, message, tag, cipher, null)
          } catch {
            // The library's only way to say "not authentic".
            return null
          }
          return { message, last: tag[0] === TAG_FINAL }
        },
      }
    },
  }
}

async function wasm(): Promise<SecretStreams> {
  const { default: lib } = await import('libsodium-wrappers')
  await lib.ready
  return {
    seal(key) {
      const { state, header } = lib[`${PREFIX}_init_push`](key)
      const push = (message: Uint8Array, last: boolean) =>
        lib[`${PREFIX}_push`](state, message, null, last ? TAG_FINAL : TAG_MESSAGE)
      return { header, stream: { push } }
    },
    open(key, header) {
      const state = lib[`${PREFIX}_init_pull`](header, key)
      return {
        pull(cipher) {
          if (cipher.length < OVERHEAD_BYTES) return null
          // The declared type forgets that it answers `false`.
          const read = lib[`${PREFIX}_pull`](state, cipher, null) as
            | { message: Uint8Array; tag: number }
            | false
          return read === false ? null : { message: read.message, last: read.tag === TAG_FINAL }
        },
      }
    },
  }
}

/** The native build where its binary fits this machine, else WASM. */
export function secretStreams(build: 'any' | 'wasm' = 'any'): Promise<SecretStreams> {
  return build === 'wasm' ? wasm() : native().catch(wasm)
}

/** How a passphrase becomes a key: Argon2id with these numbers. Kept in the file, so that they can grow later. */
export interface KeyDerivation {
  readonly salt: string
  readonly passes: number
  readonly memoryKiB: number
}

/**
 * 3 passes over 64 MiB, the second recommended choice of RFC 9106, with one lane: about 0.15 s. More memory would
 * not fit the small machines this runs on beside PostgreSQL.
 */
export function newKeyDerivation(random: Random): KeyDerivation {
  return { salt: Buffer.from(random(16)).toString('base64'), passes: 3, memoryKiB: 65_536 }
}

/** The 32 bytes a passphrase stands for. */
export async function deriveKey(passphrase: string, how: KeyDerivation): Promise<Uint8Array> {
  const message = Buffer.from(passphrase.normalize('NFC'))
  const nonce = Buffer.from(how.salt, 'base64')
  // Node has Argon2 from 24.7 on; on older ones the native libsodium does it. Its WASM build leaves it out.
  if (typeof argon2 !== 'function') {
    const lib = (await import('sodium-native')).default as unknown as NativeStreams
    const key = Buffer.alloc(32)
    await lib.crypto_pwhash_async(key, message, nonce, how.passes, how.memoryKiB * 1024, 2)
    return key
  }
  const parameters = {
    message,
    nonce,
    parallelism: 1,
    tagLength: 32,
    passes: how.passes,
    memory: how.memoryKiB,
  }
  return new Promise((resolve, reject) => {
    argon2('argon2id', parameters, (error, key) => (error ? reject(error) : resolve(key)))
  })
}
