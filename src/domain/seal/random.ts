import type { Random } from '../ids.ts'

/**
 * `random` in larger helpings: one call to the system for thousands of nonces. A byte is handed out once;
 * a used-up pool is replaced, never refilled, so slices already handed out stay what they were.
 */
export function pooledRandom(random: Random, size = 12_288): Random {
  let pool: Uint8Array = new Uint8Array(0)
  let used = 0
  return (bytes) => {
    if (bytes > size) return random(bytes)
    if (used + bytes > pool.length) {
      pool = random(size)
      used = 0
    }
    const slice = pool.subarray(used, used + bytes)
    used += bytes
    return slice
  }
}
