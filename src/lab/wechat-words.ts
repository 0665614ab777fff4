import { createCipheriv, createSign, createVerify } from 'node:crypto'
import { HOUR, type Instant, SECOND, toIso } from '../domain/time.ts'
import type { Refund, Trade, TradeState } from './trades.ts'

/** Who the merchant is at WeChat Pay, and the keys of both sides. */
export interface WechatParties {
  readonly mchid: string
  readonly appid: string
  readonly apiV3Key: string
  readonly merchantSerial: string
  readonly merchantPublicPem: string
  readonly platformSerial: string
  readonly platformPrivatePem: string
}

export interface SignedWechat {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Signs a callback or an answer as the platform does. */
export function signWechat(
  { platformSerial, platformPrivatePem }: WechatParties,
  body: string,
  at: Instant,
  nonce: string,
): SignedWechat {
  const time = Math.floor(at / SECOND)
  const signature = createSign('RSA-SHA256')
    .update(`${time}\n${nonce}\n${body}\n`)
    .sign(platformPrivatePem, 'base64')
  const headers = {
    'content-type': 'application/json',
    'wechatpay-timestamp': String(time),
    'wechatpay-nonce': nonce,
    'wechatpay-serial': platformSerial,
    'wechatpay-signature-type': 'WECHATPAY2-SHA256-RSA2048',
    'wechatpay-signature': signature,
  }
  return { headers, body }
}

/** A callback's body with its resource sealed: AES-256-GCM, the tag behind the ciphertext. */
export function sealedNotice(
  { apiV3Key }: Pick<WechatParties, 'apiV3Key'>,
  notice: { readonly id: string; readonly type: string; readonly at: Instant },
  resource: unknown,
  nonce: string,
): string {
  const kind = notice.type.startsWith('REFUND.') ? 'refund' : 'transaction'
  const cipher = createCipheriv('aes-256-gcm', apiV3Key, nonce).setAAD(Buffer.from(kind))
  const sealed = [cipher.update(JSON.stringify(resource), 'utf8'), cipher.final(), cipher.getAuthTag()]
  return JSON.stringify({
    id: notice.id,
    create_time: beijingIso(notice.at),
    resource_type: 'encrypt-resource',
    event_type: notice.type,
    summary: kind === 'refund' ? '退款成功' : '支付成功',
    resource: {
      original_type: kind,
      algorithm: 'AEAD_AES_256_GCM',
      ciphertext: Buffer.concat(sealed).toString('base64'),
      associated_data: kind,
      nonce,
    },
  })
}

const STATES: Readonly<Record<TradeState, string>> = {
  open: 'NOTPAY',
  paying: 'USERPAYING',
  failed: 'PAYERROR',
  paid: 'SUCCESS',
  closed: 'CLOSED',
}

/** A trade as callbacks and queries show it. */
export function transactionOf({ mchid, appid }: WechatParties, trade: Trade): object {
  const state = trade.refunds.length > 0 ? 'REFUND' : STATES[trade.state]
  const common = {
    mchid,
    appid,
    out_trade_no: trade.no,
    trade_state: state,
    trade_state_desc: state,
    attach: '',
  }
  if (trade.paidAt === null) return { ...common, amount: { total: trade.minor, currency: 'CNY' } }
  return {
    ...common,
    transaction_id: trade.id,
    trade_type: 'NATIVE',
    bank_type: 'OTHERS',
    success_time: beijingIso(trade.paidAt),
    payer: { openid: 'oLabBuyer' },
    amount: { total: trade.minor, payer_total: trade.minor, currency: 'CNY', payer_currency: 'CNY' },
  }
}

export function refundOf({ mchid }: WechatParties, trade: Trade, refund: Refund): object {
  return {
    mchid,
    out_trade_no: trade.no,
    transaction_id: trade.id,
    out_refund_no: `R-${refund.id}`,
    refund_id: refund.id,
    refund_status: 'SUCCESS',
    success_time: beijingIso(refund.at),
    user_received_account: '支付用户零钱',
    amount: {
      total: trade.minor,
      refund: refund.minor,
      payer_total: trade.minor,
      payer_refund: refund.minor,
    },
  }
}

/** `2026-11-22T16:00:00+08:00`. */
function beijingIso(at: Instant): string {
  return `${toIso(at + 8 * HOUR).slice(0, 19)}+08:00`
}

/** What a request's `Authorization` claims; `null` when it is none of WeChat Pay's. */
export function readAuthorization(header: string | undefined): Readonly<Record<string, string>> | null {
  const scheme = 'WECHATPAY2-SHA256-RSA2048 '
  if (!header?.startsWith(scheme)) return null
  const parts = header.slice(scheme.length).matchAll(/(\w+)="([^"]*)"(?:,|$)/g)
  return Object.fromEntries(Array.from(parts, ([, name, value]) => [name!, value!]))
}

export function merchantSigned(publicPem: string, signed: string, signature: string): boolean {
  return createVerify('RSA-SHA256').update(signed).verify(publicPem, signature, 'base64')
}
