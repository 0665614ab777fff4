import type { SourceEvent } from '../domain/event.ts'
import type { Instant } from '../domain/time.ts'
import { ALIPAY_NUMBER, askAlipay, closeAlipay } from './alipay-ask.ts'
import { type AlipayFact, type AlipayTrade, tradeFacts } from './alipay-facts.ts'
import { alipayExpiries, keysFor } from './alipay-keys.ts'
import { type AlipaySettings, alipaySettings } from './alipay-settings.ts'
import { notificationProblem } from './alipay-signature.ts'
import { type FormBytes, formTexts, holdsField, readForm } from './form.ts'
import { forged, textReply, unreadable } from './reply.ts'
import { asksAnybody, askThrough } from './shop-query.ts'
import type { Received, Source } from './source.ts'
import { type Draft, tidy } from './tidy.ts'
import { actOnEach, askEach, tradeNumbers, tradeRefs } from './trade.ts'

/**
 * Alipay's asynchronous notifications (opendocs.alipay.com "异步通知", read November 2026): signed forms, sent again
 * for a day until the answer is the word `success` and nothing else. 电脑网站支付 and 当面付 tell of success only.
 */
export const alipay: Source<AlipaySettings> = {
  name: 'alipay',
  title: { zh: '支付宝', en: 'Alipay' },
  trust: 'signed',
  settings: alipaySettings,
  secrets: ['privateKey', 'shopQuerySecrets'],
  refusal: () => textReply('fail'),
  receive(options, request, now) {
    const fields = readForm(request.body)
    if (!fields) return forged('a field comes twice, or there are too many')
    const problem = signatureProblem(options, fields, now)
    if (problem) return forged(problem)
    // The shop's own parameters are a query of its own.
    if (holdsField(fields, DECISIVE, ['passback_params'])) return forged('a value holds another field')
    const trade = formTexts(fields, charsetOf(fields))
    if (trade.app_id !== options.appId) return unreadable('app_id', 'expected the app of these settings')
    if (trade.seller_id !== undefined && trade.seller_id !== options.sellerId) {
      return unreadable('seller_id', 'expected the seller of these settings')
    }
    return translate(options, trade, now)
  },
  expiries: alipayExpiries,
  asks: asksAnybody,
  query: (options, question, ports) =>
    askThrough(options, question, ports, () =>
      askEach(tradeNumbers(question, ALIPAY_NUMBER), (no) => askAlipay(options, no, ports)),
    ),
  actions: {
    close_order: (options, question, ports) =>
      actOnEach(tradeNumbers(question, ALIPAY_NUMBER), (no) => closeAlipay(options, no, ports)),
  },
}

/** What says that an order is paid, and what went back. */
const DECISIVE = [
  'app_id',
  'out_trade_no',
  'refund_fee',
  'seller_id',
  'total_amount',
  'trade_no',
  'trade_status',
]

/**
 * Why a notification is not Alipay's; `null` when it is. Whether `alipay_cert_sn` is signed nobody says who could know:
 * Alipay's SDK signs it like any field, other clients leave it out as they must in answers. It only chooses the key.
 */
function signatureProblem(options: AlipaySettings, fields: FormBytes, now: Instant): string | null {
  const sn = fields.get('alipay_cert_sn')?.toString('latin1') || undefined
  const keys = keysFor(options, sn, now)
  if (keys === 'unknown') {
    const named = /^[0-9a-f]{32}$/.test(sn ?? '') ? ` (${sn})` : ''
    return `names a certificate that is not among alipayCertPublicKeys${named}: if Alipay has changed it, download it and set it`
  }
  if (keys === 'not_valid')
    return 'the certificates of alipayCertPublicKeys have run out, or are not valid yet'
  const problem = notificationProblem(keys, fields)
  if (problem === null || sn === undefined || options.publicKeys) return problem
  const rest = new Map(fields)
  rest.delete('alipay_cert_sn')
  return notificationProblem(keys, rest)
}

/** `gbk` and `gb2312` are parts of GB 18030. */
function charsetOf(fields: FormBytes): 'utf-8' | 'gb18030' {
  const charset = fields.get('charset')?.toString('latin1').toLowerCase() ?? ''
  return /^gb(k|2312|18030)$/.test(charset) ? 'gb18030' : 'utf-8'
}

function translate(options: AlipaySettings, trade: AlipayTrade, now: Instant): Received {
  const id = trade.notify_id
  if (!id || id.length > 200) return unreadable('notify_id', 'expected the notification’s id')
  const facts = trade.out_trade_no ? tradeFacts(options, trade) : []
  const first: AlipayFact = facts[0] ?? withoutEffect(options, trade)
  const events = [first, ...facts.slice(1)].map(
    ({ type, draft, time }, at): SourceEvent => ({
      // One notification can say two things: that money came, and that some of it went back.
      id: at === 0 ? id : `${id}:${type}`,
      type,
      source: `alipay/${options.appId}`,
      time: time ?? now,
      subject: trade.out_trade_no ?? null,
      data: tidy(draft),
    }),
  )
  return { kind: 'events', events, reply: textReply('success') }
}

/** What says nothing we act on, kept as it came but for what differs each time it is sent. */
function withoutEffect({ trySeparator }: AlipaySettings, trade: AlipayTrade): AlipayFact {
  const { sign: _, notify_time: __, out_trade_no: no, ...object } = trade
  const what = [trade.notify_type, trade.trade_status].filter((text) => text && /^\w{1,50}$/.test(text))
  const own = { kind: 'alipay_trade', value: trade.trade_no }
  const draft: Draft = { refs: no ? tradeRefs(no, trySeparator, own) : [], extra: { object } }
  return { type: ['alipay', ...what].join('.'), draft, time: undefined }
}
