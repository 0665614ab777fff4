/** The few functions of sodium-native that we call; the package ships no types. */
declare module 'sodium-native' {
  interface SodiumNative {
    crypto_aead_xchacha20poly1305_ietf_encrypt(
      cipher: Uint8Array,
      message: Uint8Array,
      ad: Uint8Array | null,
      nsec: null,
      nonce: Uint8Array,
      key: Uint8Array,
    ): number
    crypto_aead_xchacha20poly1305_ietf_decrypt(
      message: Uint8Array,
      nsec: null,
      cipher: Uint8Array,
      ad: Uint8Array | null,
      nonce: Uint8Array,
      key: Uint8Array,
    ): number
    crypto_generichash(output: Uint8Array, input: Uint8Array, key?: Uint8Array): void
  }
  const sodium: SodiumNative
  export default sodium
}
