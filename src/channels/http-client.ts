import type { Agent, Dispatcher } from 'undici'
import type { BrokenCode, HttpClient, HttpRequest, HttpResult, RefusedCode } from '../domain/http.ts'
import { lazily } from '../domain/lazily.ts'
import { type Millis, SECOND } from '../domain/time.ts'
import type { ConnectorOptions } from './guarded-connector.ts'
import { isUntrustedCertificate } from './tls-trust.ts'

export interface HttpClientOptions extends Partial<ConnectorOptions> {
  /** Longest pause inside an answer's body. */
  readonly bodyTimeout?: Millis
  /** Bytes of an answer that are read; the rest is cut off. */
  readonly maxBytes?: number
  /** Connections kept to one origin. */
  readonly connections?: number
  readonly userAgent?: string
}

export interface OwnedHttpClient {
  readonly request: HttpClient
  /** Ends every connection; calls under way are broken. */
  close(): Promise<void>
}

/**
 * Outbound HTTP for everything a tenant may point somewhere: public addresses only (judged at connect time), no
 * redirects, no proxies, no retries, answers up to 256 KiB. Never throws: tells `refused` from `broken`.
 */
export function createHttpClient(options: HttpClientOptions = {}): OwnedHttpClient {
  const limits = {
    bodyTimeout: options.bodyTimeout ?? 10 * SECOND,
    maxBytes: options.maxBytes ?? 256 * 1024,
    userAgent: options.userAgent ?? 'Dingdong',
  }
  const { connectTimeout = 10 * SECOND, connections = 32 } = options
  // Several megabytes that a shop without outbound HTTP never needs: loaded by the first call.
  const agent = lazily(async () => {
    const { guardedAgent } = await import('./guarded-agent.ts')
    return guardedAgent({ ...options, connectTimeout, connections })
  })
  let closed = false
  return {
    request: async (request, signal) => {
      if (closed) return { kind: 'refused', code: 'connect', detail: 'this client has been closed' }
      const opened = await agent.get().catch((error: Error) => error)
      // The machine cannot load it now: nothing has left.
      return opened instanceof Error ? refused(opened, request.url) : call(opened, request, signal, limits)
    },
    async close() {
      closed = true
      await (await agent.made())?.destroy()
    },
  }
}

interface Limits {
  readonly bodyTimeout: Millis
  readonly maxBytes: number
  readonly userAgent: string
}

function call(agent: Agent, request: HttpRequest, signal: AbortSignal, limits: Limits): Promise<HttpResult> {
  return new Promise((resolve) => {
    const target = targetOf(request.url)
    if (!target) {
      const detail = 'expected an http or https URL without user name and password'
      return resolve({ kind: 'refused', code: 'bad_request', detail })
    }
    // biome-ignore lint/nursery/noJsRestrictedProperties: sockets live in real time, whatever the business clock says
    const timeout = AbortSignal.timeout(request.timeout)
    const exchange = startExchange(request, limits, (result) => {
      signal.removeEventListener('abort', onAbort)
      timeout.removeEventListener('abort', onTimeout)
      resolve(result)
    })
    const onAbort = () => exchange.stop('aborted', 'the caller gave up')
    const onTimeout = () => exchange.stop('timeout', `no complete answer within ${request.timeout} ms`)
    signal.addEventListener('abort', onAbort, { once: true })
    timeout.addEventListener('abort', onTimeout, { once: true })
    if (signal.aborted) return onAbort()
    const dispatch = {
      ...target,
      method: request.method as Dispatcher.HttpMethod,
      headers: { 'user-agent': limits.userAgent, ...request.headers },
      body: request.bytes ?? request.body,
      headersTimeout: request.timeout,
      bodyTimeout: limits.bodyTimeout,
    }
    try {
      agent.dispatch(dispatch, exchange.handler)
    } catch (error) {
      exchange.fail(error as Error)
    }
  })
}

function targetOf(url: string): { origin: string; path: string } | null {
  const parsed = URL.parse(url)
  if (!parsed || !/^https?:$/.test(parsed.protocol) || parsed.username || parsed.password) return null
  return { origin: parsed.origin, path: parsed.pathname + parsed.search }
}

interface Exchange {
  readonly handler: Dispatcher.DispatchHandler
  stop(code: 'aborted' | 'timeout', detail: string): void
  fail(error: Error): void
}

/** Follows one call from waiting for a connection to the end of the answer, and settles it once. */
function startExchange(request: HttpRequest, limits: Limits, settle: (result: HttpResult) => void): Exchange {
  let controller: Dispatcher.DispatchController | null = null
  let head: { status: number; headers: Record<string, string> } | null = null
  let settled = false
  let size = 0
  const chunks: Buffer[] = []

  const end = (result: HttpResult) => {
    if (settled) return
    settled = true
    settle(result)
  }
  const answer = (complete: boolean): HttpResult | null =>
    head && { kind: 'answer', ...head, body: Buffer.concat(chunks).toString('utf8'), complete }
  const cut = (why: string) => controller?.abort(new Error(why))
  const fail = (error: Error) =>
    end(answer(false) ?? (controller ? broken(error) : refused(error, request.url)))
  const stop = (code: 'aborted' | 'timeout', detail: string) => {
    end(answer(false) ?? { kind: controller ? 'broken' : 'refused', code, detail })
    cut(detail)
  }

  const handler: Dispatcher.DispatchHandler = {
    // Called right before the first byte is written: until here nothing can have been handed over.
    onRequestStart(started) {
      if (settled) return started.abort(new Error('given up before it began'))
      controller = started
    },
    onResponseStart(_controller, status, headers) {
      if (status >= 200) head = { status, headers: flatten(headers) }
    },
    onResponseData(_controller, chunk) {
      const room = limits.maxBytes - size
      size += chunk.length
      chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk)
      if (size <= limits.maxBytes) return
      fail(new Error('too large'))
      cut('too large')
    },
    onResponseEnd() {
      const whole = answer(true)
      if (whole) end(whole)
    },
    onResponseError: (_controller, error) => fail(error),
  }
  return { handler, stop, fail }
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const flat: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return flat
}

function refused(error: Error, url: string): HttpResult {
  return { kind: 'refused', code: refusedCode(errorCode(error), url), detail: detailOf(error) }
}

function refusedCode(code: string, url: string): RefusedCode {
  if (code === 'BLOCKED_ADDRESS') return 'blocked_address'
  if (code === 'UND_ERR_INVALID_ARG') return 'bad_request'
  if (isUntrustedCertificate(code)) return 'tls_untrusted'
  if (/^(ENOTFOUND|ENODATA|EAI_)/.test(code)) return 'dns'
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return 'timeout'
  if (/^(ERR_SSL|ERR_TLS|EPROTO)/.test(code)) return 'tls'
  // A connection that was made and then lost before the request: with https that is the handshake.
  if (code === 'ECONNRESET' && url.startsWith('https:')) return 'tls'
  return 'connect'
}

function broken(error: Error): HttpResult {
  return { kind: 'broken', code: brokenCode(error), detail: detailOf(error) }
}

function brokenCode(error: Error): BrokenCode {
  const code = errorCode(error)
  if (/^UND_ERR_(HEADERS|BODY)_TIMEOUT$/.test(code)) return 'timeout'
  if (error.name === 'HTTPParserError' || code === 'UND_ERR_HEADERS_OVERFLOW') return 'protocol'
  return 'closed'
}

function errorCode(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}

function detailOf(error: Error): string {
  const code = errorCode(error)
  return (code ? `${code}: ${error.message}` : error.message).slice(0, 300)
}
