import type * as z from 'zod'
import type { HttpClient } from '../domain/http.ts'
import type { Random } from '../domain/ids.ts'
import type { AccountLaw } from '../domain/law/book.ts'
import type { Channel, Fate, OutboundMessage } from '../domain/message.ts'
import type { Clock, Instant, Millis } from '../domain/time.ts'

/** An HTTP request as it arrived, before anything trusted it. */
export interface RawRequest {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  readonly remoteAddress: string
}

/** What a provider tells us afterwards about something we sent. */
export type Callback =
  | {
      readonly kind: 'receipt'
      /** The vendor's id of the message; at least one of the two ids is there. */
      readonly providerRef: string | null
      /** Our id, where the vendor echoes it: finds the message even when the receipt overtakes the answer. */
      readonly idempotencyKey: string | null
      readonly status: 'delivered' | 'failed'
      readonly code: string | null
      readonly at: Instant | null
    }
  | {
      readonly kind: 'reply'
      readonly from: string
      readonly text: string
      /** The words ask us to stop (退订, TD, STOP …): suppress the contact whatever the flow says. */
      readonly stop: boolean
      readonly at: Instant | null
    }

/** The world as a provider may touch it. */
export interface ProviderPorts {
  readonly clock: Clock
  readonly random: Random
  /** Outbound HTTP that refuses private addresses at connect time (src/channels/http-client.ts). */
  readonly http: HttpClient
  readonly log: { debug(fields: object, text: string): void; warn(fields: object, text: string): void }
  /** Keeps an inbox item; used by the inbox channel only. Idempotent by message id. */
  readonly storeInboxItem: (item: InboxItem) => Promise<void>
}

export interface InboxItem {
  readonly message: OutboundMessage
  readonly title: string
  readonly text: string
  readonly link: string | null
}

/** One opened account: a connection pool or nothing, until `close`. */
export interface Sender {
  /** Hands one message over. Never throws for anything the provider or the network does: returns a fate. */
  send(message: OutboundMessage, signal: AbortSignal): Promise<Fate>
  /** After an unknown outcome: did the provider get it? `null` when it cannot say. */
  ask?(message: OutboundMessage, signal: AbortSignal): Promise<Fate | null>
  close(): Promise<void>
}

/** Code that speaks one vendor's protocol. One file a provider, one line in registry.ts. */
export interface Provider<Settings = unknown> {
  readonly name: string
  readonly channel: Channel
  /**
   * What handing the same message over twice does: `harmless` (the receiver drops repeats by our id),
   * `visible` (a person may see it twice, so an unknown outcome is never repeated).
   */
  readonly repeat: 'harmless' | 'visible'
  /** Validates settings; also makes the console's form and the docs table. */
  readonly settings: z.ZodType<Settings>
  /** Names of top-level settings that are secrets: sealed at rest, never shown again. */
  readonly secrets: readonly string[]
  /** The addresses that an account with these settings calls by HTTP, each under the setting's path. */
  addressesOf?(settings: Settings): Readonly<Record<string, string>>
  /** What an account's settings say about the law its messages come under. */
  lawOf?(settings: Settings): AccountLaw
  /** What the account's vendor takes for one SMS segment, in thousandths of the shop's currency; `null`: it does not say. */
  segmentPriceOf?(settings: Settings): number | null
  /**
   * Countries (ISO 3166) that an account with these settings reaches; `null`: every one. `alone`: the shop has no other
   * account of the channel, so that where a receiver is need not be asked.
   */
  countriesOf?(settings: Settings, alone: boolean): readonly string[] | null
  /** Wait before attempt 1, 2, 3 …, where the road prescribes one; attempts end with it. Else the pipeline's own backoff. */
  readonly schedule?: readonly Millis[]
  open(settings: Settings, ports: ProviderPorts): Sender
  /** Reads receipts and replies that the vendor posted to us; `null` when it is not authentic. */
  readCallback?(settings: Settings, request: RawRequest, now: Instant): CallbackReading | null
}

/** `reply` is the plain text the vendor wants to read back with status 200. */
export interface CallbackReading {
  readonly callbacks: readonly Callback[]
  readonly reply: string
}
