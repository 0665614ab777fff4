import { isZone } from '../gate/local-time.ts'
import { formatMoney } from '../money.ts'
import type { OrderView } from '../order/view.ts'
import { DAY, HOUR, type Instant, MINUTE, type Millis, SECOND } from '../time.ts'
import type { Evidence } from './judge.ts'
import { MOST_SEEN, type Rule, type Shared } from './rule.ts'

export type Language = 'zh' | 'en'

const SHARED_WORDS: Readonly<Record<Shared, Readonly<Record<Language, string>>>> = {
  ip: { zh: '同一网络地址', en: 'from the same network address' },
  buyer: { zh: '同一买家', en: 'by the same buyer' },
  card: { zh: '同一张卡', en: 'with the same card' },
  items: { zh: '相同商品', en: 'for the same things' },
  amount: { zh: '相同金额', en: 'of the same amount' },
}

/** What matched, in one sentence with its numbers, for those who decide. Never for the buyer. */
export function whatMatched(rule: Rule, evidence: Evidence, language: Language): string {
  const { count, reach, within } = evidence
  if (count === null || reach === null) return conditionWords(rule, language)
  const many = count >= MOST_SEEN ? `${count}+` : String(count)
  const { counts } = rule
  if (within === null || counts?.by === undefined)
    return language === 'zh'
      ? `连续支付失败 ${many} 次（达到 ${reach} 次转人工）`
      : `${many} failed payments in a row (limit ${reach})`
  const span = durationWords(within, language)
  const same = counts.by.map((each) => SHARED_WORDS[each][language])
  const payments = counts.of === 'payment'
  if (language === 'zh') {
    const thing = payments ? '笔支付' : '笔订单'
    return `${span}内${same.join('、')}${counts.inARow ? '连续' : '有'} ${many} ${thing}（达到 ${reach} 笔即提示）`
  }
  const thing = payments ? 'payments' : 'orders'
  return `${many} ${thing} ${same.join(', ')}${counts.inARow ? ' in a row' : ''} within ${span} (limit ${reach})`
}

/** A rule that only has a condition: what it is set to. */
function conditionWords(rule: Rule, language: Language): string {
  const set = Object.values(rule.params)
    .filter(({ value }) => typeof value === 'number')
    .map(({ title, value }) => `${title[language]} ${value}`)
  if (set.length > 0) return set.join(language === 'zh' ? '，' : ', ')
  return rule.description[language]
}

function durationWords(length: Millis, language: Language): string {
  const units: readonly (readonly [Millis, string, string])[] = [
    [DAY, '天', 'd'],
    [HOUR, '小时', 'h'],
    [MINUTE, '分钟', 'min'],
    [SECOND, '秒', 's'],
  ]
  for (const [size, zh, en] of units)
    if (length >= size && length % size === 0)
      return language === 'zh' ? `${length / size} ${zh}` : `${length / size} ${en}`
  return language === 'zh' ? `${Math.round(length / SECOND)} 秒` : `${Math.round(length / SECOND)} s`
}

/** What has happened to the order, one line a thing, oldest first; times by the shop's clock. */
export function historyOf(view: OrderView, timeZone: string, language: Language): readonly string[] {
  const at = (instant: Instant) => clockText(instant, timeZone, language)
  const zh = language === 'zh'
  const lines: (readonly [Instant, string])[] = []
  const add = (instant: Instant | null, zhText: string, enText: string) => {
    if (instant !== null) lines.push([instant, zh ? zhText : enText])
  }
  add(view.placedAt, '下单', 'placed')
  if (view.lastFailure) {
    const { at: when, declineCode, code } = view.lastFailure
    const why = declineCode ?? code ?? '?'
    add(
      when,
      `支付失败 ${view.attempts} 次，最近一次：${why}`,
      `${view.attempts} failed ${view.attempts === 1 ? 'payment' : 'payments'}, the last: ${why}`,
    )
  }
  const sums = view.paid.map((money) => formatMoney(money, zh ? 'zh-CN' : 'en')).join(' + ')
  add(view.paidAt, `已付款 ${sums}`, `paid ${sums}`)
  add(view.deliveredAt, '已发货', 'delivered')
  add(view.cancelledAt, '已取消', 'cancelled')
  add(view.expiredAt, '已过期', 'expired')
  add(view.refundedAt, '已退款', 'refunded')
  return lines.sort((a, b) => a[0] - b[0]).map(([when, text]) => `${at(when)} ${text}`)
}

/** `11-25 18:30` on the wall clock of that zone. */
export function clockText(instant: Instant, timeZone: string, language: Language): string {
  return new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-CA', {
    timeZone: isZone(timeZone) ? timeZone : 'UTC',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
    .format(instant)
    .replace(',', '')
}
