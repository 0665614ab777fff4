import type { Instant, Millis } from '../time.ts'
import { permits } from './gate.ts'
import type { GateInput } from './input.ts'
import type { ReasonCode, Verdict } from './verdict.ts'

/** 32 bits of a text (FNV-1a), to spread messages by their id. Not for secrets. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}

/** A delay in `[0, spreadMs)`, always the same for the same hash, even over all hashes. */
export function releaseJitter(messageIdHash: number, spreadMs: Millis): Millis {
  // Murmur3's finaliser: ids made in the same millisecond differ in few bits, their delays must not.
  let hash = messageIdHash
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  hash = (hash ^ (hash >>> 16)) >>> 0
  return Math.floor((hash / 2 ** 32) * Math.max(0, spreadMs))
}

/** Delays that end for many people at the same instant. Due times and personal pauses are spread by themselves. */
const SHARED: ReadonlySet<ReasonCode> = new Set([
  'quiet_hours',
  'law_hours',
  'send_window',
  'account_paused',
  'cap_reached',
  'cap_purpose',
  'cap_category',
  'cap_channel',
  'cap_address',
])

/**
 * When a held message is gated again: its `until`, moved on by up to `spreadMs` where many would otherwise leave
 * at once, but never to an instant the policies forbid.
 */
export function releaseAt(
  input: GateInput,
  hold: Extract<Verdict, { kind: 'hold' }>,
  messageIdHash: number,
  spreadMs: Millis,
): Instant {
  if (!hold.reasons.some((reason) => SHARED.has(reason))) return hold.until
  let jitter = releaseJitter(messageIdHash, spreadMs)
  while (jitter > 0 && !permits(input, hold.until + jitter, hold)) jitter = Math.floor(jitter / 2)
  return hold.until + jitter
}
