import { type Millis, SECOND } from '../time.ts'

/** What may be called how often: one second sees `perSecond` calls and what was saved up at most. */
export interface Rate {
  readonly perSecond: number
  /** Calls kept for later while there are none; at least 1. */
  readonly savedUp: number
}

const SAVED_UP: Millis = SECOND / 20

/** An account's rate, `perSecond` being what its provider allows: of 20 a second or fewer nothing is saved up. */
export const accountRate = (perSecond: number): Rate => ({
  perSecond,
  savedUp: Math.max(1, (perSecond * SAVED_UP) / SECOND),
})
