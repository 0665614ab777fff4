import { createHmac } from 'node:crypto'
import { notificationBody } from '../lab/alipay-words.ts'
import { signEpay } from '../lab/epay-lab.ts'
import { newRsaPair } from '../lab/rail-keys.ts'
import { sealedNotice, signWechat } from '../lab/wechat-words.ts'
import {
  alipayTrade,
  cloudEvent,
  dujiaokaOrder,
  epayTrade,
  plainEvent,
  stripeDeclined,
  stripeDispute,
  stripeEvent,
  stripeIntent,
  stripeSession,
  stripeWarning,
  wechatRefund,
  wechatTransaction,
  wooOrder,
} from './samples.ts'

/** When the samples are sent: 2026-11-22T08:00:00Z. */
export const now = 1_795_334_400_000
export type Headers = Record<string, string>

/** What the contract's tests need to know of one source. */
export interface Case {
  readonly settings: object
  readonly otherSettings: object
  /** Bodies the system really sends. */
  readonly samples: readonly object[]
  /** A genuine body of a type we do not know, and what it is then called. */
  readonly stranger: { readonly body: object; readonly headers?: Headers; readonly type: string } | null
  readonly sign: (body: Buffer, at: number) => Headers
  /** The body as it is sent, signed or sealed where that happens inside it; absent: JSON. */
  readonly write?: (sample: object) => Buffer
  /** Headers without which nothing is genuine. */
  readonly needed: readonly string[]
  /** Whether its callbacks are signed at all. */
  readonly signed: boolean
  /** The header with the time that a signature covers and ages by; `null`: it does not age. */
  readonly timed: string | null
}

const hmac = (key: string | Buffer, text: string, body: Buffer) =>
  createHmac('sha256', key).update(text).update(body)
const seconds = (at: number) => Math.floor(at / 1000)
const standardSecret = Buffer.alloc(32, 'standard').toString('base64')

const ours = newRsaPair()
const theirs = newRsaPair()
const parties = {
  mchid: '1900000109',
  appid: 'wx8888888888888888',
  apiV3Key: 'v3-key-of-exactly-32-characters!',
  merchantSerial: '5157F09EFDC096DE15EBE81A47057A72',
  merchantPublicPem: theirs.publicPem,
  platformSerial: 'PUB_KEY_ID_0119000001092026112200',
  platformPrivatePem: ours.privatePem,
}
const wechat = { mchid: parties.mchid, appids: [parties.appid] }
const seller = { appId: '2014072300007148', sellerId: '2088101106499364' }

/** Whatever a test put into a form's fields, as forms carry it. */
const textsOf = (fields: object) =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      (typeof value === 'string' ? value : JSON.stringify(value).replaceAll('\\u0000', '')).toWellFormed(),
    ]),
  )

