import type * as z from 'zod'
import { type EventData, eventData, KNOWN_TYPES, orderRef, type SourceEvent } from '../domain/event.ts'
import { type UnknownField, unknownAround, unknownFields } from '../domain/event-fields.ts'
import { expectedGot, gotAt, issueText, type Language, timeProblem } from '../domain/input-problems.ts'
import { findUnstorable, unstorableText } from '../domain/storable-text.ts'
import { type Instant, parseIso } from '../domain/time.ts'
import { isObject, type JsonObject, jsonProblem, readJson, readJsonAsSent } from './json.ts'
import { ownEvent } from './own-event.ts'

/** Events in one request. */
export const MAX_EVENTS = 1_000

/** What is wrong where. `index` is the event's place in a batch, `null` when the body as a whole is wrong. */
export interface EventProblem {
  readonly index: number | null
  /** `data.order.total.currency`; empty for the whole. */
  readonly path: string
  readonly problem: string
}

/** The whole body: no JSON, not so many events, or not in the form that its content type says. */
export type BodyProblem = 'json' | 'count' | 'form'

export type ParsedEvents =
  | {
      readonly ok: true
      readonly events: readonly SourceEvent[]
      /** Beside each event, what of its data nobody reads. */
      readonly unknown: readonly (readonly UnknownField[])[]
    }
  | {
      readonly ok: false
      readonly problems: readonly EventProblem[]
      /** Events in the body, where it could be read. */
      readonly count: number
      /** What is wrong where no single event is. */
      readonly body?: BodyProblem
    }

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
  readonly language?: Language
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
  const language = options.language ?? 'en'
  const refused = (problem: Said) => whole('form', problem[language])
  if (!shape) {
    const types = 'application/json, application/cloudevents+json, application/cloudevents-batch+json'
    const got = JSON.stringify(contentType.slice(0, 80))
    return refused({
      en: `expected a content type of ${types}, got ${got}`,
      zh: `内容类型应为 ${types} 之一，收到的是 ${got}`,
    })
  }
  if (options.unstorable === 'refuse') {
    const read = readJsonAsSent(body)
    if (!read.ok) return whole('json', jsonProblem(read.problem, language))
    return readEvents(shape, read.value, read.unstorable, options)
  }
  const read = readJson(body)
  if (!read.ok) return whole('json', jsonProblem(read.problem, language))
  return readEvents(shape, read.value, false, options)
}

/** One event whose attributes came apart from its data, which `body` holds; empty: it has none. Unstorable text is refused. */
export function readOneEvent(attributes: JsonObject, body: Uint8Array, options: ParseOptions): ParsedEvents {
  if (body.length === 0) return readEvents('one', attributes, true, options)
  const read = readJsonAsSent(body)
  if (!read.ok) return whole('json', jsonProblem(read.problem, options.language ?? 'en'))
  return readEvents('one', { ...attributes, data: read.value }, true, options)
}

/** The same of plain JSON that has been read already. */
export const eventsIn = (value: unknown, options: ParseOptions): ParsedEvents =>
  readEvents('either', value, false, options)

function readEvents(shape: Shape, value: unknown, unstorable: boolean, options: ParseOptions): ParsedEvents {
  const language = options.language ?? 'en'
  const many = Array.isArray(value)
  if (shape === 'one' && many) return whole('form', ONE_EXPECTED[language])
  if (shape === 'many' && !many) return whole('form', LIST_EXPECTED[language])
  const items: readonly unknown[] = many ? value : [value]
  if (items.length === 0 || items.length > MAX_EVENTS) {
    const said = {
      en: `expected 1 to ${MAX_EVENTS} events, got ${items.length}`,
      zh: `应有 1 到 ${MAX_EVENTS} 个事件，收到 ${items.length} 个`,
    }
    return { ...whole('count', said[language]), count: items.length }
  }
  const problems: EventProblem[] = []
  const events: SourceEvent[] = []
  const unknown: (readonly UnknownField[])[] = []
  const cloud = shape !== 'either'
  const own = many ? { ...options, fallbackId: undefined } : options
  for (const [index, item] of items.entries()) {
    const report = (path: string, problem: Said | string) =>
      problems.push({ index, path, problem: typeof problem === 'string' ? problem : problem[language] })
    if (unstorable)
      for (const { path, ...found } of findUnstorable(item)) report(path, unstorableText(found, language))
    const event = readEvent(item, cloud, own, report)
    if (!event) continue
    events.push(options.unstorable === 'refuse' ? ownEvent(event, report) : event)
    const inside = KNOWN_TYPES.has(event.type) ? unknownFields((item as JsonObject).data ?? {}) : []
    unknown.push([...unknownAround(item as JsonObject), ...inside])
  }
  return problems.length > 0 ? { ok: false, problems, count: items.length } : { ok: true, events, unknown }
}

