import type { FailureClass, RetryAdvice } from '../failure-class.ts'

type Words = { readonly zh: string; readonly en: string }

/** What a class means to an operator, and the first thing to do about it. */
export const CLASS_TEXTS: Readonly<Record<FailureClass, Words & { readonly move: Words }>> = {
  network_timeout: {
    zh: '超时或平台故障，结果可能未知',
    en: 'a time-out or a fault of the platform; the outcome may be unknown',
    move: {
      zh: '先查询结果，再按重试建议处理',
      en: 'ask what became of it, then go by the advice',
    },
  },
  wrong_details: {
    zh: '卡信息填错',
    en: 'a detail was wrong',
    move: {
      zh: '趁买家还在，马上请他核对后重试',
      en: 'ask the buyer at once, while they are there, to check and try again',
    },
  },
  authentication_needed: {
    zh: '需要买家验证',
    en: 'the buyer must confirm the payment',
    move: { zh: '马上请买家回来完成验证', en: 'bring the buyer back at once to confirm it' },
  },
  insufficient_funds: {
    zh: '余额或额度不足',
    en: 'not enough money or credit',
    move: {
      zh: '现在换一种付款方式；同一张卡等到到账后再试',
      en: 'another way to pay now; the same card again when money has come in',
    },
  },
  expired_card: {
    zh: '卡已过期或换了新卡',
    en: 'the card has expired or was replaced',
    move: { zh: '请买家换一张卡', en: 'ask the buyer for another card' },
  },
  risk_block: {
    zh: '被风控拒绝',
    en: 'refused for risk',
    move: {
      zh: '换付款方式或交给人处理；不自动重试，不发优惠券，不告诉买家原因',
      en: 'another way to pay, or a person; no automatic retry, no coupon, and the buyer is not told why',
    },
  },
  other: {
    zh: '其他原因',
    en: 'another reason',
    move: { zh: '按重试建议处理', en: 'as the advice says' },
  },
}

/** What the advice about the next try means. */
export const ADVICE_TEXTS: Readonly<Record<RetryAdvice, Words>> = {
  AUTO_ONCE: { zh: '可自动重试一次', en: 'may be tried once more by itself' },
  LATER: { zh: '同一方式稍后再试', en: 'the same way again, later' },
  QUERY_FIRST: { zh: '先查询结果，不要直接重试', en: 'ask for the outcome first, do not simply repeat' },
  FIX_THEN_RETRY: { zh: '买家改正后再试', en: 'again once the buyer has corrected it' },
  AUTH_THEN_RETRY: { zh: '买家验证后再试', en: 'again once the buyer has confirmed it' },
  NEW_METHOD: { zh: '换一种付款方式', en: 'another way to pay' },
  NEW_ORDER: { zh: '换新的订单号再付', en: 'with a new order number' },
  MERCHANT_FIX: { zh: '需要商户处理', en: 'the shop must repair something' },
  NEVER: { zh: '这张卡不要再试', en: 'never again with this card' },
  STOP: { zh: '无需再付', en: 'nothing more to pay' },
}
