import { type Money, parseMoney } from '../domain/money.ts'
import type { Instant } from '../domain/time.ts'
import { cut, type Draft, UNREADABLE } from './tidy.ts'
import { beijingTime, orderNoOf, tradeRefs } from './trade.ts'

/** A notification's or an answer's fields. */
export type AlipayTrade = Readonly<Record<string, string>>

export interface AlipayFact {
  readonly type: string
  readonly draft: Draft
  /** When it happened; `undefined`: when we heard. */
  readonly time: Instant | undefined
}

export interface AlipayReading {
  readonly trySeparator?: string | undefined
  readonly closedTrade: 'order' | 'payment'
}

/**
 * What a trade says (opendocs.alipay.com "异步通知", "alipay.trade.query", read November 2026). Empty: kept without
 * effect. `TRADE_CLOSED` is an unpaid trade that ran out, or a paid one that went back as a whole: only a refund's
 * fields or the time of payment tell which.
 */
export function tradeFacts(reading: AlipayReading, trade: AlipayTrade): readonly AlipayFact[] {
  const paidAt = beijingTime(trade.gmt_payment ?? trade.send_pay_date)
  const refund = refundOf(reading, trade)
  switch (trade.trade_status) {
    case 'WAIT_BUYER_PAY':
      return [
        { type: 'payment.started', draft: describe(reading, trade), time: beijingTime(trade.gmt_create) },
      ]
    case 'TRADE_SUCCESS':
    case 'TRADE_FINISHED':
      return [paid(reading, trade, paidAt), ...(refund ? [refund] : [])]
    case 'TRADE_CLOSED':
      if (refund) return [paid(reading, trade, paidAt), refund]
      if (paidAt !== undefined) return [paid(reading, trade, paidAt), wholeRefund(reading, trade)]
      return [closed(reading, trade)]
    default:
      return []
  }
}

function paid(reading: AlipayReading, trade: AlipayTrade, time: Instant | undefined): AlipayFact {
  // Paid, and a part of it gone back: how much, nobody can read, and to call a part the whole would be false.
  const refund = yuan(trade.refund_fee) === UNREADABLE ? UNREADABLE : undefined
  return { type: 'order.paid', draft: { ...describe(reading, trade), refund }, time }
}

/**
 * `refund_fee` is the sum of all refunds so far (总退款金额), so the trade is the refund's id and its amount only grows.
 */
function refundOf(reading: AlipayReading, trade: AlipayTrade): AlipayFact | null {
  const amount = yuan(trade.refund_fee)
  if (!amount || amount.minor === 0) return null
  return refunded(reading, trade, amount)
}

function wholeRefund(reading: AlipayReading, trade: AlipayTrade): AlipayFact {
  return refunded(reading, trade, yuan(trade.total_amount))
}

function refunded(reading: AlipayReading, trade: AlipayTrade, amount: Money | undefined): AlipayFact {
  const { refs, order } = describe(reading, trade)
  const refund = amount && {
    id: trade.trade_no ?? trade.out_trade_no ?? '',
    amount,
    paymentId: trade.trade_no,
  }
  return { type: 'order.refunded', draft: { refs, order, refund }, time: beijingTime(trade.gmt_refund) }
}

function closed(reading: AlipayReading, trade: AlipayTrade): AlipayFact {
  const { payment, ...draft } = describe(reading, trade)
  const time = beijingTime(trade.gmt_close)
  if (reading.closedTrade === 'payment') {
    const failure = { ...payment!, failure: { code: 'TRADE_CLOSED' } }
    return { type: 'payment.failed', draft: { ...draft, payment: failure }, time }
  }
  const order = { ...draft.order, reason: 'alipay_trade_closed' }
  return { type: 'order.expired', draft: { ...draft, order }, time }
}

/**
 * What every trade says. Its amount stands at the payment only: the order's total and title are the shop's to say, so
 * that a payment of another sum can be seen (`domain/order/received.ts`).
 */
function describe({ trySeparator }: AlipayReading, trade: AlipayTrade): Draft {
  const { out_trade_no: outTradeNo, trade_no: tradeNo, subject, passback_params: params } = trade
  const own = { kind: 'alipay_trade', value: tradeNo }
  const extra = {
    ...(subject ? { subject: cut(subject, 500) } : {}),
    ...(params ? { passback_params: cut(params, 600) } : {}),
  }
  return {
    refs: outTradeNo ? tradeRefs(outTradeNo, trySeparator, own) : [],
    order: outTradeNo ? { no: orderNoOf(outTradeNo, trySeparator) } : undefined,
    payment: {
      id: tradeNo ?? outTradeNo ?? '',
      rail: 'alipay',
      byGateway: true,
      amount: yuan(trade.total_amount),
    },
    extra: Object.keys(extra).length > 0 ? extra : undefined,
  }
}

/** An amount in yuan; nothing and an empty field say none. */
function yuan(text: string | undefined): Money | undefined {
  if (text === undefined || text.trim() === '') return undefined
  const money = parseMoney(text, 'CNY')
  return money && money.minor >= 0 ? money : UNREADABLE
}