type Said = Readonly<Record<Language, string>>

const ONE_EXPECTED: Said = {
  en: 'expected one event, got a list: use application/cloudevents-batch+json',
  zh: '应为单个事件，收到的是列表：请使用 application/cloudevents-batch+json',
}
const LIST_EXPECTED: Said = {
  en: 'expected a list of events, got one: use application/cloudevents+json',
  zh: '应为事件列表，收到的是单个事件：请使用 application/cloudevents+json',
}

/** Of a `ce-…` header. */
export const EXPECTED_HEADER: Said = {
  en: 'expected ASCII, all else percent-encoded as UTF-8 (中 as %E4%B8%AD, % as %25)',
  zh: '应为 ASCII，其余字符按 UTF-8 百分号编码（“中”写成 %E4%B8%AD，% 写成 %25）',
}

function whole(body: BodyProblem, problem: string): Exclude<ParsedEvents, { ok: true }> {
  return { ok: false, problems: [{ index: null, path: '', problem }], count: 0, body }
}

/** Takes sentences that exist in both languages, or one that is in the answer's already. */
type Report = (path: string, problem: Said | string) => void

function readEvent(
  item: unknown,
  cloud: boolean,
  options: { readonly [K in keyof ParseOptions]: ParseOptions[K] | undefined },
  report: Report,
): SourceEvent | null {
  const language = options.language ?? 'en'
  const expected = (name: string, said: Said, value: unknown) =>
    report(name, expectedGot(said, gotAt(name, value), language))
  if (!isObject(item)) {
    expected('', { en: 'an event object', zh: '事件对象 {…}' }, item)
    return null
  }
  const isCloud = cloud || item.specversion !== undefined
  if (isCloud && item.specversion !== '1.0')
    expected('specversion', { en: '"1.0"', zh: '"1.0"' }, item.specversion)
  const word = (name: string, max: number, fallback: string | undefined) => {
    const value = item[name] ?? fallback
    if (typeof value === 'string' && value.trim() !== '' && value.length <= max) return value.trim()
    expected(name, { en: `text of 1 to ${max} characters`, zh: `1 到 ${max} 个字符的文字` }, value)
    return null
  }
  const id = word('id', 200, options.fallbackId)
  const type = word('type', 100, undefined)
  if (type && !/^[A-Za-z][A-Za-z0-9_.:/-]*$/.test(type)) {
    expected('type', { en: 'a name such as order.paid', zh: '类似 order.paid 的名称' }, type)
  }
  const source = word('source', 500, isCloud ? undefined : (options.fallbackSource ?? 'api'))
  const subject = item.subject === undefined || item.subject === null ? null : word('subject', 500, undefined)
  const time = timeOf(item, options.now ?? 0, language, report)
  const data = dataOf(item, type ?? '', language, report)
  return id && type && source && time !== null && data
    ? { id, type, source, time, subject: subject ?? null, data }
    : null
}

/** `time`, or `timestamp` as Standard Webhooks recommends to call it, as epoch ms. */
function timeOf(item: JsonObject, now: Instant, language: Language, report: Report): Instant | null {
  const name = item.time === undefined && item.timestamp !== undefined ? 'timestamp' : 'time'
  const value = item[name]
  if (value === undefined || value === null) return now
  const problem = timeProblem(value, now, language)
  if (problem === null) return parseIso(String(value))
  report(name, problem)
  return null
}

const FIELDS: ReadonlySet<string> = new Set(Object.keys(eventData.shape))
type Json = z.input<z.ZodJSONSchema>

/**
 * `data` of a type we know is checked strictly, field by field; what it has beyond our fields goes to `extra`.
 * Of other types only `refs` are read, all the rest is kept in `extra`.
 */
function dataOf(item: JsonObject, type: string, language: Language, report: Report): EventData | null {
  if (item.data_base64 !== undefined) {
    report('data_base64', {
      en: 'expected JSON in data, got binary data: send it as JSON',
      zh: 'data 应为 JSON，收到的是二进制数据：请以 JSON 发送',
    })
    return null
  }
  const value = item.data ?? {}
  if (!isObject(value)) {
    report('data', expectedGot({ en: 'an object', zh: '对象 {…}' }, gotAt('data', value), language))
    return null
  }
  if (!KNOWN_TYPES.has(type)) {
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
    report(['data', ...issue.path].map(String).join('.'), issueText(issue, own, language))
  }
  return null
}
