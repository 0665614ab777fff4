import { HOUR, MINUTE, type Millis, SECOND } from '../time.ts'

/** How a rail behaves when a payment does not come, and how often it may be asked. Data: no code names a rail. */
export interface RailRules {
  /** As events name it in `payment.rail`. */
  readonly rail: string
  /** Names of the sources whose connections speak for this rail. */
  readonly sources: readonly string[]
  /** It announces successes only: a failure must be inferred. */
  readonly silent: boolean
  /** It announces every failed try, whoever made it, so that tries can be counted. */
  readonly tellsEachTry: boolean
  /**
   * Whether payments that it tries again by itself are known: then the retry action refuses those, and what is left is
   * ours. `false`: nobody knows, and only the shop can say.
   */
  readonly tellsOwnRetries: boolean
  /** When to ask after a payment began. The order's expiry is always asked at, too. */
  readonly delays: readonly Millis[]
  /** Where nobody told when the order expires, or that is later: how long a payment may take before it has failed. */
  readonly unpaidFor: Millis
  /** Least time between two questions about one order. */
  readonly gap: Millis
  /** Most questions about one order. */
  readonly perOrder: number
  /** Questions a second and at once through one connection. */
  readonly perSecond: number
  readonly atOnce: number
  /** Longest wait for an answer. */
  readonly timeout: Millis
  /**
   * Set where a payment has room for one callback address only: callbacks are then passed on to the shop's own. The
   * rail gives a callback up after so long; what is left of it when ours is kept is the shop's.
   */
  readonly relayWithin: Millis | null
}

/** After the end, once more before anything is concluded: a success at the last second is told a moment later. */
export const AFTER_END: Millis = MINUTE

// Every limit on asking is ours and far below what the rails bear: WeChat Pay and Alipay publish none for queries.
const ORDINARY = {
  tellsEachTry: false,
  tellsOwnRetries: false,
  // pay.weixin.qq.com, "查单实现指引" (api_external/ch/practices/chapter1_1_2, read 2026-11): ask soon after the payment
  // while no callback has come, and once more when the order ends.
  delays: [5 * SECOND, 30 * SECOND, 3 * MINUTE],
  unpaidFor: 30 * MINUTE,
  gap: 5 * SECOND,
  perOrder: 24,
  perSecond: 10,
  atOnce: 4,
  timeout: 8 * SECOND,
} as const

/** Checked 2026-11. One more rail is one more entry. */
export const RAILS: readonly RailRules[] = [
  {
    ...ORDINARY,
    rail: 'wechat',
    sources: ['wechat-pay'],
    // "只有支付成功才会通知" (pay.weixin.qq.com, JSAPI chapter8_8): a payment that fails stays NOTPAY.
    silent: true,
    // "商户系统 5 秒内应答" (same chapter): later it counts as not received, and is repeated.
    relayWithin: 5 * SECOND,
  },
  {
    ...ORDINARY,
    rail: 'alipay',
    sources: ['alipay'],
    // 电脑网站 and 当面付 notify TRADE_SUCCESS only (opendocs.alipay.com, 异步通知说明).
    silent: true,
    // No limit is published; ten seconds is what gateways in front of it usually allow.
    relayWithin: 10 * SECOND,
  },
  {
    ...ORDINARY,
    rail: 'epay',
    sources: ['epay'],
    // The protocol knows the one state TRADE_SUCCESS. Small sites run it: ask sparingly.
    silent: true,
    perSecond: 2,
    atOnce: 2,
    relayWithin: 5 * SECOND,
  },
  {
    ...ORDINARY,
    rail: 'stripe',
    sources: ['stripe'],
    // payment_intent.payment_failed is sent for every failed try (docs.stripe.com/webhooks). 100 reads a second are
    // allowed in live mode (docs.stripe.com/rate-limits).
    silent: false,
    tellsEachTry: true,
    // Stripe Billing retries invoices (docs.stripe.com/billing/revenue-recovery/smart-retries), and an intent names its
    // invoice; nothing else is retried there.
    tellsOwnRetries: true,
    perSecond: 20,
    relayWithin: null,
  },
]

/** For systems that can be asked and are no rail of ours: a shop's own. They tell what they know by themselves. */
const OTHERS: RailRules = {
  ...ORDINARY,
  rail: '',
  sources: [],
  silent: false,
  unpaidFor: HOUR,
  perSecond: 2,
  relayWithin: null,
}

/** The rules of the rail for which a source speaks. */
export const railOfSource = (source: string): RailRules =>
  RAILS.find((rules) => rules.sources.includes(source)) ?? OTHERS
