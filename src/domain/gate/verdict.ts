import type { CustomerId } from '../ids.ts'
import type { Instant } from '../time.ts'

/**
 * Why. Codes are stored on message rows: never rename one, never reuse one. At most 16 characters each, so
 * that 16 of them fit a verdict of 300 bytes.
 */
export const REASONS = [
  'killed_all',
  'killed_shop',
  'killed_flow',
  'paid',
  'order_cancelled',
  'order_expired',
  'order_refunded',
  'order_life_over',
  'under_review',
  'no_contact',
  'suppressed',
  'unsubscribed',
  'unverified',
  'no_consent',
  'turned_off',
  'pref_paused',
  'account_missing',
  'account_paused',
  'not_due',
  'cap_reached',
  'cap_zero',
  'cap_purpose',
  'cap_category',
  'cap_channel',
  'cap_address',
  'cap_window',
  'other_order_told',
  'quiet_hours',
  'quiet_all_day',
  'quiet_unreadable',
  'expired',
  'expires_first',
  'unsettled',
  'low_priority',
  'send_window',
  'window_skipped',
  'essential',
  'in_session',
  'law',
  'law_consent',
  'law_hours',
  'law_no_hour',
  'account_country',
  'account_busy',
] as const
export type ReasonCode = (typeof REASONS)[number]

/** More reasons than this are not kept: 16 codes of 16 characters fit the 300 bytes. */
export const MAX_REASONS = 16

/**
 * The gate's answer. `send`: now; `reasons` name the exemptions it needed, `capDay` the local day whose slot
 * must be reserved in the same transaction (`null`: exempt). `hold`: gate it again at `until`; `reasons` name
 * what delays it. `drop`: not on this channel, ever.
 */
export type Verdict =
  | { readonly kind: 'send'; readonly reasons: readonly ReasonCode[]; readonly capDay: string | null }
  | { readonly kind: 'hold'; readonly reasons: readonly ReasonCode[]; readonly until: Instant }
  | { readonly kind: 'drop'; readonly reasons: readonly ReasonCode[] }

const KNOWN: ReadonlySet<string> = new Set(REASONS)

/** A verdict's line, its moment included, is no longer than this: it stands on every message. */
const MAX_BYTES = 300

/**
 * A verdict as one line of ASCII, ≤300 bytes: `hold@1795334400000:quiet_hours`, `send@2026-11-22:`, `send:essential`;
 * behind another colon the moment it was given at (`encodeMoment`), left out where it would be too long.
 */
export function encodeVerdict(verdict: Verdict, moment = ''): string {
  const at =
    verdict.kind === 'hold'
      ? `@${verdict.until}`
      : verdict.kind === 'send' && verdict.capDay
        ? `@${verdict.capDay}`
        : ''
  const line = `${verdict.kind}${at}:${verdict.reasons.slice(0, MAX_REASONS).join(',')}`
  return moment === '' || line.length + 1 + moment.length > MAX_BYTES ? line : `${line}:${moment}`
}

/** The verdict inside `encodeVerdict`'s line; `null` when the line is not one. Codes of a newer program are left out. */
export function decodeVerdict(line: string): Verdict | null {
  const match = /^(send|hold|drop)(?:@(-?\d+|\d{4}-\d\d-\d\d))?:([a-z_,]*)(?::.*)?$/.exec(line)
  if (!match) return null
  const [, kind, at, codes] = match
  const reasons = codes!.split(',').filter((code): code is ReasonCode => KNOWN.has(code))
  switch (kind as Verdict['kind']) {
    case 'send':
      return at === undefined || /^\d{4}-/.test(at) ? { kind: 'send', reasons, capDay: at ?? null } : null
    case 'hold':
      return at !== undefined && /^-?\d+$/.test(at) ? { kind: 'hold', reasons, until: Number(at) } : null
    case 'drop':
      return at === undefined ? { kind: 'drop', reasons } : null
  }
}

/** The line without its moment: what was decided and why. */
export const plainVerdict = (line: string): string => line.split(':', 2).join(':')

/** The moment behind a verdict; `null` where none was written. */
export function momentOf(line: string): string | null {
  const at = line.indexOf(':', line.indexOf(':') + 1)
  return at < 0 ? null : line.slice(at + 1)
}

/** Tells one person's local day, whose slots are counted, from all others. */
export const personDay = ({ customer, day }: { readonly customer: CustomerId; readonly day: string }) =>
  `${customer} ${day}`
