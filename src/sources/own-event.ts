import { currencyMeant, unknownCurrencies } from '../domain/currencies.ts'
import { EVENT_TYPES, type SourceEvent } from '../domain/event.ts'
import type { Language } from '../domain/input-problems.ts'

type Said = Readonly<Record<Language, string>>
type Report = (path: string, problem: Said) => void

/** What happens to an order as such: it does nothing without one. The subject of a payment may be the payment. */
const OF_ORDER: ReadonlySet<string> = new Set(
  EVENT_TYPES.filter((type) => /^(order|reservation)\./.test(type)),
)

/**
 * An event of a program that we answer, which can mend what an outside system will not: a word for a currency where its
 * code belongs, and an order's event that names no order. Where nothing else names the order, its subject does.
 */
export function ownEvent(event: SourceEvent, report: Report): SourceEvent {
  const { type, subject, data } = event
  for (const { path, code } of unknownCurrencies(data)) {
    const meant = currencyMeant(code)
    if (meant === null) continue
    report(path, {
      en: `expected a currency of ISO 4217, got "${code}"; did you mean ${meant}?`,
      zh: `应为 ISO 4217 货币代码，收到的是“${code}”，是否想写 ${meant}？`,
    })
  }
  if (!OF_ORDER.has(type) || data.order?.no !== undefined || data.refs.length > 0) return event
  if (subject !== null && subject.length <= 200)
    return { ...event, data: { ...data, order: { ...data.order, no: subject } } }
  report('subject', {
    en: `an event of type ${type} is about an order, and this one names none: give the order’s number in subject or data.order.no, or another system’s name of it in data.refs`,
    zh: `${type} 是关于某个订单的事件，但没有指明订单：请在 subject 或 data.order.no 中给出订单号，或在 data.refs 中给出其他系统里的编号`,
  })
  return event
}
