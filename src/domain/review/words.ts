import { isZone } from '../gate/local-time.ts'
import { amountText, formatMoney, type Money } from '../money.ts'
import { cameFor, differenceText } from '../order/received.ts'
import { STATUS_WORDS } from '../order/status-words.ts'
import type { OrderStatus, OrderView } from '../order/view.ts'
import { DAY, HOUR, type Instant, MINUTE, type Millis, SECOND } from '../time.ts'
import { zoneOffset } from '../told-zone.ts'
import type { Evidence, Named, RowOrder } from './judge.ts'
import { MOST_SEEN, type Rule, type Shared } from './rule.ts'

export type Language = 'zh' | 'en'

const SHARED_WORDS: Readonly<Record<Shared, Readonly<Record<Language, string>>>> = {
  ip: { zh: '同一网络地址', en: 'from one network address' },
  buyer: { zh: '同一买家', en: 'of this buyer' },
  card: { zh: '同一张卡', en: 'with this card' },
  items: { zh: '相同商品', en: 'for the same things' },
  amount: { zh: '相同金额', en: 'of the same amount' },
}

/** What matched, in one sentence with its figures, for those who decide. Never for the buyer. */
export function whatMatched(rule: Rule, evidence: Evidence, language: Language): string {
  const { count, reach, within } = evidence
  if (count === null || reach === null) return conditionWords(rule, evidence, language)
  const many = count >= MOST_SEEN ? `${count}+` : String(count)
  const { counts } = rule
  if (within === null || counts?.by === undefined)
    return language === 'zh'
      ? `该订单支付失败 ${many} 次（规则最多允许 ${reach - 1} 次）`
      : `${many} failed payments of this order; the rule allows ${reach - 1}`
  if (evidence.row !== undefined) return rowWords(evidence.row, many, evidence, language)
  return burstWords(rule, many, { ...evidence, reach, within }, language)
}

function burstWords(
  rule: Rule,
  many: string,
  { reach, within, named }: Evidence & { readonly reach: number; readonly within: Millis },
  language: Language,
): string {
  const span = durationWords(within, language)
  const { by = [], of, inARow } = rule.counts!
  const amount = named?.payment.amount ?? named?.total
  const same = by.map((each) => {
    const words = SHARED_WORDS[each][language]
    if (each !== 'amount' || !amount) return words
    return language === 'zh' ? `${words}（${amountText(amount)}）` : `${words} (${amountText(amount)})`
  })
  const failed = rule.trigger.on.every((type) => type === 'payment.failed')
  if (language === 'zh') {
    const found = inARow ? '连续' : '有'
    const what =
      of === 'payment'
        ? failed
          ? `支付失败 ${many} 次`
          : `${found} ${many} 笔付款`
        : `${found} ${many} 笔订单`
    return `${span}内${same.join('、')}${what}（规则最多允许 ${reach - 1} ${failed ? '次' : '笔'}）`
  }
  const what = of === 'payment' ? (failed ? 'failed payments' : 'payments') : 'orders'
  return `${many} ${what} ${listWords(same)}${inARow ? ' in a row' : ''} within ${span}; the rule allows ${reach - 1}`
}

