import type { HttpResult } from '../domain/http.ts'
import { ASK_TIMEOUT, later, noAnswer, notActed } from './answer.ts'
import { readJson, textAt } from './json.ts'
import { rsaPrivateKey } from './rsa.ts'
import type { Acted, Answered, SourcePorts } from './source.ts'
import { tidy } from './tidy.ts'
import { transactionFact, type WechatReading } from './wechat-facts.ts'
import { type PlatformKeys, wechatAuthorization, wechatSignatureProblem } from './wechat-signature.ts'

/** What it takes to speak to WeChat Pay as the merchant. */
export interface WechatAccess extends WechatReading {
  readonly mchid: string
  readonly platformKeys: PlatformKeys
  readonly merchantSerial?: string | undefined
  readonly privateKey?: string | undefined
  readonly apiBase: string
}

/** Numbers WeChat Pay accepts as 商户订单号. */
export const WECHAT_NUMBER = /^[0-9A-Za-z_\-|*@]{6,32}$/

/** Codes of a merchant's own set-up, in both spellings that are about (v3 puts underscores where v2 had none). */
const SET_UP = /^(SIGN_?ERROR|NO_?AUTH|MCH_?NOT_?EXISTS?|APPID_MCHID_NOT_MATCH|APPID_NOT_EXIST)$/
const UNKNOWN_ORDER = /^(ORDER_?NOT_?EXISTS?|RESOURCE_NOT_EXISTS?)$/

/** `GET /v3/pay/transactions/out-trade-no/{no}` (查询订单). Only an answer whose signature holds tells of money. */
export async function askWechat(
  access: WechatAccess,
  outTradeNo: string,
  ports: SourcePorts,
): Promise<Answered> {
  const path = `/v3/pay/transactions/out-trade-no/${encodeURIComponent(outTradeNo)}?mchid=${access.mchid}`
  const result = await call(access, 'GET', path, '', ports)
  if (result === null) return { kind: 'operator', code: 'no_private_key' }
  if (result.kind !== 'answer') return noAnswer(result)
  const { status, headers, body } = result
  if (!result.complete) return later('answer_cut')
  const signed = headers['wechatpay-signature'] !== undefined
  // Answers are probed with false signatures as callbacks are; one that is refused says nothing, not even "unknown".
  if (signed && wechatSignatureProblem(access.platformKeys, headers, Buffer.from(body), ports.now)) {
    return later('answer_signature')
  }
  if (status !== 200) return refusal(status, codeOf(body), headers)
  return signed ? read(access, outTradeNo, body, ports) : later('answer_unsigned')
}

function read(access: WechatAccess, outTradeNo: string, body: string, { now }: SourcePorts): Answered {
  const answer = readJson(Buffer.from(body))
  const transaction = answer.ok ? answer.value : null
  // A payment code that waits for its password is answered with its state alone.
  const no = textAt(transaction, 'out_trade_no') ?? outTradeNo
  const mchid = textAt(transaction, 'mchid') ?? access.mchid
  if (no !== outTradeNo || mchid !== access.mchid) return later('answer_about_another_order')
  const fact = transactionFact(access, transaction)
  if (fact === null) return later('answer_unknown_state')
  if (fact === 'pending') return { kind: 'pending' }
  const event = {
    id: `query:${outTradeNo}:${textAt(transaction, 'trade_state')}`,
    type: fact.type,
    source: `wechat/${access.mchid}`,
    time: fact.time ?? now,
    subject: outTradeNo,
    data: tidy(fact.draft),
  }
  return { kind: 'events', events: [event] }
}

function refusal(status: number, code: string, headers: Readonly<Record<string, string>>): Answered {
  if (UNKNOWN_ORDER.test(code)) return { kind: 'stranger' }
  if (SET_UP.test(code) || status === 401 || status === 403) return { kind: 'operator', code }
  return later(code, headers)
}

/**
 * `POST …/close` (关闭订单): nobody can pay it any more. Answered with 204 for a number that was never used as well, so
 * what was paid meanwhile is only learnt by asking.
 */
export async function closeWechat(
  access: WechatAccess,
  outTradeNo: string,
  ports: SourcePorts,
): Promise<Acted> {
  const path = `/v3/pay/transactions/out-trade-no/${encodeURIComponent(outTradeNo)}/close`
  const result = await call(access, 'POST', path, JSON.stringify({ mchid: access.mchid }), ports)
  if (result === null) return { kind: 'operator', code: 'no_private_key' }
  if (result.kind !== 'answer') return notActed(result)
  const { status } = result
  if (status === 200 || status === 204) return { kind: 'done', events: [] }
  const code = codeOf(result.body)
  if (status >= 500) return { kind: 'unknown', code }
  const ours = SET_UP.test(code) || status === 401 || status === 403
  return { kind: ours ? 'operator' : 'refused', code }
}

async function call(
  access: WechatAccess,
  method: 'GET' | 'POST',
  path: string,
  body: string,
  { http, random, now, signal }: SourcePorts,
): Promise<HttpResult | null> {
  const key = access.privateKey ? rsaPrivateKey(access.privateKey) : null
  if (!key || !access.merchantSerial) return null
  const nonce = Buffer.from(random(16)).toString('hex')
  const merchant = { mchid: access.mchid, serial: access.merchantSerial, key }
  // Merchants that have changed from platform certificates to a public key say so, or are answered by certificate.
  const publicKeyId = Object.keys(access.platformKeys).find((serial) => serial.startsWith('PUB_KEY_ID_'))
  const headers = {
    authorization: wechatAuthorization(merchant, { method, path, body }, now, nonce),
    accept: 'application/json',
    ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
    ...(publicKeyId ? { 'wechatpay-serial': publicKeyId } : {}),
  }
  const request = {
    url: `${access.apiBase}${path}`,
    method,
    headers,
    body: body || null,
    timeout: ASK_TIMEOUT,
  }
  return http(request, signal)
}

/** WeChat Pay's word for what went wrong. */
function codeOf(body: string): string {
  const answer = readJson(Buffer.from(body))
  const code = answer.ok ? textAt(answer.value, 'code') : undefined
  return code && /^[\w.]{1,60}$/.test(code) ? code : 'no_code'
}
