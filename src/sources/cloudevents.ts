import type * as z from 'zod'
import { EVENT_TYPES, type EventData, eventData, orderRef, type SourceEvent } from '../domain/event.ts'
import { findUnstorable, unstorableText } from '../domain/storable-text.ts'
import { type Instant, parseIso } from '../domain/time.ts'
import { isObject, type JsonObject, readJson, readJsonAsSent } from './json.ts'

/** Events in one request. */
export const MAX_EVENTS = 1_000

/** What is wrong where. `index` is the event's place in a batch, `null` when the body as a whole is wrong. */
export interface EventProblem {
  readonly index: number | null
  /** `data.order.total.currency`; empty for the whole. */
  readonly path: string
  readonly problem: string
}

export type ParsedEvents =
  | { readonly ok: true; readonly events: readonly SourceEvent[] }
  | { readonly ok: false; readonly problems: readonly EventProblem[] }

export interface ParseOptions {
  /** `time` of events that have none: when they arrived. */
  readonly now: Instant
  /** `id` of a single event that has none (the sender gave one in a header). */
  readonly fallbackId?: string
  /** `source` of events that have none. */
  readonly fallbackSource?: string
  /**
   * What becomes of text that cannot be kept: a program that we answer can mend what it sends, an outside system's
   * callbacks will not change. Mended, when left out.
   */
  readonly unstorable?: 'mend' | 'refuse'
  /** Of the problems; English, when left out. */
  readonly language?: 'en' | 'zh'
}

type Shape = 'one' | 'many' | 'either'

/** How the body is to be read; `null` for a content type that carries no events (415). */
export function eventShape(contentType: string): Shape | null {
  switch (contentType.split(';')[0]!.trim().toLowerCase()) {
    case 'application/cloudevents+json':
      return 'one'
    case 'application/cloudevents-batch+json':
      return 'many'
    case 'application/json':
      return 'either'
    default:
      return null
  }
}

/**
 * Events from a request's body: one CloudEvent in structured mode, a batch (CloudEvents 1.0 JSON format §3, §4), or
 * plain JSON `{id, type, time?, subject?, data}`, one or a list. All problems of all events are told at once; a body
 * with any problem gives no events. Never throws.
 */
export function parseCloudEvents(contentType: string, body: Uint8Array, options: ParseOptions): ParsedEvents {
  const shape = eventShape(contentType)
  if (!shape) {
    const expected = 'application/json, application/cloudevents+json or application/cloudevents-batch+json'
    return whole(`expected content type ${expected}, got ${JSON.stringify(contentType.slice(0, 80))}`)
  }
  if (options.unstorable === 'refuse') {
    const read = readJsonAsSent(body)
    return read.ok ? readEvents(shape, read.value, read.unstorable, options) : whole(read.problem)
  }
  const read = readJson(body)
  return read.ok ? readEvents(shape, read.value, false, options) : whole(read.problem)
}

/** The same of plain JSON that has been read already. */
export const eventsIn = (value: unknown, options: ParseOptions): ParsedEvents =>
  readEvents('either', value, false, options)

function readEvents(shape: Shape, value: unknown, unstorable: boolean, options: ParseOptions): ParsedEvents {
  const many = Array.isArray(value)
  if (shape === 'one' && many)
    return whole('expected one event, got a list: use application/cloudevents-batch+json')
  if (shape === 'many' && !many)
    return whole('expected a list of events, got one: use application/cloudevents+json')
  const items: readonly unknown[] = many ? value : [value]
  if (items.length === 0) return whole('expected at least one event, got an empty list')
  if (items.length > MAX_EVENTS) return whole(`expected at most ${MAX_EVENTS} events, got ${items.length}`)
  const problems: EventProblem[] = []
  const events: SourceEvent[] = []
  const cloud = shape !== 'either'
  const own = many ? { ...options, fallbackId: undefined } : options
  for (const [index, item] of items.entries()) {
    const report = (path: string, problem: string) => problems.push({ index, path, problem })
    if (unstorable)
      for (const { path, ...found } of findUnstorable(item))
        report(path, unstorableText(found, options.language ?? 'en'))
    const event = readEvent(item, cloud, own, report)
    if (event) events.push(event)
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, events }
}

