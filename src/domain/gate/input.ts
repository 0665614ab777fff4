import type { OrderId } from '../ids.ts'
import type { Channel, Purpose } from '../message.ts'
import type { Instant, Millis } from '../time.ts'

/** A stretch of the day in the receiver's wall-clock time, `[from, to)`; may cross midnight; `from` = `to` is no window. */
export interface QuietWindow {
  /** `HH:MM`, 00:00 to 24:00. */
  readonly from: string
  readonly to: string
}

/** What the gate must know about the message itself. */
export interface GateMessage {
  readonly purpose: Purpose
  readonly channel: Channel
  /** Flow family or key the receiver can switch off: `payment_failed`. */
  readonly category: string
  readonly dueAt: Instant
  /** The message may leave before this instant, never at or after it. */
  readonly expiresAt: Instant
  /** Asks for money: must not leave once the order is known to be paid. */
  readonly stopsWhenPaid: boolean
  /** Makes no sense once the order is cancelled, expired or refunded, or its remaining life is over. */
  readonly stopsWhenClosed: boolean
  /** End of the ten minutes after the buyer's own act that this answers; `null` when it answers none. */
  readonly inSessionUntil: Instant | null
  readonly audience: 'buyer' | 'member'
  readonly level: Level
  /** Security code or keys someone is waiting for: SMS and push may ring at night. Counts for `essential` only. */
  readonly anyHour: boolean
}

/** The order the message is about, as its paid marker and fold stand in this transaction. */
export interface GateOrder {
  readonly paid: boolean
  readonly closed: null | 'cancelled' | 'expired' | 'refunded'
  /** When the shop gives the unpaid order up. */
  readonly expiresAt: Instant | null
  /** A person has to decide about the order: when it is worth asking again. Left out: nobody has to. */
  readonly heldUntil?: Instant | null
}

/**
 * The address. `suppressed`: dead or complained about, nothing goes there. `unsubscribed`: the receiver told
 * this address to stop. `unverified`: nobody but a browser vouches for it.
 */
export interface GateContact {
  readonly usable: 'ok' | 'suppressed' | 'unsubscribed' | 'unverified'
}

/** What the receiver chose. */
export interface GatePreferences {
  readonly pausedUntil: Instant | null
  /** `everything`, a channel, purpose or category, or `channel:purpose` / `channel:category`. Unknown words are ignored. */
  readonly off: readonly string[]
}

/** Consent by purpose. Promotion needs `true`; the others are refused only by an explicit `false`. */
export interface GateConsent {
  readonly promotion: boolean
  readonly reminder?: boolean
  readonly service?: boolean
}

/** How often the receiver may be written to. */
export interface GateCaps {
  /** Messages a person may get on one local day, over all channels. */
  readonly perDay: number
  /** Slots taken, by the receiver's local day `YYYY-MM-DD`; a day that is missing has none taken. */
  readonly usedByDay: Readonly<Record<string, number>>
  /** The shop's own rules, those only that count this message. */
  readonly rules: readonly GateCapRule[]
}

/** One counter that this message would be counted by, as it stands without it. */
export interface GateCapRule {
  readonly name: string
  readonly max: number
  /** Length of a rolling window; `null` counts by the receiver's local day. */
  readonly within: Millis | null
  /** For a rolling window: when its slots were taken, in any order. */
  readonly taken: readonly Instant[]
  /** For a local day: slots taken, by day. */
  readonly usedByDay: Readonly<Record<string, number>>
  readonly because: 'cap_window' | 'cap_address' | 'cap_category' | 'cap_channel' | 'cap_purpose'
}

/** How much a message matters, most first. What is less than a shop's `dropBelow` is not sent. */
export const LEVELS = ['urgent', 'high', 'normal', 'low'] as const
export type Level = (typeof LEVELS)[number]

/** The provider account that would carry it. */
export interface GateAccount {
  /** `elsewhere`: there are accounts, and none reaches the receiver's country. */
  readonly state: 'ok' | 'paused' | 'missing' | 'elsewhere'
  /** For `paused`: when it is worth asking again; `null` means nobody knows, which drops the message to its next channel. */
  readonly resumesAt: Instant | null
}

/** Another order of the receiver's that a message of the same kind has left about lately. */
export interface GateTold {
  readonly order: OrderId
  /** When it left. */
  readonly at: Instant
  /** Nothing of the kind leaves about other orders before this. */
  readonly until: Instant
}

/** What law files say about this message on this account; absent where none applies. */
export interface GateLaw {
  /** None of the template's words may go. */
  readonly banned: boolean
  readonly needsConsent: boolean
  /** An explicit yes to messages of this purpose. */
  readonly consented: boolean
  /** Hours in which it may ring, `[from, to)` on the receiver's wall clock; all of them must agree; empty: any. */
  readonly hours: readonly QuietWindow[]
}

/**
 * Everything a verdict depends on, and nothing else: plain JSON, so that a recorded input replays to the same
 * verdict. All instants are epoch ms.
 */
export interface GateInput {
  readonly now: Instant
  readonly message: GateMessage
  readonly killed: null | 'all' | 'shop' | 'flow'
  readonly order: GateOrder | null
  readonly contact: GateContact | null
  readonly preferences: GatePreferences
  readonly consent: GateConsent
  /** IANA zone of the receiver. */
  readonly timeZone: string
  /** IANA zone of the shop, used where the receiver's is unknown; UTC when that is unknown too. */
  readonly shopTimeZone: string
  /** Quiet windows of this channel. */
  readonly quiet: readonly QuietWindow[]
  /** When people of the receiver's segment like to read; none: at any time. */
  readonly windows: readonly QuietWindow[]
  /** The least level that is sent; `null`: every level. */
  readonly dropBelow: Level | null
  readonly caps: GateCaps
  readonly told?: GateTold | null
  readonly account: GateAccount
  readonly law?: GateLaw
}
