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
      readonly providerRef: string
      readonly status: 'delivered' | 'failed'
      readonly code: string | null
      readonly at: Instant | null
    }
  | { readonly kind: 'reply'; readonly from: string; readonly text: string; readonly at: Instant | null }

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
  /** Whole-call limit. */
  readonly timeout: Millis
}

/**
 * Answer or how far the call got: `refused` = certainly not handed over (DNS, connect, TLS, blocked address),
 * `broken` = bytes of the request had left, so the outcome is unknown.
 */
export type HttpResult =
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly headers: Readonly<Record<string, string>>
      readonly body: string
    }
  | { readonly kind: 'refused'; readonly code: string; readonly detail: string }
  | { readonly kind: 'broken'; readonly code: string; readonly detail: string }

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
  /** Names of settings that are secrets: sealed at rest, never shown again. */
  readonly secrets: readonly (keyof Settings & string)[]
  open(settings: Settings, ports: ProviderPorts): Sender
  /** Reads a receipt or reply that the vendor posted to us; `null` when it is not authentic. */
  readCallback?(
    settings: Settings,
    request: RawRequest,
  ): { readonly callbacks: readonly Callback[]; readonly reply: string } | null
}
