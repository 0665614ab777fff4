import type { Millis } from './time.ts'

// Outbound HTTP as the program's ports speak of it. `src/channels/http-client.ts` makes the client.

export interface HttpRequest {
  readonly url: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  /** In place of `body`: bytes that must go exactly as they are. */
  readonly bytes?: Uint8Array
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
