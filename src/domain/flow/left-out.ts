import type { Channel } from '../message.ts'
import { type Money, moneyText } from '../money.ts'

/** A channel of a cascade that was passed over, and why. */
export interface LeftOut {
  readonly channel: Channel
  readonly why: 'no_contact' | 'untrusted' | 'below' | 'no_amount' | 'other_currency' | 'no_total' | 'no_time'
  /** The least order value, where the order does not reach it or has another currency. */
  readonly from?: Money
  /** The table of amounts it comes from, or that has none in the order's currency. */
  readonly param?: string
  readonly currency?: string
}

type Words = Readonly<Record<'zh' | 'en', string>>

const TEXTS: Readonly<Record<LeftOut['why'], { readonly why: Words; readonly change: Words }>> = {
  no_contact: {
    why: { zh: '没有可用的联系方式', en: 'no address that works' },
    change: {
      zh: '需要在事件的 customer 中写明{channel}的联系方式（email、phone，站内信用 externalId）。',
      en: 'An event would have to name one for {channel} in its customer: email, phone, or externalId for the inbox.',
    },
  },
  untrusted: {
    why: { zh: '浏览器的话不足以动用付费渠道', en: 'a browser’s word sets no paid channel in motion' },
    change: {
      zh: '需要由支付渠道的签名回调或店铺系统告知同样的事。',
      en: 'The payment provider’s signed callback or the shop’s own system would have to tell the same.',
    },
  },
  below: {
    why: { zh: '订单金额低于 {from}', en: 'the order is below {from}' },
    change: {
      zh: '金额下限写在步骤的 smsFrom 中：dingdong flow show {flow}。',
      en: 'From which amount on it is used is the step’s smsFrom: dingdong flow show {flow}.',
    },
  },
  no_amount: {
    why: { zh: '没有设定 {currency} 的金额下限', en: 'no least amount is set for {currency}' },
    change: {
      zh: '为以后的订单设定：dingdong flow set {flow} {param}.{currency}=金额。',
      en: 'To set it for orders to come: dingdong flow set {flow} {param}.{currency}=AMOUNT.',
    },
  },
  other_currency: {
    why: {
      zh: '金额下限是 {from}，与订单不是同一种货币，无法比较',
      en: 'the least amount is {from}, and the order is in another currency',
    },
    change: {
      zh: '步骤的 smsFrom 应引用按货币列出金额的参数；若该流程是预设，新版已经如此：dingdong preset take {flow}。',
      en: 'The step’s smsFrom would have to name a parameter with an amount for each currency; where the flow is a preset, the newer one does: dingdong preset take {flow}.',
    },
  },
  no_total: {
    why: { zh: '不知道订单金额或金额下限', en: 'the order’s value or the least amount is not known' },
    change: {
      zh: '需要在事件的 order.total 中写明金额和货币。',
      en: 'An event would have to name the amount and the currency in order.total.',
    },
  },
  no_time: {
    why: { zh: '订单到期前没有轮到它', en: 'the order’s time was over before its turn' },
    change: {
      zh: '给订单更长的付款期限，或让这一步早些开始：dingdong flow show {flow}。',
      en: 'Give the order longer to be paid, or let the step begin earlier: dingdong flow show {flow}.',
    },
  },
}

/** An amount of a table is set like one that is missing there. */
const settable = ({ why, param }: LeftOut): LeftOut['why'] =>
  why === 'below' && param !== undefined ? 'no_amount' : why

/** Why a cascade passed channels over, and what would have to change, in sentences. */
export function explainLeftOut(
  { step, flow }: { readonly step: string; readonly flow: string },
  left: readonly LeftOut[],
  language: 'zh' | 'en',
): { readonly why: string; readonly change: readonly string[] } {
  const fill = (words: Words, { channel, from, param = '', currency = from?.currency ?? '' }: LeftOut) =>
    words[language]
      .replaceAll('{channel}', channel)
      .replaceAll('{flow}', flow)
      .replaceAll('{param}', param)
      .replaceAll('{currency}', currency)
      .replaceAll('{from}', from ? `${moneyText(from)} ${from.currency}` : '')
  const list = left.map((each) => {
    const why = fill(TEXTS[each.why].why, each)
    return language === 'zh' ? `${each.channel}（${why}）` : `${each.channel} (${why})`
  })
  return {
    why:
      language === 'zh' ? `${step} 没有使用：${list.join('、')}。` : `${step} left out: ${list.join(', ')}.`,
    change: [...new Set(left.map((each) => fill(TEXTS[settable(each)].change, each)))],
  }
}
