import * as z from 'zod'
import { boundedMemo } from '../domain/bounded-memo.ts'
import { nearCurrency, unknownCurrencies } from '../domain/currencies.ts'
import { type FaultCode, faultText } from '../domain/errors.ts'
import { type Event, KNOWN_TYPES } from '../domain/event.ts'
import type { UnknownField } from '../domain/event-fields.ts'
import { heardTypes } from '../domain/flow/heard-types.ts'
import { explainClaim } from '../domain/order/claim-texts.ts'
import { customerOf } from '../domain/order/customer.ts'
import { nearest } from '../domain/template/nearest.ts'
import type { ShopConfig } from '../pipeline/shop-config.ts'
import type { HttpDeps } from './deps.ts'
import type { Language } from './language.ts'

export const eventWarning = z
  .object({
    path: z.string().describe('`data.customer.phone`'),
    code: z.string().describe('Of the list of errors'),
    problem: z.string(),
  })
  .meta({ id: 'EventWarning' })

/** Names of fields, as `tidy` writes them; whatever else stands there is not repeated. */
const FIELD = /^[a-zA-Z]+(\.\w+)*$/
/** Where nothing could be read, `tidy` writes this. */
const ALL = 'everything'
/** Of these the subject need not be the order. */
const ABOUT_ORDER = /^(payment|aftersale)\./
/** Of one event: who has more than these to mend begins with them. */
const MOST_WARNINGS = 20

type Warning = z.output<typeof eventWarning>

/** Whose event it is, and who reads the sentences. */
export interface WarningScene {
  readonly config: Pick<ShopConfig, 'row' | 'flows' | 'rules'>
  readonly sources: HttpDeps['sources']
  readonly language: Language
}

/**
 * What an event says of its buyer and nobody can use, what its source had to leave out, and, in `unknown`, what of its
 * data nobody reads; what it says is not repeated.
 */
export function eventWarnings(
  event: Pick<Event, 'type' | 'data' | 'connection' | 'trust' | 'source'>,
  scene: WarningScene,
  unknown: readonly UnknownField[] = [],
): Warning[] {
  const { customer, order, refs } = event.data
  const { language } = scene
  const { country } = scene.config.row
  const problems = customerOf(event, { country })?.problems ?? []
  const said = (path: string, code: FaultCode, values: Record<string, string> = {}): Warning => ({
    path,
    code,
    problem: faultText(code, values, language),
  })
  const isKnown = KNOWN_TYPES.has(event.type)
  const unnamed = isKnown && ABOUT_ORDER.test(event.type) && !order?.no && refs.length === 0
  return [
    ...(isKnown ? [] : unheard(event.type, scene)).map(({ near }) =>
      said('type', 'TYPE_UNKNOWN', { got: event.type, near: nearText(near, language) }),
    ),
    ...problems.map((problem) => ({
      ...problem,
      problem: explainClaim(problem, customer!, country, language),
    })),
    ...leftOut(event, scene).map((name) =>
      name === ALL
        ? said('data', 'EVENT_UNREADABLE')
        : said(`data.${name}`, 'FIELD_LEFT_OUT', { path: `data.${name}` }),
    ),
    ...eachOnce(unknownCurrencies(event.data)).map(({ path, code }) =>
      said(path, 'CURRENCY_UNKNOWN', { got: code, near: nearText(nearCurrency(code), language) }),
    ),
    ...(unnamed ? [said('data.order.no', 'ORDER_UNNAMED')] : []),
    ...unknown.map(({ path, near }) => said(path, 'FIELD_UNKNOWN', { path, near: nearText(near, language) })),
  ].slice(0, MOST_WARNINGS)
}

/** A type that nothing is done on, and the one that was probably meant. What an outside system calls its own is no mistake. */
function unheard(
  type: string,
  { config, sources }: WarningScene,
): readonly { readonly near: string | null }[] {
  if (sources(type.split('.', 1)[0]!)) return []
  const { heard, near } = heardBy(config)
  return heard.has(type) ? [] : [{ near: near(type) }]
}

interface Heard {
  readonly heard: ReadonlySet<string>
  readonly near: (type: string) => string | null
}

/** By configuration: a batch may have a thousand events of a type of the shop's own. */
const known = new WeakMap<object, Heard>()

function heardBy(config: WarningScene['config']): Heard {
  const found = known.get(config)
  if (found) return found
  const heard = heardTypes(
    config.flows.map(({ compiled }) => compiled.flow),
    config.rules.map(({ compiled }) => compiled.rule),
  )
  const made = { heard, near: boundedMemo(1_000, (type) => nearest(type, heard)) }
  known.set(config, made)
  return made
}

/** A sender writes one currency at every amount. */
const eachOnce = <Found extends { readonly code: string }>(found: readonly Found[]): readonly Found[] =>
  found.filter(({ code }, at) => found.findIndex((other) => other.code === code) === at)

/** The own API leaves nothing out: who sends to it may have a word of that name among its own. */
function leftOut(
  { data, trust, source }: Pick<Event, 'data' | 'trust' | 'source'>,
  { sources }: WarningScene,
): readonly string[] {
  const own = trust === 'authenticated' && sources(source)?.trust !== 'authenticated'
  const names = own ? null : data.extra?.left_out
  return Array.isArray(names) ? names.map(String).filter((name) => FIELD.test(name)) : []
}

function nearText(near: string | null, language: Language): string {
  if (near === null) return ''
  return language === 'zh' ? `（是否想写 ${near}？）` : ` (did you mean ${near}?)`
}
