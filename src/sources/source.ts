import type * as z from 'zod'
import type { SourceEvent, Trust } from '../domain/event.ts'
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
  /** Authentic or harmless, but says nothing (a ping). */
  | { readonly kind: 'nothing'; readonly why: string; readonly reply: SourceReply }
  /** Not authentic: 401, recorded without its body. */
  | { readonly kind: 'forged'; readonly why: string }
  /** Authentic but unreadable: 422 with the field that is wrong. */
  | { readonly kind: 'unreadable'; readonly path: string; readonly problem: string }

/** Code that turns one outside system's callbacks into events. One file a source, one line in registry.ts. */
export interface Source<Settings = unknown> {
  readonly name: string
  /** How far its facts may be believed when the check has passed. */
  readonly trust: Trust
  readonly settings: z.ZodType<Settings>
  /** Names of settings that are secrets: sealed at rest, never shown again. */
  readonly secrets: readonly (keyof Settings & string)[]
  /** Pure: checks authenticity on the raw bytes and translates. Never throws. */
  receive(settings: Settings, request: SourceRequest, now: Instant): Received
}
