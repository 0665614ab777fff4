import type { Fate } from '../message.ts'
import { HOUR, type Instant, MINUTE, type Millis, SECOND } from '../time.ts'

/** What becomes of a message after an attempt. */
export type NextStep =
  | { readonly kind: 'final'; readonly state: 'sent' | 'failed' | 'unknown'; readonly code: string | null }
  | { readonly kind: 'again'; readonly dueAt: Instant; readonly code: string }

export interface Tried {
  /** Which attempt this was, from 1. */
  readonly attempt: number
  readonly now: Instant
  readonly expiresAt: Instant
  readonly repeat: 'harmless' | 'visible'
  /** Waits before attempt 1, 2, 3 … where the road prescribes them. */
  readonly schedule: readonly Millis[] | null
  /** In [0, 1). */
  readonly random: number
}

/** Attempts where no schedule says otherwise: the last wait is then about an hour, all of them about two. */
const MAX_ATTEMPTS = 10
const FIRST_WAIT: Millis = 5 * SECOND
const LONGEST_WAIT: Millis = HOUR
/** The gate holds what goes through a paused account; this is when it first looks at the message again. */
const OPERATOR_WAIT: Millis = 5 * MINUTE

/**
 * Decides from one attempt's fate. An unknown outcome is repeated only where a repeat is harmless (promise: at
 * most once on roads whose receiver would see it twice). Never past the message's expiry.
 */
export function nextStep(fate: Fate, tried: Tried): NextStep {
  switch (fate.kind) {
    case 'sent':
      return { kind: 'final', state: 'sent', code: null }
    case 'rejected':
      return { kind: 'final', state: 'failed', code: fate.code }
    case 'unknown':
      return tried.repeat === 'harmless'
        ? again(tried, fate.code, backoff(tried), 'unknown')
        : { kind: 'final', state: 'unknown', code: fate.code }
    case 'retry':
      return again(tried, fate.code, Math.max(backoff(tried), fate.afterMs ?? 0), 'failed')
    case 'refresh':
      // The sender has dropped its credential; the next attempt fetches a new one, at once but only once.
      return again(tried, fate.code, tried.attempt === 1 ? 0 : backoff(tried), 'failed')
    case 'operator':
      return again({ ...tried, schedule: null }, fate.code, OPERATOR_WAIT, 'failed')
  }
}

function again(tried: Tried, code: string, wait: Millis, otherwise: 'failed' | 'unknown'): NextStep {
  const most = tried.schedule?.length ?? MAX_ATTEMPTS
  if (tried.attempt >= most) return { kind: 'final', state: otherwise, code }
  const dueAt = tried.now + wait
  if (dueAt >= tried.expiresAt) return { kind: 'final', state: otherwise, code }
  return { kind: 'again', dueAt, code }
}

/** The road's schedule with up to 20 % on top, or doubling waits of which half is random ("equal jitter"). */
function backoff({ attempt, schedule, random }: Tried): Millis {
  const prescribed = schedule?.[attempt]
  if (prescribed !== undefined) return Math.round(prescribed * (1 + random * 0.2))
  const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(attempt - 1, 20))
  return Math.round(wait / 2 + (wait / 2) * random)
}
