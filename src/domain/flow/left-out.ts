import type { Rule } from '../law/rule.ts'
import { insteadText, sourceText } from '../law/source-text.ts'
import type { Channel } from '../message.ts'
import { type Money, moneyText } from '../money.ts'

/** A channel that a step passed over, and why. */
export interface LeftOut {
  readonly channel: Channel
  readonly why:
    | 'no_contact'
    | 'not_named'
    | 'untrusted'
    | 'law'
    | 'below'
    | 'no_amount'
    | 'other_currency'
    | 'no_total'
    | 'no_time'
  /** The least order value, where the order does not reach it or has another currency. */
  readonly from?: Money
  /** The table of amounts it comes from, or that has none in the order's currency. */
  readonly param?: string
  readonly currency?: string
  /** The rule of the law; left out where the texts lack something that no rule names. */
  readonly rule?: string
}

/** Channels that would lead to a buyer whom none of the step's does. */
export const notNamed = (
  channels: readonly Channel[],
  reach: readonly Channel[] | undefined,
): readonly LeftOut[] =>
  [...new Set(reach)].flatMap((channel): readonly LeftOut[] =>
    channels.includes(channel) ? [] : [{ channel, why: 'not_named' }],
  )

type Words = Readonly<Record<'zh' | 'en', string>>

const TEXTS: Readonly<Record<LeftOut['why'], { readonly why: Words; readonly change: Words }>> = {
  no_contact: {
    why: { zh: '没有可用的联系方式', en: 'no address that works' },
    change: {
      zh: '需要在事件的 customer 中写明{channel}的联系方式（email、phone，站内信用 externalId）。',
      en: 'An event would have to name one for {channel} in its customer: email, phone, or externalId for the inbox.',
    },
  },
  not_named: {
    why: {
      zh: '买家有这个渠道的联系方式，但这一步不使用',
      en: 'it leads to the buyer, but the step does not name it',
    },
    change: {
      zh: '在这一步的 channels 中加入 {channel}：dingdong flow show {flow} --yaml，改好后 dingdong flow set。',
      en: 'Name {channel} in the step’s channels: dingdong flow show {flow} --yaml, then dingdong flow set.',
    },
  },
  law: {
    why: {
      zh: '按收件人所在国家或地区及账号的规定，模板没有可以发送的文字',
      en: 'under the law of the receiver’s country and the account no text of the template may go',
    },
    change: {
      zh: '换一种写法，可先用 dingdong law check 检查，再 dingdong template set。',
      en: 'Say it otherwise: "dingdong law check" tells beforehand, then dingdong template set.',
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

interface Passing {
  readonly step: string
  readonly flow: string
  readonly rule: (id: string) => Rule | undefined
}

/** Why a step passed channels over, and what would have to change, in sentences; of a law its rule, source and date. */
export function explainLeftOut(
  { step, flow, rule: ruleOf }: Passing,
  left: readonly LeftOut[],
  language: 'zh' | 'en',
): { readonly why: readonly string[]; readonly change: readonly string[] } {
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
  const rules = left.flatMap(({ rule }) => (rule === undefined ? [] : (ruleOf(rule) ?? [])))
  const all =
    language === 'zh' ? `${step} 没有使用：${list.join('、')}。` : `${step} left out: ${list.join(', ')}.`
  return {
    why: [all, ...rules.flatMap((rule) => [RULE[language](rule), sourceText(rule, language)])],
    change: [
      ...new Set([
        ...rules.map((rule) => insteadText(rule, language)),
        ...left.map((each) => fill(TEXTS[settable(each)].change, each)),
      ]),
    ],
  }
}

const RULE = {
  zh: ({ id, says }: Rule) => `规则 ${id}：${says.zh}。`,
  en: ({ id, says }: Rule) => `The rule ${id}: ${says.en}.`,
}
