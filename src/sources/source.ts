import type * as z from 'zod'
import type { OrderRef, SourceEvent, Trust } from '../domain/event.ts'
import type { HttpClient } from '../domain/http.ts'
import type { Random } from '../domain/ids.ts'
import type { Money } from '../domain/money.ts'
import type { Instant } from '../domain/time.ts'

/** An HTTP request as it arrived: signatures are checked on these very bytes. */
export interface SourceRequest {
  readonly method: string
  readonly query: Readonly<Record<string, string>>
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** What the outside system expects to read back. */
export interface SourceReply {
  readonly status: number
  readonly type: string
  readonly body: string
}

export type Received =
  /** Authentic. `reply` is sent only after the events are committed. */
  | { readonly kind: 'events'; readonly events: readonly SourceEvent[]; readonly reply: SourceReply }
  /** Authentic or harmless, but says nothing (a ping). `unsigned`: anybody may have sent it, so it is never passed on. */
  | { readonly kind: 'nothing'; readonly why: string; readonly reply: SourceReply; readonly unsigned?: true }
  /** Not authentic: 401, recorded without its body. */
  | { readonly kind: 'forged'; readonly why: string }
  /** Authentic but unreadable: 422 with the field that is wrong. */
  | { readonly kind: 'unreadable'; readonly path: string; readonly problem: string }

/** The world as a source may touch it when it asks or acts. */
export interface SourcePorts {
  /** Refuses private addresses at connect time, never throws. */
  readonly http: HttpClient
  readonly random: Random
  readonly now: Instant
  readonly signal: AbortSignal
}

/** An order as an outside system can be asked about it. */
export interface Question {
  /** All names of the order; a source uses the kinds it knows. */
  readonly refs: readonly OrderRef[]
  readonly total: Money | null
  readonly placedAt: Instant | null
}

export type Answered =
  /** What the system says now, as facts with ids that stay the same when asked again. Kept with trust `queried`. */
  | { readonly kind: 'events'; readonly events: readonly SourceEvent[] }
  /** It knows the order and nothing has been decided yet. */
  | { readonly kind: 'pending' }
  /** It does not know the order, or none of the order's names is one of its kinds. */
  | { readonly kind: 'stranger' }
  /** No answer to rely on: ask again. `retryAfter` in ms where it said so. */
  | { readonly kind: 'later'; readonly code: string; readonly retryAfter: number | null }
  /** Wrong credentials or a missing right: a person must repair the connection. */
  | { readonly kind: 'operator'; readonly code: string }

/** Something done to a payment at the outside system. */
export type ActionName = 'retry_payment' | 'reopen_order' | 'close_order'

export type Acted =
  | { readonly kind: 'done'; readonly events: readonly SourceEvent[] }
  /** Certainly not done, and why; it may be tried another way. */
  | { readonly kind: 'refused'; readonly code: string }
  /** Nobody knows whether it was done: ask with `query`, never repeat blindly. */
  | { readonly kind: 'unknown'; readonly code: string }
  | { readonly kind: 'operator'; readonly code: string }

/** Something in a connection's settings that is good until an instant. */
export interface Expiry {
  /** Where it stands, such as `alipayCertPublicKeys.0`. */
  readonly setting: string
  readonly at: Instant
}

/** Code that turns one outside system's callbacks into events. One file a source, one line in registry.ts. */
export interface Source<Settings = unknown> {
  readonly name: string
  /** What people call the system. */
  readonly title: Readonly<Record<'zh' | 'en', string>>
  /** How far its facts may be believed when the check has passed. */
  readonly trust: Trust
  readonly settings: z.ZodType<Settings>
  /** Names of settings that are secrets: sealed at rest, never shown again. */
  readonly secrets: readonly (keyof Settings & string)[]
  /** Methods that it calls by; left out: POST alone. */
  readonly methods?: readonly ('GET' | 'POST')[]
  /** How the system wants to be told that a callback was not taken; left out where the status says enough. */
  readonly refusal?: (message: string) => Omit<SourceReply, 'status'>
  /** Pure: checks authenticity on the raw bytes and translates. Never throws. */
  receive(settings: Settings, request: SourceRequest, now: Instant): Received
  /** What in these settings runs out, and when. Left out: nothing does. */
  expiries?(settings: Settings): readonly Expiry[]
  /** Whether these settings let the system be asked (a key is there). Left out: always, where there is a `query`. */
  asks?(settings: Settings): boolean
  /** Asks the system what became of an order's payment. Left out where it cannot be asked. Never throws. */
  query?(settings: Settings, question: Question, ports: SourcePorts): Promise<Answered>
  /**
   * What the system can be told to do, by name. `idempotencyKey` is the same for repeats of one action; `payment` names
   * the failed payment that the action is about, as its event did. Never throws.
   */
  readonly actions?: Readonly<
    Partial<
      Record<
        ActionName,
        (
          settings: Settings,
          question: Question & { readonly idempotencyKey: string; readonly payment: string },
          ports: SourcePorts,
        ) => Promise<Acted>
      >
    >
  >
}
