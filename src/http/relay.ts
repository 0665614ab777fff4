import type { FastifyRequest } from 'fastify'
import type { HttpClient, HttpResult } from '../domain/http.ts'
import { railOfSource } from '../domain/inquiry/rails.ts'
import { type Millis, SECOND } from '../domain/time.ts'
import type { SourceReply } from '../sources/source.ts'

/** Passing callbacks on to a shop's own address, for rails with room for one address a payment. */
export interface Relay {
  readonly http: HttpClient
  readonly done: (source: string, outcome: RelayOutcome) => void
}

/** `taken`: the shop said 2xx. `failed`: it said something else. `unreached`: it said nothing in time. */
export type RelayOutcome = 'taken' | 'failed' | 'unreached'

export interface Relayed {
  readonly reply: SourceReply
  /** How the shop did not take it, such as `http_500` or `timeout`; `null`: it did. */
  readonly failure: string | null
}

/** For sources whose rail names no limit. */
const USUAL_LIMIT: Millis = 10 * SECOND
/** What our own answer needs on its way back. */
const WAY_BACK: Millis = 400
/** Even when keeping the event took long, the shop gets so much: the rail may have given up, but the shop has it then. */
const LEAST: Millis = SECOND

/** The client keeps the limit; nobody else stops the call. */
const NEVER = new AbortController().signal

/** Marks what we passed on, so that two Dingdongs that point at each other do not play for ever. */
const MARK = 'x-dingdong-relay'
/** About one connection (RFC 9110 §7.6.1), or about our host. What was not compressed need not be unpacked. */
const NOT_PASSED_ON: ReadonlySet<string> = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'cookie',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])
/** What may be shown under our own address. Anything else (a shop's error page) is passed back as plain text. */
const PLAIN_TYPES = /^(text\/plain|text\/xml|application\/(json|xml))\b/

/**
 * The same request to the shop, and the shop's answer for the rail. Only ever called for what was authentic and has
 * been kept. A shop that is away makes a failure, which makes the rail repeat: the repeat is passed on as well.
 */
export async function relay(
  { http, done }: Relay,
  to: string,
  source: string,
  request: FastifyRequest,
  /** Since the request came, by a clock that may be put back meanwhile. */
  passed: Millis,
): Promise<Relayed> {
  const limit = (railOfSource(source).relayWithin ?? USUAL_LIMIT) - WAY_BACK - Math.max(0, passed)
  const timeout = Math.max(LEAST, Math.floor(limit))
  const bytes = Buffer.isBuffer(request.body) && request.method !== 'GET' ? request.body : null
  const result = await http(
    {
      url: urlOf(to, request),
      method: request.method,
      headers: headersOf(request),
      body: null,
      ...(bytes && bytes.length > 0 ? { bytes } : {}),
      timeout,
    },
    NEVER,
  )
  done(source, outcomeOf(result))
  return { reply: replyOf(result), failure: failureOf(result) }
}

/** Whether a request has been through here already. */
export const wasRelayed = (request: FastifyRequest) => request.headers[MARK] !== undefined

/** The query as it came: some rails sign it in its order. */
function urlOf(to: string, { raw }: FastifyRequest): string {
  const query = /\?(.*)$/.exec(raw.url ?? '')?.[1]
  return query ? `${to}${to.includes('?') ? '&' : '?'}${query}` : to
}

function headersOf({ headers }: FastifyRequest): Record<string, string> {
  const named = new Set(
    String(headers.connection ?? '')
      .toLowerCase()
      .split(/\s*,\s*/),
  )
  const passed: Record<string, string> = { [MARK]: '1' }
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || NOT_PASSED_ON.has(name) || named.has(name)) continue
    passed[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return passed
}

function outcomeOf(result: HttpResult): RelayOutcome {
  if (result.kind !== 'answer' || !result.complete) return 'unreached'
  return result.status >= 200 && result.status < 300 ? 'taken' : 'failed'
}

function failureOf(result: HttpResult): string | null {
  if (result.kind !== 'answer') return result.code
  if (!result.complete) return 'cut'
  return outcomeOf(result) === 'taken' ? null : `http_${result.status}`
}

function replyOf(result: HttpResult): SourceReply {
  if (result.kind !== 'answer' || !result.complete) {
    const why = result.kind === 'answer' ? 'cut' : result.code
    return {
      status: 502,
      type: 'text/plain; charset=utf-8',
      body: `the shop's own address gave no answer (${why})`,
    }
  }
  const type = result.headers['content-type'] ?? ''
  return {
    status: result.status,
    type: PLAIN_TYPES.test(type) ? type : 'text/plain; charset=utf-8',
    body: result.body,
  }
}
