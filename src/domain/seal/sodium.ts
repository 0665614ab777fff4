/** The two primitives everything here is made of. Both libraries give byte-identical results. */
export interface Sodium {
  readonly kind: 'native' | 'wasm'
  /** XChaCha20-Poly1305 (IETF). `out` has 16 bytes more than `message`, and may overlap it at the same start. */
  encrypt(out: Uint8Array, message: Uint8Array, ad: Uint8Array, nonce: Uint8Array, key: Uint8Array): void
  /** False when the bytes, key, nonce or `ad` are not the ones sealed; `out` then holds nothing of use. */
  decrypt(out: Uint8Array, cipher: Uint8Array, ad: Uint8Array, nonce: Uint8Array, key: Uint8Array): boolean
  /** BLAKE2b into `out` (16 to 64 bytes), keyed when `key` (16 to 64 bytes) is given. */
  hash(out: Uint8Array, input: Uint8Array, key: Uint8Array | null): void
}

/** sodium-native: prebuilt for common systems, about 1.6 times as fast as WASM. */
export async function loadNative(): Promise<Sodium> {
  const { default: lib } = await import('sodium-native')
  return {
    kind: 'native',
    encrypt(out, message, ad, nonce, key) {
      lib.crypto_aead_xchacha20poly1305_ietf_encrypt(out, message, ad, null, nonce, key)
    },
    decrypt(out, cipher, ad, nonce, key) {
      try {
        lib.crypto_aead_xchacha20poly1305_ietf_decrypt(out, null, cipher, ad, nonce, key)
        return true
      } catch {
        // The library's only way to say "not authentic"; sizes are checked by the caller.
        return false
      }
    },
    hash(out, input, key) {
      if (key) lib.crypto_generichash(out, input, key)
      else lib.crypto_generichash(out, input)
    },
  }
}

/** libsodium compiled to WebAssembly: runs wherever Node runs. */
export async function loadWasm(): Promise<Sodium> {
  const { default: lib } = await import('libsodium-wrappers')
  await lib.ready
  return {
    kind: 'wasm',
    encrypt(out, message, ad, nonce, key) {
      out.set(lib.crypto_aead_xchacha20poly1305_ietf_encrypt(message, ad, null, nonce, key))
    },
    decrypt(out, cipher, ad, nonce, key) {
      try {
        out.set(lib.crypto_aead_xchacha20poly1305_ietf_decrypt(null, cipher, ad, nonce, key))
        return true
      } catch {
        return false
      }
    },
    hash(out, input, key) {
      out.set(lib.crypto_generichash(out.length, input, key))
    },
  }
}

/** The native library where a prebuilt binary fits this machine, else WASM. */
export async function loadSodium(native: () => Promise<Sodium> = loadNative): Promise<Sodium> {
  try {
    return await native()
  } catch {
    // No binary for this system or libc: the same results, only slower. `kind` tells doctor which one runs.
    return loadWasm()
  }
}
