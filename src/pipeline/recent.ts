import type { Clock, Millis } from '../domain/time.ts'

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

/** Holds up to `most` values for five seconds: what is pushed out or has aged is simply read from the database. */
export function createRecent<Key, Value>(clock: Clock, most: number): Recent<Key, Value> {
  const values = new Map<Key, { readonly value: Value; readonly since: number }>()
  let cancel: (() => void) | null = null

  /** Oldest first: a Map keeps the order of insertion. */
  function forgetOld(): void {
    const limit = clock.now() - LIFE
    for (const [key, { since }] of values) {
      if (since > limit && since <= clock.now()) break
      values.delete(key)
    }
    cancel = values.size > 0 ? clock.after(LIFE, forgetOld) : null
  }

  /** A stalled process may prune late: what has aged is no longer given. */
  function fresh(key: Key) {
    const kept = values.get(key)
    const age = kept ? clock.now() - kept.since : 0
    return kept && age >= 0 && age < LIFE ? kept : undefined
  }

  return {
    keep(key, value) {
      values.delete(key)
      values.set(key, { value, since: clock.now() })
      if (values.size > most) values.delete(values.keys().next().value!)
      cancel ??= clock.after(LIFE, forgetOld)
    },
    get: (key) => fresh(key)?.value,
    take(key) {
      const kept = fresh(key)
      values.delete(key)
      return kept?.value
    },
    clear() {
      values.clear()
      cancel?.()
      cancel = null
    },
  }
}