function whole(problem: string): ParsedEvents {
  return { ok: false, problems: [{ index: null, path: '', problem }] }
}

type Report = (path: string, problem: string) => void

function readEvent(
  item: unknown,
  cloud: boolean,
  options: { readonly [K in keyof ParseOptions]: ParseOptions[K] | undefined },
  report: Report,
): SourceEvent | null {
  if (!isObject(item)) {
    report('', `expected an event object, got ${kindOf(item)}`)
    return null
  }
  const isCloud = cloud || item.specversion !== undefined
  if (isCloud && item.specversion !== '1.0')
    report('specversion', `expected "1.0", got ${shown(item.specversion)}`)
  const id = word(item, 'id', 200, options.fallbackId, report)
  const type = word(item, 'type', 100, undefined, report)
  if (type && !/^[A-Za-z][A-Za-z0-9_.:/-]*$/.test(type)) {
    report('type', `expected a name such as order.paid, got ${shown(type)}`)
  }
  const source = word(item, 'source', 500, isCloud ? undefined : (options.fallbackSource ?? 'api'), report)
  const subject =
    item.subject === undefined || item.subject === null ? null : word(item, 'subject', 500, undefined, report)
  const time = timeOf(item, options.now ?? 0, report)
  const data = dataOf(item, type ?? '', report)
  return id && type && source && time !== null && data
    ? { id, type, source, time, subject: subject ?? null, data }
    : null
}

function word(
  item: JsonObject,
  name: string,
  max: number,
  fallback: string | undefined,
  report: Report,
): string | null {
  const value = item[name] ?? fallback
  if (typeof value !== 'string' || value.trim() === '') {
    report(name, `expected text of 1 to ${max} characters, got ${kindOf(item[name])}`)
    return null
  }
  if (value.length > max) {
    report(name, `expected at most ${max} characters, got ${value.length}`)
    return null
  }
  return value.trim()
}

/** `time`, or `timestamp` as Standard Webhooks recommends to call it, as epoch ms. */
function timeOf(item: JsonObject, now: Instant, report: Report): Instant | null {
  const name = item.time === undefined && item.timestamp !== undefined ? 'timestamp' : 'time'
  const value = item[name]
  if (value === undefined || value === null) return now
  const instant = typeof value === 'string' ? parseIso(value) : null
  if (instant === null || instant < 0) {
    report(name, `expected a time with zone such as 2026-11-22T08:00:00Z, got ${shown(value)}`)
    return null
  }
  return instant
}

const KNOWN: ReadonlySet<string> = new Set(EVENT_TYPES)
const FIELDS: ReadonlySet<string> = new Set(Object.keys(eventData.shape))
type Json = z.input<z.ZodJSONSchema>

/**
 * `data` of a type we know is checked strictly, field by field; what it has beyond our fields goes to `extra`.
 * Of other types only `refs` are read, all the rest is kept in `extra`.
 */
function dataOf(item: JsonObject, type: string, report: Report): EventData | null {
  if (item.data_base64 !== undefined) {
    report('data_base64', 'expected JSON in data; binary data is not supported')
    return null
  }
  const value = item.data ?? {}
  if (!isObject(value)) {
    report('data', `expected an object, got ${kindOf(value)}`)
    return null
  }
  if (!KNOWN.has(type)) {
    const refs = orderRef
      .array()
      .max(16)
      .safeParse(value.refs ?? [])
    return { refs: refs.success ? refs.data : [], extra: value as Record<string, Json> }
  }
  const beyond = Object.entries(value).filter(([name]) => !FIELDS.has(name))
  const own = Object.fromEntries(Object.entries(value).filter(([name]) => FIELDS.has(name)))
  if (beyond.length > 0 && (own.extra === undefined || isObject(own.extra))) {
    own.extra = { ...Object.fromEntries(beyond), ...(own.extra as object | undefined) }
  }
  const read = eventData.safeParse(own)
  if (read.success) return read.data
  for (const issue of read.error.issues) {
    report(['data', ...issue.path].map(String).join('.'), issue.message)
  }
  return null
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** A value short enough to repeat in a problem; only for fields that hold no personal data. */
function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : kindOf(value)
}
