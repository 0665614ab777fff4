import * as z from 'zod'
import type { SourceEvent } from '../domain/event.ts'
import type { Instant } from '../domain/time.ts'
import { ALIPAY_NUMBER, askAlipay, closeAlipay } from './alipay-ask.ts'
import { type AlipayFact, type AlipayTrade, tradeFacts } from './alipay-facts.ts'
import { notificationProblem } from './alipay-signature.ts'
import { type FormBytes, formTexts, readForm } from './form.ts'
import { forged, textReply, unreadable } from './reply.ts'
import { rsaPrivateKey, rsaPublicKey } from './rsa.ts'
import { asksAnybody, askThrough, checkQuerySettings, querySettings } from './shop-query.ts'
import type { Received, Source } from './source.ts'
import { type Draft, tidy } from './tidy.ts'
import { actOnEach, askEach, tradeNumbers, tradeRefs, tradeSettings } from './trade.ts'

const settings = z
  .object({
    appId: z.string().regex(/^\d{8,32}$/),
    /** 卖家支付宝用户号. */
    sellerId: z.string().regex(/^2088\d{12}$/),
    /** 支付宝公钥 (not the app's own), as base64 or PEM; two while one is being changed. */
    publicKeys: z
      .array(
        z
          .string()
          .max(20_000)
          .refine((text) => rsaPublicKey(text) !== null, 'expected an RSA public key as base64 or PEM'),
      )
      .min(1)
      .max(3),
    ...tradeSettings,
    ...querySettings,
    /** The app's private key, base64 or PEM: it can also refund. */
    privateKey: z
      .string()
      .max(20_000)
      .refine((text) => rsaPrivateKey(text) !== null, 'expected an RSA private key as base64 or PEM')
      .optional(),
    gateway: z
      .url({ protocol: /^https?$/ })
      .max(200)
      .default('https://openapi.alipay.com/gateway.do'),
  })
  .superRefine((given, context) => checkQuerySettings(given, ['privateKey'], context))
type AlipaySettings = z.infer<typeof settings>

/**
 * Alipay's asynchronous notifications (opendocs.alipay.com "异步通知", read November 2026): signed forms, sent again
 * for a day until the answer is the word `success` and nothing else. 电脑网站支付 and 当面付 tell of success only.
 */
export const alipay: Source<AlipaySettings> = {
  name: 'alipay',
  trust: 'signed',
  settings,
  secrets: ['privateKey', 'shopQuerySecrets'],
  refusal: () => textReply('fail'),
  receive(options, request, now) {
    const fields = readForm(request.body)
    if (!fields) return forged('a field comes twice, or there are too many')
    const problem = notificationProblem(options.publicKeys, fields)
    if (problem) return forged(problem)
    const trade = formTexts(fields, charsetOf(fields))
    if (trade.app_id !== options.appId) return unreadable('app_id', 'expected the app of these settings')
    if (trade.seller_id !== undefined && trade.seller_id !== options.sellerId) {
      return unreadable('seller_id', 'expected the seller of these settings')
    }
    return translate(options, trade, now)
  },
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
