import type { Queryable } from '../db/connect.ts'
import { listFlows, listTemplates } from '../db/flows.ts'
import { latestOrderNumbers } from '../db/orders.ts'
import { listRules } from '../db/rules.ts'
import { readEvents } from '../db/todo.ts'
import { listVersions, type Versioned } from '../db/versions.ts'
import { Fault } from '../domain/errors.ts'
import { formatId, type ShopId } from '../domain/ids.ts'
import { normaliseRef } from '../domain/order/refs.ts'
import { nearest } from '../domain/template/nearest.ts'
import { othersOf } from '../pipeline/noted-events.ts'
import { openEvent } from '../pipeline/open-event.ts'
import { currentConfig } from './current-config.ts'
import type { HttpDeps } from './deps.ts'
import { eventWarnings } from './event-warnings.ts'
import type { Language } from './language.ts'

type Words = Readonly<Record<Language, string>>

const TEXTS = {
  order: { zh: '没有订单“{asked}”', en: 'there is no order "{asked}"' },
  message: {
    zh: '没有消息“{asked}”；消息编号见 dingdong order 订单号，或 dingdong tail。',
    en: 'there is no message "{asked}"; "dingdong order NUMBER" and "dingdong tail" show their ids.',
  },
  noEventId: {
    zh: '“{asked}”不是事件编号，编号形如 evt_…；见 dingdong order 订单号，或 dingdong tail。',
    en: '"{asked}" is no id of an event, which looks like evt_…; "dingdong order NUMBER" and "dingdong tail" show them.',
  },
  event: {
    zh: '没有事件“{asked}”；事件编号见 dingdong order 订单号，或 dingdong tail。',
    en: 'there is no event "{asked}"; "dingdong order NUMBER" and "dingdong tail" show their ids.',
  },
  orderOfEvent: {
    zh: '事件“{asked}”已收到，但它的订单还没有建立；请稍候再试，若一直如此，请运行 dingdong doctor。',
    en: 'the event "{asked}" is there, its order is not yet; try again in a moment, and where it stays so run "dingdong doctor".',
  },
  eventsOfOrder: {
    zh: '订单“{asked}”已没有可供试运行的事件；不指定订单即用虚构的事件。',
    en: 'the order "{asked}" has no event left to try on; leave it out to try on a made-up one.',
  },
  rule: { zh: '没有规则“{asked}”', en: 'there is no rule "{asked}"' },
  flow: { zh: '没有流程“{asked}”', en: 'there is no flow "{asked}"' },
  template: { zh: '没有模板“{asked}”', en: 'there is no template "{asked}"' },
  version: {
    zh: '没有版本 {asked}；最新的是 {newest}。',
    en: 'there is no version {asked}; the newest is {newest}.',
  },
  near: { zh: '；是否想找 {near}？', en: '; did you mean {near}?' },
  noOrders: { zh: '；本店还没有订单。', en: '; the shop has no orders yet.' },
  noted: {
    zh: '。有 {count} 个事件写着“{asked}”，但这些类型的事件不建立订单，最新的是 {event}，类型“{type}”。{problem}查看最近的事件：dingdong tail --last 100；说明见 docs/reference/errors.md 中的 TYPE_UNKNOWN。',
    en: '. Events that name "{asked}": {count}, of types that make no order. The newest is {event} of type "{type}". {problem}"dingdong tail --last 100" shows the latest events, and TYPE_UNKNOWN in docs/reference/errors.md says more.',
  },
  latest: { zh: '；最近的订单：{known}。', en: '; the latest are {known}.' },
  rules: { zh: '；现有：{known}。', en: '; there are {known}.' },
} as const satisfies Record<string, Words>

const say = (text: Words, language: Language, params: Readonly<Record<string, string>> = {}) =>
  text[language].replace(/\{(\w+)\}/g, (_, name: string) => params[name] ?? '?')

const fault = (path: string, problem: string) => new Fault('NOT_FOUND', {}, { fields: [{ path, problem }] })

