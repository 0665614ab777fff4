import { SealError } from '../domain/seal/fault.ts'

/** A value was sealed with a key that this process has not read yet; the keyring reads anew at its next use. */
export const isMissingKey = (error: unknown) =>
  error instanceof SealError && error.code === 'SHOP_KEY_MISSING'

/**
 * Reads sealed values of one message. What cannot be opened ends that message alone; a key that is missing may only
 * be new to this process, so it is an error of the turn, which is tried again with the keys read anew.
 */
export function attempt<T>(read: () => T): { readonly ok: T } | { readonly detail: string } {
  try {
    return { ok: read() }
  } catch (error) {
    if (isMissingKey(error)) throw error
    return { detail: error instanceof Error ? error.name : 'error' }
  }
}
