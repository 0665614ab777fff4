import type { HttpResult } from '../domain/http.ts'
import { HOUR, type Instant, toIso } from '../domain/time.ts'
import { type AlipayReading, type AlipayTrade, tradeFacts } from './alipay-facts.ts'
import { type AlipayKeySettings, certificateParameters, keysFor } from './alipay-keys.ts'
import { certSnIn, readAlipayAnswer, signedParameters } from './alipay-signature.ts'
import { ASK_TIMEOUT, later, noAnswer, notActed } from './answer.ts'
import { isObject, readJson, textAt } from './json.ts'
import { rsaPrivateKey } from './rsa.ts'
import type { Acted, Answered, SourcePorts } from './source.ts'
import { tidy } from './tidy.ts'

/** What it takes to speak to Alipay's gateway as the app. */
export interface AlipayAccess extends AlipayReading, AlipayKeySettings {
  readonly appId: string
  readonly privateKey?: string | undefined
  readonly gateway: string
}

/** Numbers Alipay accepts as out_trade_no. */
export const ALIPAY_NUMBER = /^\w[\w-]{0,63}$/

/** An answer under a certificate that we do not have, or that has run out: asking again would bring nothing else. */
const CERTIFICATE = /^alipay_certificate_/

/** What the gateway said, when it said anything to rely on. */
interface Said {
  readonly code: string
  readonly subCode: string
  readonly trade: AlipayTrade
}

/**
 * `alipay.trade.query` (统一收单交易查询). A trade is unknown until the buyer has opened the cashier, so "unknown" is the
 * usual answer about an order nobody tried to pay.
 */
export async function askAlipay(
  access: AlipayAccess,
  outTradeNo: string,
  ports: SourcePorts,
): Promise<Answered> {
  const method = 'alipay.trade.query'
  const result = await call(access, method, outTradeNo, ports)
  if (typeof result === 'string') return { kind: 'operator', code: result }
  if (result.kind !== 'answer') return noAnswer(result)
  if (result.status !== 200) return later(`http_${result.status}`, result.headers)
  const said = result.complete ? read(access, method, result.body, ports.now) : 'answer_cut'
  if (typeof said === 'string') return CERTIFICATE.test(said) ? { kind: 'operator', code: said } : later(said)
  if (said.code !== '10000') return refusal(said)
  if (said.trade.out_trade_no !== outTradeNo) return later('answer_about_another_order')
  if (said.trade.trade_status === 'WAIT_BUYER_PAY') return { kind: 'pending' }
  const events = tradeFacts(access, said.trade).map((fact) => ({
    id: `query:${outTradeNo}:${said.trade.trade_status}:${fact.type}`,
    type: fact.type,
    source: `alipay/${access.appId}`,
    time: fact.time ?? ports.now,
    subject: outTradeNo,
    data: tidy(fact.draft),
  }))
  return events.length > 0 ? { kind: 'events', events } : later('answer_unknown_state')
}

function refusal(said: Said): Answered {
  const { code, subCode } = said
  if (subCode === 'ACQ.TRADE_NOT_EXIST') return { kind: 'stranger' }
  return isSetUp(said) ? { kind: 'operator', code: subCode || code } : later(subCode || code)
}

/**
 * Whether a person must repair the connection: wrong or missing parameters and keys (40001, 40002), no right to the
 * interface (40003, 40006). 20000 is the gateway's own trouble, 40005 its limit (opendocs.alipay.com/common/02km9f).
 */
function isSetUp({ code, subCode }: Said): boolean {
  return ['40001', '40002', '40003', '40006'].includes(code) || subCode === 'ACQ.ACCESS_FORBIDDEN'
}

/** `alipay.trade.close` (统一收单交易关闭): an unpaid trade that nobody can pay any more. */
export async function closeAlipay(
  access: AlipayAccess,
  outTradeNo: string,
  ports: SourcePorts,
): Promise<Acted> {
  const method = 'alipay.trade.close'
  const result = await call(access, method, outTradeNo, ports)
  if (typeof result === 'string') return { kind: 'operator', code: result }
  if (result.kind !== 'answer') return notActed(result)
  const said =
    result.status === 200 && result.complete ? read(access, method, result.body, ports.now) : 'no_answer'
  if (typeof said === 'string') return { kind: 'unknown', code: said }
  const code = said.subCode || said.code
  if (said.code === '10000') return { kind: 'done', events: [] }
  if (said.code === '20000' || code === 'ACQ.SYSTEM_ERROR') return { kind: 'unknown', code }
  return { kind: isSetUp(said) ? 'operator' : 'refused', code }
}

/** What the answer says, or why it cannot be relied on. Refusals may come unsigned; what tells of a trade may not. */
function read(access: AlipayAccess, method: string, body: string, now: Instant): Said | string {
  const keys = keysFor(access, certSnIn(body), now)
  if (typeof keys === 'string') return `alipay_certificate_${keys}`
  const answer = readAlipayAnswer(body, method, keys)
  const object = answer ? readJson(Buffer.from(answer.object)) : null
  if (!answer || !object?.ok || !isObject(object.value)) return 'answer_unreadable'
  const code = textAt(object.value, 'code') ?? 'no_code'
  if (answer.genuine === false) return 'answer_signature'
  if (answer.genuine === null && (code === '10000' || code === '40004')) return 'answer_unsigned'
  const texts = Object.keys(object.value).map((name) => [name, textAt(object.value, name)] as const)
  const trade = Object.fromEntries(texts.filter((pair): pair is [string, string] => pair[1] !== undefined))
  const subCode = textAt(object.value, 'sub_code') ?? ''
  return { code, subCode: /^[\w.-]{0,100}$/.test(subCode) ? subCode : '', trade }
}

/** The gateway's answer, or why a person must look at the settings first. */
async function call(
  access: AlipayAccess,
  method: string,
  outTradeNo: string,
  { http, now, signal }: SourcePorts,
): Promise<HttpResult | string> {
  const key = access.privateKey ? rsaPrivateKey(access.privateKey) : null
  if (!key) return 'no_private_key'
  const certificates = certificateParameters(access, now)
  if (!certificates) return 'app_certificate_not_valid'
  // No answer could be believed, and what is closed must be known to be closed.
  if (keysFor(access, undefined, now) === 'not_valid') return 'alipay_certificate_not_valid'
  const content = JSON.stringify({ out_trade_no: outTradeNo })
  const parameters = {
    app_id: access.appId,
    method,
    format: 'JSON',
    charset: 'utf-8',
    sign_type: 'RSA2',
    timestamp: beijingText(now),
    version: '1.0',
    ...certificates,
    biz_content: content,
  }
  const { biz_content: _, ...signed } = signedParameters(parameters, key)
  // The charset must stand in the address, else the gateway reads the body as GBK.
  const url = `${access.gateway}?${new URLSearchParams(signed)}`
  const headers = {
    'content-type': 'application/x-www-form-urlencoded;charset=utf-8',
    accept: 'application/json',
  }
  const body = new URLSearchParams({ biz_content: content }).toString()
  return http({ url, method: 'POST', headers, body, timeout: ASK_TIMEOUT }, signal)
}

/** `2026-11-22 16:00:00` in Beijing, which has no summer time. */
function beijingText(now: Instant): string {
  return toIso(now + 8 * HOUR)
    .slice(0, 19)
    .replace('T', ' ')
}