/** Numbers among which a near one is looked for, and how many are listed where none is. */
const LATEST = 500
const LISTED = 5

/** No order of the shop is called so; says which is, nearly, or which came last, and which events name it all the same. */
export async function orderNotFound(
  deps: HttpDeps,
  shop: ShopId,
  asked: string,
  language: Language,
): Promise<Fault> {
  const [numbers, noted] = await Promise.all([
    latestOrderNumbers(deps.db, shop, LATEST),
    notedOf(deps, shop, asked, language),
  ])
  const near = nearest(asked, numbers)
  const known = numbers.slice(0, LISTED).join(language === 'zh' ? '、' : ', ')
  const otherwise =
    numbers.length === 0 ? say(TEXTS.noOrders, language) : say(TEXTS.latest, language, { known })
  const more = near === null ? (noted === '' ? otherwise : '') : say(TEXTS.near, language, { near })
  // After a question there is no full stop.
  const rest = near === null ? noted : noted.replace(/^[.。]/, '')
  return fault('order', say(TEXTS.order, language, { asked }) + more + rest)
}

/** A misspelt type makes no order: whoever looks for that order is told of the events; empty where there are none. */
async function notedOf(deps: HttpDeps, shop: ShopId, asked: string, language: Language): Promise<string> {
  const vault = await deps.keyring.open(shop)
  const ids = await othersOf(deps.db, shop, vault, [normaliseRef('order_no', asked).value])
  const [row] = await readEvents(deps.db, shop, ids.slice(0, 1))
  if (!row) return ''
  const event = openEvent(shop, row, vault)
  const config = await currentConfig(deps, shop)
  const unknown = eventWarnings(event, { config, sources: deps.sources, language }).find(
    ({ code }) => code === 'TYPE_UNKNOWN',
  )
  const problem = unknown ? unknown.problem + (language === 'en' ? ' ' : '') : ''
  const params = {
    asked,
    count: String(ids.length),
    event: formatId('evt', event.key),
    type: event.type,
    problem,
  }
  return say(TEXTS.noted, language, params)
}

export const messageNotFound = (asked: string, language: Language): Fault =>
  fault('message', say(TEXTS.message, language, { asked }))

/** The event is not there to be tried on: the text is no id, no event has it, or its order is not known yet. */
export const eventNotFound = (
  why: 'noEventId' | 'event' | 'orderOfEvent',
  asked: string,
  language: Language,
): Fault => fault('event', say(TEXTS[why], language, { asked }))

/** The order is there, its events are not. */
export const orderWithoutEvents = (asked: string, language: Language): Fault =>
  fault('order', say(TEXTS.eventsOfOrder, language, { asked }))

/** No flow, template or rule of the shop is called so; says which is, nearly, or which there are. */
export function nameNotFound(
  what: 'flow' | 'template' | 'rule',
  keys: readonly string[],
  asked: string,
  language: Language,
): Fault {
  const near = nearest(asked, keys)
  const known = keys.join(language === 'zh' ? '、' : ', ') || '-'
  const more = near === null ? say(TEXTS.rules, language, { known }) : say(TEXTS.near, language, { near })
  return fault(what, say(TEXTS[what], language, { asked }) + more)
}

export interface Asked {
  readonly kind: Versioned
  readonly key: string
  /** `null`: the one in force. */
  readonly version: number | null
}

/** A flow, template or rule of the shop has never had this version; or the shop has none that is called so. */
export async function versionNotFound(
  db: Queryable,
  shop: ShopId,
  { kind, key, version }: Asked,
  language: Language,
): Promise<Fault> {
  const [newest] = await listVersions(db, shop, kind, key, null, 1)
  if (newest && version !== null)
    return fault(
      'version',
      say(TEXTS.version, language, { asked: `${version}`, newest: `${newest.version}` }),
    )
  const rows = await LISTS[kind](db, shop)
  return nameNotFound(
    kind,
    rows.map((row) => row.key),
    key,
    language,
  )
}

const LISTS = { flow: listFlows, template: listTemplates, rule: listRules } as const
