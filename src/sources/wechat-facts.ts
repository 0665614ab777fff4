import { type Money, parseMoney } from '../domain/money.ts'
import { type Instant, parseIso } from '../domain/time.ts'
import { at, textAt } from './json.ts'
import { cut, type Draft, UNREADABLE } from './tidy.ts'
import { orderNoOf, tradeRefs } from './trade.ts'

/** One thing that WeChat Pay says of an order. */
export interface WechatFact {
  readonly type: string
  readonly draft: Draft
  /** When it happened; `undefined`: when we heard. */
  readonly time: Instant | undefined
}

export interface WechatReading {
  readonly trySeparator?: string | undefined
  readonly closedTrade: 'order' | 'payment'
}

/**
 * What a transaction's state says (pay.weixin.qq.com/doc/v3, "查询订单"): a fact, `pending` while nothing is decided,
 * `null` for a state we do not know.
 */
export function transactionFact(reading: WechatReading, transaction: unknown): WechatFact | 'pending' | null {
  const state = textAt(transaction, 'trade_state')
  switch (state) {
    case 'SUCCESS':
    // Money came and some of it went back. How much is not said, and to call a part the whole would be false: the
    // refund's own callback tells.
    case 'REFUND':
      return paid(reading, transaction)
    case 'CLOSED':
    case 'REVOKED':
      if (textAt(transaction, 'success_time')) return paid(reading, transaction)
      return closed(reading, transaction, state)
    case 'PAYERROR':
      return failed(reading, transaction, state)
    case 'NOTPAY':
    case 'USERPAYING':
    case 'ACCEPT':
      return 'pending'
    default:
      return null
  }
}

function paid(reading: WechatReading, transaction: unknown): WechatFact {
  return {
    type: 'order.paid',
    draft: describe(reading, transaction),
    time: timeAt(transaction, 'success_time'),
  }
}

function failed(reading: WechatReading, transaction: unknown, state: string): WechatFact {
  const draft = describe(reading, transaction)
  const message = textAt(transaction, 'trade_state_desc')
  const failure = { code: state, message: message && cut(message, 1_000) }
  const payment = { ...draft.payment!, failure }
  return { type: 'payment.failed', draft: { ...draft, payment }, time: undefined }
}

function closed(reading: WechatReading, transaction: unknown, state: string): WechatFact {
  if (reading.closedTrade === 'payment') return failed(reading, transaction, state)
  const { payment: _, ...draft } = describe(reading, transaction)
  const order = { ...draft.order, reason: `wechat_${state.toLowerCase()}` }
  return { type: 'order.expired', draft: { ...draft, order }, time: undefined }
}

/** `REFUND.SUCCESS`; each refund has an id of its own, so amounts add up. `null` without an amount. */
export function refundFact(reading: WechatReading, refund: unknown): WechatFact | null {
  const amount = moneyAt(refund, 'refund')
  const id = textAt(refund, 'refund_id')
  if (!amount || !id) return null
  const paymentId = textAt(refund, 'transaction_id')
  const { order, refs } = describe(reading, refund)
  const draft = { order, refs, refund: { id, amount, paymentId } }
  return { type: 'order.refunded', draft, time: timeAt(refund, 'success_time') }
}

/**
 * What every resource says. The amount is what was to be paid (`total`, coupons of the buyer's included) and stands at
 * the payment only: the order's total is the shop's to say, so that a payment of another sum can be seen.
 */
function describe({ trySeparator }: WechatReading, resource: unknown): Draft {
  const outTradeNo = textAt(resource, 'out_trade_no')
  const transaction = textAt(resource, 'transaction_id')
  const attach = textAt(resource, 'attach')
  const own = { kind: 'wechat_tx', value: transaction }
  return {
    refs: outTradeNo ? tradeRefs(outTradeNo, trySeparator, own) : [],
    order: outTradeNo ? { no: orderNoOf(outTradeNo, trySeparator) } : undefined,
    payment: {
      id: transaction ?? outTradeNo ?? '',
      rail: 'wechat',
      byGateway: true,
      method: textAt(resource, 'trade_type')?.slice(0, 60),
      amount: moneyAt(resource, 'total'),
    },
    extra: attach ? { attach: cut(attach, 500) } : undefined,
  }
}

/** `amount.<field>`: whole 分. */
function moneyAt(resource: unknown, field: string): Money | undefined {
  const minor = at(resource, 'amount', field)
  if (minor === undefined || minor === null) return undefined
  if (typeof minor !== 'number' || !Number.isSafeInteger(minor) || minor < 0) return UNREADABLE
  const currency = textAt(resource, 'amount', 'currency') ?? 'CNY'
  return parseMoney('0', currency) ? { minor, currency } : UNREADABLE
}

function timeAt(resource: unknown, field: string): Instant | undefined {
  return parseIso(textAt(resource, field) ?? '') ?? undefined
}
