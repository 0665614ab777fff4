import * as z from 'zod'
import type { SourceEvent } from '../domain/event.ts'
import { type Instant, parseIso } from '../domain/time.ts'
import { at, isObject, readJson, textAt } from './json.ts'
import { forged, jsonReply, unreadable } from './reply.ts'
import { rsaPrivateKey } from './rsa.ts'
import { asksAnybody, askThrough, checkQuerySettings, querySettings } from './shop-query.ts'
import type { Received, Source } from './source.ts'
import { type Draft, tidy, UNREADABLE } from './tidy.ts'
import { actOnEach, askEach, tradeNumbers, tradeRefs, tradeSettings } from './trade.ts'
import { askWechat, closeWechat, WECHAT_NUMBER } from './wechat-ask.ts'
import { refundFact, transactionFact, type WechatFact } from './wechat-facts.ts'
import { openResource, platformKeyProblem, wechatSignatureProblem } from './wechat-signature.ts'

const settings = z
  .object({
    /** 商户号 of a merchant that is connected directly; not of a service provider's sub-merchant. */
    mchid: z.string().regex(/^\d{6,32}$/),
    /** The apps that sell: official account, mini program, app. */
    appids: z
      .array(z.string().regex(/^\w{1,32}$/))
      .min(1)
      .max(20),
    /** APIv3 密钥, 32 characters; two while one is being changed. */
    apiV3Keys: z
      .array(z.string().refine((text) => Buffer.byteLength(text) === 32, 'expected 32 characters'))
      .min(1)
      .max(2),
    /** 微信支付公钥 by its id `PUB_KEY_ID_…`, or platform certificates by their serials, as PEM. */
    platformKeys: z
      .record(z.string().regex(/^(PUB_KEY_ID_\w{1,60}|[0-9A-Fa-f]{8,64})$/), z.string().max(20_000))
      .refine((keys) => Object.keys(keys).length > 0, 'expected at least one key'),
    ...tradeSettings,
    ...querySettings,
    /** Serial of the merchant's API certificate, and its key (apiclient_key.pem): they can also refund. */
    merchantSerial: z
      .string()
      .regex(/^[0-9A-Fa-f]{8,64}$/)
      .optional(),
    privateKey: z.string().max(20_000).optional(),
    apiBase: z
      .url({ protocol: /^https?$/ })
      .max(200)
      .default('https://api.mch.weixin.qq.com'),
  })
  .superRefine((given, context) => {
    checkQuerySettings(given, ['merchantSerial', 'privateKey'], context)
    for (const [serial, pem] of Object.entries(given.platformKeys)) {
      const message = platformKeyProblem(serial, pem)
      if (message) context.addIssue({ code: 'custom', path: ['platformKeys', serial], message })
    }
    if (given.privateKey !== undefined && !rsaPrivateKey(given.privateKey)) {
      const message = 'expected an RSA private key as PEM'
      context.addIssue({ code: 'custom', path: ['privateKey'], message })
    }
  })
type WechatSettings = z.infer<typeof settings>

/**
 * WeChat Pay v3 callbacks (pay.weixin.qq.com/doc/v3 "回调通知", read November 2026). It tells of payments and refunds
 * only, never of a failed try: what became of an unpaid order has to be asked. Failures are told with a status that is
 * not 2xx, and are tried again for a day.
 */
export const wechatPay: Source<WechatSettings> = {
  name: 'wechat-pay',
  title: { zh: '微信支付', en: 'WeChat Pay' },
  trust: 'signed',
  settings,
  secrets: ['apiV3Keys', 'privateKey', 'shopQuerySecrets'],
  refusal: (message) => ({
    type: 'application/json',
    body: JSON.stringify({ code: 'FAIL', message: message.slice(0, 64) }),
  }),
  receive(options, request, now) {
    const problem = wechatSignatureProblem(options.platformKeys, request.headers, request.body, now)
    if (problem) return forged(problem)
    const body = readJson(request.body)
    if (!body.ok) return unreadable('body', body.problem)
    const id = textAt(body.value, 'id')
    const type = textAt(body.value, 'event_type')
    if (!id || id.length > 200) return unreadable('id', 'expected the notification’s id')
    if (!type || !/^[\w.]{1,100}$/.test(type)) return unreadable('event_type', 'expected an event type')
    const sealed = at(body.value, 'resource')
    const resource = openResource(options.apiV3Keys, sealed)
    if (!resource.ok && !(isSelfTest(type) && sealed === undefined)) {
      return unreadable('resource', resource.problem)
    }
    // The merchant's own test of signature and encryption (/v3/security/echo): both have just been checked.
    if (!resource.ok || isSelfTest(type))
      return { kind: 'nothing', why: 'WeChat Pay’s self-test', reply: SUCCESS }
    const time = parseIso(textAt(body.value, 'create_time') ?? '') ?? now
    return translate(options, { id, type, time }, resource.value)
  },
  asks: asksAnybody,
  query: (options, question, ports) =>
    askThrough(options, question, ports, () =>
      askEach(tradeNumbers(question, WECHAT_NUMBER), (no) => askWechat(options, no, ports)),
    ),
  actions: {
    close_order: (options, question, ports) =>
      actOnEach(tradeNumbers(question, WECHAT_NUMBER), (no) => closeWechat(options, no, ports)),
  },
}

const SUCCESS = jsonReply({ code: 'SUCCESS', message: '成功' })

const isSelfTest = (type: string) => type === 'SECURITY_ECHO' || type.startsWith('SECURITY_ECHO.')

interface Notification {
  readonly id: string
  readonly type: string
  readonly time: Instant
}

function translate(options: WechatSettings, { id, type, time }: Notification, resource: unknown): Received {
  const own = type.startsWith('TRANSACTION.') || type.startsWith('REFUND.')
  const mchid = textAt(resource, 'mchid')
  if ((own || mchid !== undefined) && mchid !== options.mchid) {
    return unreadable('resource.mchid', 'expected the merchant of these settings')
  }
  const appid = textAt(resource, 'appid')
  if (appid !== undefined && !options.appids.includes(appid)) {
    return unreadable('resource.appid', 'expected one of the apps of these settings')
  }
  const fact = factOf(options, type, resource)
  const event: SourceEvent = {
    id,
    type: fact?.type ?? `wechat.${type}`,
    source: `wechat/${options.mchid}`,
    time: fact?.time ?? time,
    subject: textAt(resource, 'out_trade_no') ?? null,
    data: tidy(fact?.draft ?? withoutEffect(options, type, resource)),
  }
  return { kind: 'events', events: [event], reply: SUCCESS }
}

/** `null`: kept and shown, without effect. A refund that failed or was called off (REFUND.ABNORMAL, .CLOSED) is one. */
function factOf(options: WechatSettings, type: string, resource: unknown): WechatFact | null {
  if (type === 'REFUND.SUCCESS') return refundFact(options, resource)
  if (!type.startsWith('TRANSACTION.')) return null
  const fact = transactionFact(options, resource)
  return fact === 'pending' ? null : fact
}

function withoutEffect({ trySeparator }: WechatSettings, type: string, resource: unknown): Draft {
  const no = textAt(resource, 'out_trade_no')
  const own = { kind: 'wechat_tx', value: textAt(resource, 'transaction_id') }
  const object = isObject(resource) ? (resource as Record<string, z.core.util.JSONType>) : null
  // A refund is of its amount: without one it has no effect.
  const refund = type === 'REFUND.SUCCESS' ? UNREADABLE : undefined
  return { refs: no ? tradeRefs(no, trySeparator, own) : [], refund, extra: { object } }
}
