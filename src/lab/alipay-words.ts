import { createSign, createVerify } from 'node:crypto'
import { HOUR, type Instant, toIso } from '../domain/time.ts'
import { refundedOf, type Trade, yuanText } from './trades.ts'

export interface AlipayParties {
  readonly appId: string
  readonly sellerId: string
  readonly alipayPrivatePem: string
  readonly appPublicPem: string
  /** Certificate mode: the serial number of the certificate that Alipay's key is in. */
  readonly alipayCertSn?: string | undefined
}

type Fields = Readonly<Record<string, string>>

/** `name=value&…` of what is not empty, sorted. */
function textToSign(fields: Fields, leftOut: readonly string[]): string {
  return Object.keys(fields)
    .filter((name) => fields[name] !== '' && !leftOut.includes(name))
    .sort()
    .map((name) => `${name}=${fields[name]}`)
    .join('&')
}

/** A notification's body, signed without `sign_type` as most services do, or with it. */
export function notificationBody(
  { alipayPrivatePem }: Pick<AlipayParties, 'alipayPrivatePem'>,
  fields: Fields,
  typeIsSigned = false,
): string {
  const all = { ...fields, sign_type: 'RSA2' }
  const text = textToSign(all, typeIsSigned ? [] : ['sign_type'])
  const sign = createSign('RSA-SHA256').update(text).sign(alipayPrivatePem, 'base64')
  return new URLSearchParams({ ...all, sign }).toString()
}

/** Whether the app signed these parameters. */
export function appSigned(publicPem: string, parameters: Fields): boolean {
  const text = textToSign(parameters, ['sign'])
  return createVerify('RSA-SHA256')
    .update(text)
    .verify(publicPem, parameters.sign ?? '', 'base64')
}

/**
 * An answer of the gateway: its object is signed as the text that it is, slashes escaped as the gateway does. In
 * certificate mode it names the certificate, unsigned, between the two (as answers of 2020 to 2024 that others have
 * published do).
 */
export function signedAnswer(
  { alipayPrivatePem, alipayCertSn }: AlipayParties,
  method: string,
  object: object,
): string {
  const text = JSON.stringify(object).replaceAll('/', '\\/')
  const sign = createSign('RSA-SHA256').update(text).sign(alipayPrivatePem, 'base64')
  const named = alipayCertSn === undefined ? '' : `"alipay_cert_sn":"${alipayCertSn}",`
  return `{"${method.replaceAll('.', '_')}_response":${text},${named}"sign":"${sign}"}`
}

/** A trade as a notification's fields. What was refunded is told as the sum so far. */
export function notificationFields(
  { appId, sellerId }: AlipayParties,
  trade: Trade,
  notice: { readonly id: string; readonly at: Instant },
): Fields {
  const refund = trade.refunds.at(-1)
  return {
    notify_time: beijingText(notice.at),
    notify_type: 'trade_status_sync',
    notify_id: notice.id,
    app_id: appId,
    charset: 'utf-8',
    version: '1.0',
    auth_app_id: appId,
    trade_no: trade.id,
    out_trade_no: trade.no,
    buyer_id: '2088102122524333',
    seller_id: sellerId,
    trade_status: statusOf(trade),
    total_amount: yuanText(trade.minor),
    receipt_amount: yuanText(trade.paidAt === null ? 0 : trade.minor),
    buyer_pay_amount: yuanText(trade.paidAt === null ? 0 : trade.minor),
    subject: trade.title,
    gmt_create: beijingText(trade.placedAt),
    ...(trade.paidAt === null ? {} : { gmt_payment: beijingText(trade.paidAt) }),
    ...(refund
      ? {
          refund_fee: yuanText(refundedOf(trade)),
          gmt_refund: `${beijingText(refund.at)}.320`,
          out_biz_no: refund.id,
        }
      : {}),
    ...(trade.closedAt === null ? {} : { gmt_close: beijingText(trade.closedAt) }),
  }
}

/** A trade as `alipay.trade.query` shows it. */
export function queryObject(trade: Trade): object {
  const paid = yuanText(trade.paidAt === null ? 0 : trade.minor)
  return {
    code: '10000',
    msg: 'Success',
    buyer_logon_id: 'lab***@sandbox.com',
    buyer_pay_amount: paid,
    invoice_amount: '0.00',
    out_trade_no: trade.no,
    point_amount: '0.00',
    receipt_amount: paid,
    ...(trade.paidAt === null ? {} : { send_pay_date: beijingText(trade.paidAt) }),
    subject: `${trade.title}/https://shop.example/"}`,
    total_amount: yuanText(trade.minor),
    trade_no: trade.id,
    trade_status: statusOf(trade),
  }
}

/** Closed is what ran out unpaid, and what went back as a whole. */
function statusOf(trade: Trade): string {
  if (trade.state === 'closed') return 'TRADE_CLOSED'
  if (trade.paidAt === null) return 'WAIT_BUYER_PAY'
  return refundedOf(trade) === trade.minor ? 'TRADE_CLOSED' : 'TRADE_SUCCESS'
}

/** `2026-11-22 16:00:00` in Beijing. */
export function beijingText(at: Instant): string {
  return toIso(at + 8 * HOUR)
    .slice(0, 19)
    .replace('T', ' ')
}