const listWords = (words: readonly string[]) =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`

/** `3 orders of 2,000 CNY or more in a row within 1 d: A 6,000 CNY, B 7,200 CNY, C 5,100 CNY`. */
function rowWords(
  row: readonly RowOrder[],
  many: string,
  { within, named }: Evidence,
  language: Language,
): string {
  const zh = language === 'zh'
  const span = durationWords(within ?? 0, language)
  const limit = named?.limit
  const comparable = limit && row.every(({ total }) => total?.currency === limit.currency)
  const list = row.map(({ no, total }) => (total ? `${no} ${amountText(total)}` : no)).join(zh ? '，' : ', ')
  if (zh) {
    const from = comparable ? `不低于 ${amountText(limit)} 的` : '达到大额标准的'
    return `${span}内连续 ${many} 笔${from}订单：${list}`
  }
  const from = comparable ? `of ${amountText(limit)} or more` : 'of high value'
  return `${many} orders ${from} in a row within ${span}: ${list}`
}

/** A rule that only has a condition. */
function conditionWords(rule: Rule, { type, named }: Evidence, language: Language): string {
  const zh = language === 'zh'
  const { total, limit } = named ?? {}
  if (total && limit) {
    const above = total.minor > limit.minor
    return zh
      ? `订单金额 ${amountText(total)}，${above ? '超过' : '达到'}限额 ${amountText(limit)}`
      : `order ${amountText(total)}, ${above ? 'above' : 'at'} the limit of ${amountText(limit)}`
  }
  if (named && type === 'payment.unauthorised') return unauthorisedWords(named, language)
  if (named?.difference) return differenceText(named.difference, language)
  const set = Object.values(rule.params)
    .filter(({ value }) => typeof value === 'number')
    .map(({ title, value }) => `${title[language]} ${value}`)
  const known = [
    ...(total ? [zh ? `订单金额 ${amountText(total)}` : `order ${amountText(total)}`] : []),
    ...set,
  ]
  return known.length > 0 ? known.join(zh ? '，' : ', ') : rule.description[language]
}

function unauthorisedWords({ payment, total }: Named, language: Language): string {
  const zh = language === 'zh'
  const { id, rail, amount } = payment
  const sum = amount ?? total
  if (zh) {
    const which = [...(id === null ? [] : [id]), ...(sum ? [amountText(sum)] : [])].join('，')
    return `${rail === null ? '支付渠道' : `${rail} `}报告：付款${which && `（${which}）`}未经持卡人授权`
  }
  const which = `${id === null ? 'a payment' : `payment ${id}`}${sum ? ` of ${amountText(sum)}` : ''}`
  return `${rail ?? 'the provider'} reports that the cardholder did not agree to ${which}`
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
  for (const { at: when, amount, paymentId } of view.unauthorised) {
    const named = [
      ...(paymentId.startsWith('event:') ? [] : [paymentId]),
      ...(amount ? [amountText(amount)] : []),
    ]
    const which = (text: string) => (named.length > 0 ? text.replace('?', named.join(', ')) : '')
    add(when, `付款被报告为未经授权${which('（?）')}`, `payment reported as unauthorised${which(' (?)')}`)
  }
  const told = (sums: readonly Money[]) =>
    sums.map((money) => formatMoney(money, zh ? 'zh-CN' : 'en')).join(' + ')
  const [came, back] = [told(cameFor(view)), told(view.refunded)]
  add(view.paidAt, `已付款 ${came}`.trim(), `paid ${came}`.trim())
  add(view.deliveredAt, '已发货', 'delivered')
  add(view.cancelledAt, '已取消', 'cancelled')
  add(view.expiredAt, '已过期', 'expired')
  add(view.refundedAt, `已退款 ${back}`.trim(), `refunded ${back}`.trim())
  return lines.sort((a, b) => a[0] - b[0]).map(([when, text]) => `${at(when)} ${text}`)
}

/** Another order that a rule saw, as it stands: `B-1 · 6,000 CNY · Paid`. */
export function otherWords({ no, total, status }: OtherOrder, language: Language): string {
  const sum = total ? [amountText(total)] : []
  return [no, ...sum, STATUS_WORDS[status][language]].join(' · ')
}

export interface OtherOrder {
  readonly no: string
  readonly total: Money | null
  readonly status: OrderStatus
}

/** `Asia/Shanghai, UTC+8`: the zone that times are told in, as it stands at that moment. */
export function zoneText(timeZone: string, at: Instant): string {
  const zone = isZone(timeZone) ? timeZone : 'UTC'
  const offset = zoneOffset(zone, at)
  return zone === offset ? zone : `${zone}, ${offset}`
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
    .replace('/', '-')
}