export const CASES: Readonly<Record<string, Case>> = {
  stripe: {
    settings: { secrets: ['whsec_old_secret', 'whsec_test_secret'] },
    otherSettings: { secrets: ['whsec_other_secret'] },
    samples: [
      stripeEvent('payment_intent.created', stripeIntent()),
      stripeEvent('payment_intent.payment_failed', stripeDeclined()),
      stripeEvent('payment_intent.succeeded', stripeIntent({ amount_received: 1999, status: 'succeeded' })),
      stripeEvent('checkout.session.expired', stripeSession({ payment_status: 'unpaid', status: 'expired' })),
      stripeEvent('radar.early_fraud_warning.created', stripeWarning()),
      stripeEvent('charge.dispute.created', stripeDispute()),
    ],
    stranger: {
      body: stripeEvent('customer.created', { id: 'cus_1', object: 'customer', name: 'Li Lei' }),
      type: 'stripe.customer.created',
    },
    sign: (body, at) => {
      const v1 = hmac('whsec_test_secret', `${seconds(at)}.`, body).digest('hex')
      return { 'stripe-signature': `t=${seconds(at)},v1=${v1}` }
    },
    needed: ['stripe-signature'],
    signed: true,
    timed: 'stripe-signature',
  },
  woocommerce: {
    settings: { secrets: ['woo-secret-1', 'woo-secret-2'] },
    otherSettings: { secrets: ['woo-secret-3'] },
    samples: ['pending', 'processing', 'completed', 'failed', 'cancelled', 'refunded', 'on-hold'].map(
      (status) => wooOrder({ status }),
    ),
    stranger: {
      body: { id: 9, name: '年度会员', status: 'publish' },
      headers: { 'x-wc-webhook-topic': 'product.updated' },
      type: 'woocommerce.product.updated',
    },
    sign: (body) => ({
      'x-wc-webhook-topic': 'order.updated',
      'x-wc-webhook-signature': hmac('woo-secret-2', '', body).digest('base64'),
    }),
    needed: ['x-wc-webhook-signature'],
    signed: true,
    timed: null,
  },
  dujiaoka: {
    settings: { pathSecret: 'p'.repeat(32) },
    otherSettings: { pathSecret: 'q'.repeat(32) },
    samples: [dujiaokaOrder(), dujiaokaOrder({ actual_price: 19.9, order_info: null })],
    stranger: null,
    sign: () => ({ 'content-type': 'application/json' }),
    needed: [],
    signed: false,
    timed: null,
  },
  'wechat-pay': {
    settings: {
      ...wechat,
      apiV3Keys: ['o'.repeat(32), parties.apiV3Key],
      platformKeys: { ABCDEF0123456789: theirs.publicPem, [parties.platformSerial]: ours.publicPem },
      privateKey: ours.privatePem,
      shopQuerySecrets: [`whsec_${standardSecret}`],
    },
    otherSettings: {
      ...wechat,
      apiV3Keys: [parties.apiV3Key],
      platformKeys: { [parties.platformSerial]: theirs.publicPem },
    },
    samples: [
      { event_type: 'TRANSACTION.SUCCESS', resource: wechatTransaction() },
      { event_type: 'TRANSACTION.SUCCESS', resource: wechatTransaction({ attach: '会员 7' }) },
      { event_type: 'REFUND.SUCCESS', resource: wechatRefund() },
    ],
    stranger: {
      body: { event_type: 'REFUND.ABNORMAL', resource: wechatRefund({ refund_status: 'ABNORMAL' }) },
      type: 'wechat.REFUND.ABNORMAL',
    },
    write(sample) {
      if (Buffer.isBuffer(sample)) return sample
      const { event_type: type, resource } = sample as { event_type: unknown; resource: unknown }
      const notice = { id: 'EV-2026112215594501', type: String(type), at: now }
      return Buffer.from(sealedNotice(parties, notice, resource ?? null, 'nonce-of-12b'))
    },
    sign: (body, at) => signWechat(parties, body.toString('utf8'), at, 'nonce').headers,
    needed: ['wechatpay-timestamp', 'wechatpay-nonce', 'wechatpay-serial', 'wechatpay-signature'],
    signed: true,
    timed: 'wechatpay-timestamp',
  },
  alipay: {
    settings: {
      ...seller,
      publicKeys: [theirs.publicPem, ours.publicPem],
      privateKey: theirs.privatePem,
      shopQuerySecrets: [`whsec_${standardSecret}`],
    },
    otherSettings: { ...seller, publicKeys: [theirs.publicPem] },
    samples: [
      alipayTrade(),
      alipayTrade({ trade_status: 'WAIT_BUYER_PAY' }),
      alipayTrade({ trade_status: 'TRADE_FINISHED' }),
      alipayTrade({ refund_fee: '5.00', gmt_refund: '2026-11-22 16:30:00.320', out_biz_no: 'R-1' }),
      alipayTrade({ trade_status: 'TRADE_CLOSED', gmt_payment: '' }),
      alipayTrade({ trade_status: 'TRADE_CLOSED', refund_fee: '19.99' }),
    ],
    stranger: {
      body: alipayTrade({ notify_type: 'dut_user_sign', trade_status: '', out_trade_no: '' }),
      type: 'alipay.dut_user_sign',
    },
    write: (sample) =>
      Buffer.isBuffer(sample)
        ? sample
        : Buffer.from(notificationBody({ alipayPrivatePem: ours.privatePem }, textsOf(sample))),
    sign: () => ({ 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }),
    needed: [],
    signed: true,
    timed: null,
  },
  epay: {
    settings: {
      pid: '1001',
      keys: ['key-of-the-merchant-2', 'key-of-the-merchant'],
      shopQuerySecrets: [`whsec_${standardSecret}`],
    },
    otherSettings: { pid: '1001', keys: ['key-of-another'] },
    // The first with every field filled: an empty one is not signed, and none is ever read.
    samples: [epayTrade({ type: 'wxpay', param: 'user=7', money: '20' }), epayTrade()],
    stranger: { body: epayTrade({ trade_status: 'TRADE_CLOSED' }), type: 'epay.TRADE_CLOSED' },
    write(sample) {
      if (Buffer.isBuffer(sample)) return sample
      const { sign_type: _, ...fields } = signEpay(textsOf(sample), 'key-of-the-merchant')
      return Buffer.from(new URLSearchParams(fields).toString())
    },
    sign: () => ({ 'content-type': 'application/x-www-form-urlencoded' }),
    needed: [],
    signed: true,
    timed: null,
  },
  'standard-webhooks': {
    settings: { secrets: [Buffer.alloc(24).toString('base64'), `whsec_${standardSecret}`] },
    otherSettings: { secrets: [`whsec_${Buffer.alloc(32, 'another').toString('base64')}`] },
    samples: [
      plainEvent(),
      cloudEvent(),
      [plainEvent(), plainEvent({ id: 'shop-1002', type: 'order.paid' })],
    ],
    stranger: { body: plainEvent({ type: 'game.account.levelled' }), type: 'game.account.levelled' },
    sign: (body, at) => {
      const v1 = hmac(Buffer.from(standardSecret, 'base64'), `msg_1.${seconds(at)}.`, body).digest('base64')
      return {
        'content-type': 'application/json',
        'webhook-id': 'msg_1',
        'webhook-timestamp': String(seconds(at)),
        'webhook-signature': `v1,bm90IG91cnM= v1,${v1}`,
      }
    },
    needed: ['webhook-id', 'webhook-timestamp', 'webhook-signature'],
    signed: true,
    timed: 'webhook-timestamp',
  },
}
