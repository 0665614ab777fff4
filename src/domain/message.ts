import type { MessageId, ShopId } from './ids.ts'
import type { Instant } from './time.ts'

/** Why a message exists. Caps, law, consent and masking read it. */
export const PURPOSES = ['essential', 'service', 'reminder', 'promotion'] as const
export type Purpose = (typeof PURPOSES)[number]

/** Kinds of road. `command` is the shop's own endpoint taking orders from us (cancel this order). */
export const CHANNELS = ['email', 'sms', 'inbox', 'webhook', 'command'] as const
export type Channel = (typeof CHANNELS)[number]

/** What a message says, ready to leave. One shape a channel. */
export type Content =
  | { readonly kind: 'email'; readonly subject: string; readonly text: string; readonly html: string }
  | { readonly kind: 'sms'; readonly text: string }
  | { readonly kind: 'inbox'; readonly title: string; readonly text: string; readonly link: string | null }
  | { readonly kind: 'webhook'; readonly type: string; readonly body: Readonly<Record<string, unknown>> }

/** A rendered message at the moment it is handed to a provider. Built by the pipeline, read by channels. */
export interface OutboundMessage {
  readonly shop: ShopId
  readonly id: MessageId
  /** Stable over all attempts: `Message-ID`, `webhook-id`, a provider's idempotency key are made from it. */
  readonly idempotencyKey: string
  readonly channel: Channel
  readonly purpose: Purpose
  /** Plain address: mail address, E.164 phone, inbox owner, endpoint URL. */
  readonly to: string
  readonly locale: string
  readonly content: Content
  /** RFC 8058 one-click address; `null` for essential messages and channels without it. */
  readonly unsubscribeUrl: string | null
  /** 1 for the first try. */
  readonly attempt: number
  readonly createdAt: Instant
}

/** The provider took it and has said since that it did not arrive: only a receipt leaves a code on what is sent. */
export const isUndelivered = (row: {
  readonly state: string
  readonly fate_code: string | null
  readonly delivered_at: Instant | null
}): boolean => row.state === 'sent' && row.fate_code !== null && row.delivered_at === null

/** A provider's answer about one attempt: a value, never an exception. */
export type Fate =
  | { readonly kind: 'sent'; readonly providerRef: string | null; readonly detail?: string }
  /** Try again, not before `afterMs` from now when the provider said so. */
  | {
      readonly kind: 'retry'
      readonly code: string
      readonly afterMs: number | null
      readonly detail?: string
    }
  /** Will never work: the address is bad, or these words are. */
  | {
      readonly kind: 'rejected'
      readonly blame: 'address' | 'content'
      readonly code: string
      readonly detail?: string
    }
  /** The credential expired: refresh once and retry. */
  | { readonly kind: 'refresh'; readonly code: string; readonly detail?: string }
  /** Nothing leaves through this account until a person repairs it. */
  | { readonly kind: 'operator'; readonly code: string; readonly detail?: string }
  /** Handed over or not? Nobody can say: the connection broke after the last byte went out. */
  | { readonly kind: 'unknown'; readonly code: string; readonly detail?: string }

/** Life of a message row. `claimed` may be taken over freely; a crash in `calling` is unknown. */
export type MessageState =
  | 'waiting'
  | 'claimed'
  | 'calling'
  | 'sent'
  | 'dropped'
  | 'failed'
  | 'unknown'
  | 'poison'
