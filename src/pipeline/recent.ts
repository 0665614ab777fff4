import type { Clock, Instant, Millis } from '../domain/time.ts'

/** Values in clear that this process has just had in hand, kept for a moment so that the next stage need not read and open them again. */
export interface Recent<Key, Value> {
  keep(key: Key, value: Value): void
  get(key: Key): Value | undefined
  /** Gives the value and forgets it. */
  take(key: Key): Value | undefined
  /** Forgets everything; no timer is left. */
  clear(): void
}

/** The next stage follows within milliseconds; what it has not fetched by then was another process's to fetch. */
const LIFE: Millis = 5_000

/**
 * Holds up to `most` values for five seconds: what is pushed out or has aged is simply read from the database. They are
 * kept in two halves, and when the younger is full the older goes as a whole: taking the oldest one out of a Map each
 * time would make it step over all that were taken out before.
 */
export function createRecent<Key, Value>(clock: Clock, most: number): Recent<Key, Value> {
  type Half = Map<Key, { readonly value: Value; readonly since: Instant }>
  const half = Math.ceil(most / 2)
  let younger: Half = new Map()
  let older: Half = new Map()
  let cancel: (() => void) | null = null

  function grow(): void {
    older = younger
    younger = new Map()
  }

  function forgetOld(): void {
    grow()
    cancel = older.size > 0 ? clock.after(LIFE, forgetOld) : null
  }

  /** What has aged is no longer given, whenever it is forgotten. */
  function fresh(key: Key) {
    const kept = younger.get(key) ?? older.get(key)
    const age = kept ? clock.now() - kept.since : 0
    return kept && age >= 0 && age < LIFE ? kept : undefined
  }

  return {
    keep(key, value) {
      if (younger.size >= half && !younger.has(key)) grow()
      younger.set(key, { value, since: clock.now() })
      cancel ??= clock.after(LIFE, forgetOld)
    },
    get: (key) => fresh(key)?.value,
    take(key) {
      const kept = fresh(key)
      younger.delete(key)
      older.delete(key)
      return kept?.value
    },
    clear() {
      younger.clear()
      older.clear()
      cancel?.()
      cancel = null
    },
  }
}
