import type * as z from 'zod'
import type { Random } from '../domain/ids.ts'
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

export interface HttpRequest {
  readonly url: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  /** Whole-call limit, from the first look-up to the last byte of the answer. */
  readonly timeout: Millis
}

/** Why a call certainly handed nothing over. */
export type RefusedCode =
  | 'bad_request'
  | 'blocked_address'
  | 'dns'
  | 'connect'
  | 'tls'
  | 'tls_untrusted'
  | 'timeout'
  | 'aborted'

/** How a call ended after bytes of the request had left. */
export type BrokenCode = 'closed' | 'timeout' | 'aborted' | 'protocol'

/**
 * Answer or how far the call got: `refused` = certainly not handed over (DNS, connect, TLS, blocked address),
 * `broken` = bytes of the request had left and no status came back, so the outcome is unknown.
 */
export type HttpResult =
  | {
      readonly kind: 'answer'
      readonly status: number
      /** Names in lower case; a repeated header is joined with `, `. */
      readonly headers: Readonly<Record<string, string>>
      readonly body: string
      /** `false`: the status is certain, but the body was cut (over the cap, or the connection broke in it). */
      readonly complete: boolean
    }
  | { readonly kind: 'refused'; readonly code: RefusedCode; readonly detail: string }
  | { readonly kind: 'broken'; readonly code: BrokenCode; readonly detail: string }

export type HttpClient = (request: HttpRequest, signal: AbortSignal) => Promise<HttpResult>

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
