import { isCurrency, nearCurrency } from '../domain/currencies.ts'
import type { SourceEvent } from '../domain/event.ts'
import type { Language } from '../domain/input-problems.ts'
import { isObject } from './json.ts'

type Said = Readonly<Record<Language, string>>
type Report = (path: string, problem: Said) => void

/** What says something about one order, and does nothing without it. */
const ABOUT_ORDER = /^(order|reservation|payment|aftersale)\./

/**
 * An event of a program that we answer, which can mend what an outside system will not: money in a currency that does
 * not exist, which no rule could judge, and an event about an order that names none, which would have no effect. Where
 * nothing else names the order, its subject does; the subject of an after-sales event is the case.
 */
export function ownEvent(event: SourceEvent, report: Report): SourceEvent {
  const { type, subject, data } = event
  checkCurrencies(data, 'data', report)
  if (!ABOUT_ORDER.test(type) || data.order?.no !== undefined || data.refs.length > 0) return event
  const isCase = type.startsWith('aftersale.')
  if (!isCase && subject !== null && subject.length <= 200)
    return { ...event, data: { ...data, order: { ...data.order, no: subject } } }
  const where = isCase
    ? { en: 'data.order.no', zh: ' data.order.no ' }
    : { en: 'subject or data.order.no', zh: ' subject 或 data.order.no ' }
  report(isCase ? 'data.order.no' : 'subject', {
    en: `an event of type ${type} is about an order, and this one names none: give the order’s number in ${where.en}, or another system’s name of it in data.refs`,
    zh: `${type} 是关于某个订单的事件，但没有指明订单：请在${where.zh}中给出订单号，或在 data.refs 中给出其他系统里的编号`,
  })
  return event
}

function checkCurrencies(value: unknown, path: string, report: Report): void {
  if (!isObject(value)) return
  for (const [name, inner] of Object.entries(value)) {
    if (name === 'extra') continue
    const place = `${path}.${name}`
    if (name === 'currency' && typeof inner === 'string' && !isCurrency(inner)) {
      const near = nearCurrency(inner)
      report(place, {
        en: `expected a currency of ISO 4217, got "${inner}"${near === null ? '' : `; did you mean ${near}?`}`,
        zh: `应为 ISO 4217 货币代码，收到的是“${inner}”${near === null ? '' : `，是否想写 ${near}？`}`,
      })
    } else checkCurrencies(inner, place, report)
  }
}
