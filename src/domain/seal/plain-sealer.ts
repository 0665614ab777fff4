import type { Sealer } from './sealer.ts'

/**
 * Seals nothing. It exists so that the test that hunts for leaked secrets can be shown to fail; nothing in
 * the program imports it (a test beside the sealer holds that), and no setting reaches it.
 */
export function plainSealer(): Sealer {
  const open = (sealed: Uint8Array) => Buffer.from(sealed)
  return {
    seal: (plaintext) => (typeof plaintext === 'string' ? Buffer.from(plaintext) : Buffer.from(plaintext)),
    open,
    openText: (sealed) => open(sealed).toString(),
  }
}
