import { createHash } from 'node:crypto'
import * as z from 'zod'
import type { SourceEvent } from '../domain/event.ts'
import { askEpay, EPAY_NUMBER, epayDraft } from './epay-ask.ts'
import { type FormBytes, formTexts, holdsField, readForm, signedFields } from './form.ts'
import { forged, textReply, unreadable } from './reply.ts'
import { asksAnybody, askThrough, checkQuerySettings, querySettings } from './shop-query.ts'
import { matchesOne } from './signature.ts'
import type { Source, SourceRequest } from './source.ts'
import { tidy } from './tidy.ts'
import { askEach, tradeNumbers, tradeSettings } from './trade.ts'

/** The key travels in the address of a question; only a service on this very machine may be asked without TLS. */
const SAFE_ADDRESS = /^(https:\/\/|http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:|\/|$))/

const settings = z
  .object({
    /** 商户ID. */
    pid: z.string().regex(/^\w{1,40}$/),
    /** 商户密钥; two while one is being changed, the new one first. */
    keys: z.array(z.string().trim().min(8).max(200)).min(1).max(2),
    /** What stands between the signed text and the key: nothing, or in some forks `&key=`. */
    keyPrefix: z.enum(['', '&key=']).default(''),
    /** 易支付 knows one currency and does not tell it. */
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/)
      .default('CNY'),
    trySeparator: tradeSettings.trySeparator,
    ...querySettings,
    /** Where its `api.php` is, without that name. */
    apiBase: z
      .url({ protocol: /^https?$/ })
      .max(500)
      .regex(SAFE_ADDRESS, 'expected https: the key travels in the address')
      .optional(),
  })
  .superRefine((given, context) => checkQuerySettings(given, ['apiBase'], context))
type EpaySettings = z.infer<typeof settings>

/**
 * 易支付, the protocol that most sites for digital goods speak (彩虹易支付 and its forks, MD5 interface). GET, in some
 * forks POST; only success is told; the answer is `success`. It has neither time nor id: the trade makes the id, and a
 * replay is a duplicate.
 */
export const epay: Source<EpaySettings> = {
  name: 'epay',
  title: { zh: '易支付', en: '易支付' },
  trust: 'signed',
  settings,
  secrets: ['keys', 'shopQuerySecrets'],
  methods: ['GET', 'POST'],
  refusal: () => textReply('fail'),
  receive(options, request, now) {
    const fields = fieldsOf(request)
    if (!fields) return forged('a field comes twice, or there are too many')
    const problem = signatureProblem(options, fields)
    if (problem) return forged(problem)
    if (holdsField(fields, DECISIVE)) return forged('a value holds another field')
    const trade = formTexts(fields)
    const { pid, trade_no: tradeNo, out_trade_no: outTradeNo, trade_status: status } = trade
    if (pid !== options.pid) return unreadable('pid', 'expected the merchant of these settings')
    if (!tradeNo || tradeNo.length > 150) return unreadable('trade_no', 'expected the trade’s number')
    if (!outTradeNo || outTradeNo.length > 150)
      return unreadable('out_trade_no', 'expected the order’s number')
    if (!status || !/^\w{1,50}$/.test(status)) return unreadable('trade_status', 'expected a state')
    const event: SourceEvent = {
      id: `${tradeNo}:${status}`,
      type: status === 'TRADE_SUCCESS' ? 'order.paid' : `epay.${status}`,
      source: `epay/${options.pid}`,
      time: now,
      subject: outTradeNo,
      data: tidy(epayDraft(options, trade)),
    }
    return { kind: 'events', events: [event], reply: textReply('success') }
  },
  asks: asksAnybody,
  query: (options, question, ports) =>
    askThrough(options, question, ports, () =>
      askEach(tradeNumbers(question, EPAY_NUMBER), (no) => askEpay(options, no, ports)),
    ),
}

/** What says that an order is paid. */
const DECISIVE = ['money', 'out_trade_no', 'pid', 'trade_no', 'trade_status']

/** The fields, from the address or from a form in the body, whichever carries them. */
function fieldsOf({ query, body }: SourceRequest): FormBytes | null {
  if (body.length > 0) return readForm(body)
  return new Map(Object.entries(query).map(([name, value]) => [name, Buffer.from(value)]))
}

/** MD5 over the sorted fields and the key, as hex in either case. MD5 is weak, but the key stands last and is unknown. */
function signatureProblem({ keys, keyPrefix }: EpaySettings, fields: FormBytes): string | null {
  const sign = fields.get('sign')?.toString('latin1').toLowerCase()
  if (!sign) return 'no sign among the fields'
  const kind = fields.get('sign_type')?.toString('latin1').toUpperCase() ?? 'MD5'
  if (kind !== 'MD5') return 'expected sign_type MD5'
  const signed = signedFields(fields, ['sign', 'sign_type'])
  const genuine = keys.some((key) =>
    matchesOne(
      [sign],
      createHash('md5')
        .update(signed)
        .update(keyPrefix + key)
        .digest(),
      'hex',
    ),
  )
  return genuine ? null : 'the signature does not fit: another key, or changed fields'
}
