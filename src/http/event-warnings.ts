import * as z from 'zod'
import { nearCurrency, unknownCurrencies } from '../domain/currencies.ts'
import { type FaultCode, faultText } from '../domain/errors.ts'
import { EVENT_TYPES, type Event } from '../domain/event.ts'
import { explainClaim } from '../domain/order/claim-texts.ts'
import { customerOf } from '../domain/order/customer.ts'
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

/**
 * What an event says of its buyer and nobody can use, and what its source had to leave out; what it says is not
 * repeated.
 */
export function eventWarnings(
  event: Pick<Event, 'type' | 'data' | 'connection' | 'trust'>,
  country: string,
  language: Language,
): z.output<typeof eventWarning>[] {
  const { customer, order, refs } = event.data
  const problems = customerOf(event, { country })?.problems ?? []
  const said = (path: string, code: FaultCode, values: Record<string, string> = {}) => ({
    path,
    code,
    problem: faultText(code, values, language),
  })
  const unnamed = ABOUT_ORDER.test(event.type) && isKnown(event.type) && !order?.no && refs.length === 0
  return [
    ...problems.map((problem) => ({
      ...problem,
      problem: explainClaim(problem, customer!, country, language),
    })),
    ...leftOut(event).map((name) =>
      name === ALL
        ? said('data', 'EVENT_UNREADABLE')
        : said(`data.${name}`, 'FIELD_LEFT_OUT', { path: `data.${name}` }),
    ),
    ...unknownCurrencies(event.data).map(({ path, code }) =>
      said(path, 'CURRENCY_UNKNOWN', { got: code, near: nearText(code, language) }),
    ),
    ...(unnamed ? [said('data.order.no', 'ORDER_UNNAMED')] : []),
  ]
}

/** The own API leaves nothing out: who sends to it may have a word of that name among its own. */
function leftOut({ data, trust }: Pick<Event, 'data' | 'trust'>): readonly string[] {
  const names = trust === 'authenticated' ? null : data.extra?.left_out
  return Array.isArray(names) ? names.map(String).filter((name) => FIELD.test(name)) : []
}

const isKnown = (type: string) => (EVENT_TYPES as readonly string[]).includes(type)

function nearText(code: string, language: Language): string {
  const near = nearCurrency(code)
  if (near === null) return ''
  return language === 'zh' ? `（是否想写 ${near}？）` : ` (did you mean ${near}?)`
}
