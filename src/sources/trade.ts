import * as z from 'zod'
import type { OrderRef } from '../domain/event.ts'
import { type Instant, parseIso } from '../domain/time.ts'
import type { Acted, Answered, Question } from './source.ts'

/** Order numbers one question is asked about: what a shop opens for one order, try after try. */
const MOST_NUMBERS = 4

/** How the merchant's number at a rail (商户订单号) relates to the shop's order. Shared by the settings of the rails. */
export const tradeSettings = {
  /**
   * What separates the shop's order number from what is added for each try: with `_`, `D1_2` is a try of order
   * `D1`. Left out where the rail gets the order's number itself.
   */
  trySeparator: z.string().min(1).max(4).optional(),
  /**
   * What it means that the rail closed an unpaid trade. `order`: the order has run out. `payment`: one try ended,
   * because the shop opens another, or offers other ways of paying; the order's own end is the shop's to tell.
   */
  closedTrade: z.enum(['order', 'payment']).default('order'),
}

/** The shop's order number in the rail's. */
export function orderNoOf(outTradeNo: string, trySeparator: string | undefined): string {
  const at = trySeparator === undefined ? -1 : outTradeNo.lastIndexOf(trySeparator)
  return at > 0 ? outTradeNo.slice(0, at) : outTradeNo
}

/** Names of an order at a rail: its number, the rail's number where that is another, and the rail's own id. */
export function tradeRefs(
  outTradeNo: string,
  trySeparator: string | undefined,
  own: { readonly kind: string; readonly value: string | undefined },
): OrderRef[] {
  const no = orderNoOf(outTradeNo, trySeparator)
  const refs: OrderRef[] = [{ kind: 'order_no', value: no }]
  if (no !== outTradeNo) refs.push({ kind: 'out_trade_no', value: outTradeNo })
  if (own.value !== undefined) refs.push({ kind: own.kind, value: own.value })
  return refs
}

/** The numbers under which a rail may know the order: those it was given, else the order's own. */
export function tradeNumbers(question: Pick<Question, 'refs'>, allowed: RegExp): readonly string[] {
  const of = (kind: string) =>
    question.refs.filter((ref) => ref.kind === kind && allowed.test(ref.value)).map(({ value }) => value)
  const given = of('out_trade_no')
  return (given.length > 0 ? given : of('order_no')).slice(-MOST_NUMBERS)
}

/** Asks about one number after another and joins the answers. */
export async function askEach(
  numbers: readonly string[],
  ask: (outTradeNo: string) => Promise<Answered>,
): Promise<Answered> {
  const answers: Answered[] = []
  for (const outTradeNo of numbers) {
    const answer = await ask(outTradeNo)
    if (answer.kind === 'operator') return answer
    answers.push(answer)
  }
  return joinAnswers(answers)
}

/**
 * One answer from those about an order's tries. Money that came decides; else whatever is open keeps it open: a
 * closed first try says nothing about the order while the second can still be paid.
 */
export function joinAnswers(answers: readonly Answered[]): Answered {
  const known = answers.filter((answer) => answer.kind !== 'stranger')
  const events = known.flatMap((answer) => (answer.kind === 'events' ? answer.events : []))
  if (events.some(({ type }) => type === 'order.paid')) {
    return { kind: 'events', events: events.filter(({ type }) => type !== 'order.expired') }
  }
  const open =
    known.find((answer) => answer.kind === 'later') ?? known.find((answer) => answer.kind === 'pending')
  if (open) return open
  return known.length > 0 ? { kind: 'events', events } : { kind: 'stranger' }
}

/** Does it to one number after another, and stops where one is not done. */
export async function actOnEach(
  numbers: readonly string[],
  act: (outTradeNo: string) => Promise<Acted>,
): Promise<Acted> {
  if (numbers.length === 0) return { kind: 'refused', code: 'no_trade_number' }
  for (const outTradeNo of numbers) {
    const acted = await act(outTradeNo)
    if (acted.kind !== 'done') return acted
  }
  return { kind: 'done', events: [] }
}

/** Epoch ms of `2026-11-22 16:00:00`, which Alipay and 易支付 write in Beijing's time. */
export function beijingTime(text: string | undefined): Instant | undefined {
  return (text && parseIso(`${text.replace(' ', 'T')}+08:00`)) || undefined
}
