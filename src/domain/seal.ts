import type { Random } from './ids.ts'
import { hashesWith } from './seal/hash.ts'
import { mastersWith } from './seal/master.ts'
import { type Sealer, type ShopKeys, sealerWith } from './seal/sealer.ts'
import { loadSodium } from './seal/sodium.ts'

// Awaited once at import, so that everything below is synchronous and the hot path has no promise in it.
const sodium = await loadSodium()
const masters = mastersWith(sodium)
const hashes = hashesWith(sodium)

/** Seals and opens one shop's values with its data keys. Give one shared `pooledRandom(random)`. */
export function createSealer(keys: ShopKeys, random: Random): Sealer {
  return sealerWith(sodium, keys, random)
}

/** The master key from 64 hex digits or base64 of 32 bytes. Throws SealError that says what came, never the key. */
export const parseMasterKey = masters.parseMasterKey

/** 32 new random bytes for a shop's data or index key. */
export const newShopKey = masters.newShopKey

/** A shop's key sealed by the master, bound to shop, key id and kind: 77 bytes. */
export const wrapShopKey = masters.wrapShopKey

/** The shop's key; throws SealError naming both fingerprints when another master sealed it. */
export const unwrapShopKey = masters.unwrapShopKey

/** 32 bytes of keyed BLAKE2b over the parts, each with its length. Make the first part say what it is for. */
export const keyedHash = hashes.keyedHash

/**
 * 17 bytes to find a sealed value by equality: the index key's version, then 128 bits of keyed BLAKE2b over
 * column and value. Give the value normalised (lower-case mail, E.164 phone). Keyed, because a plain hash of a
 * phone number is reversed by trying all of them.
 */
export const blindIndex = hashes.blindIndex

/**
 * 32 bytes to recognise an API key or session by. One round of BLAKE2b is enough because these secrets are
 * 256 random bits: there is no dictionary to try, and a slow hash would only slow each request. Never for
 * passwords.
 */
export const hashSecret = hashes.hashSecret
