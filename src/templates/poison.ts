import type { Clock, Millis } from '../domain/time.ts'
import { MINUTE } from '../domain/time.ts'

/** After this many kills a template is not tried for a while: three, because a busy machine may be to blame once or twice. */
export const STRIKES = 3
export const REFUSE_FOR: Millis = 10 * MINUTE

export interface PoisonList {
  isRefused(key: string): boolean
  /** Counts a kill. After a refusal has run out, the next kill refuses again at once. */
  strike(key: string): void
}

/** Remembers templates that had to be killed. Success does not clear a strike: a template may hang on some values only. */
export function createPoisonList(clock: Clock): PoisonList {
  const strikes = new Map<string, { readonly count: number; readonly at: number }>()
  return {
    isRefused(key) {
      const record = strikes.get(key)
      return record !== undefined && record.count >= STRIKES && clock.now() - record.at < REFUSE_FOR
    },
    strike(key) {
      const before = strikes.get(key)
      const forgiven = before !== undefined && clock.now() - before.at > 6 * REFUSE_FOR
      strikes.delete(key)
      strikes.set(key, { count: (forgiven ? 0 : (before?.count ?? 0)) + 1, at: clock.now() })
      // Insertion order is age: the oldest offence goes first.
      if (strikes.size > 1_000) strikes.delete(strikes.keys().next().value!)
    },
  }
}
