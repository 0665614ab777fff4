import { createHmac } from 'node:crypto'
import { CASES } from '../../src/sources/contract.test-kit.ts'
import {
  alipayTrade,
  dujiaokaOrder,
  epayTrade,
  plainEvent,
  stripeDeclined,
  stripeEvent,
  wechatTransaction,
  wooOrder,
} from '../../src/sources/samples.ts'
import { long, markOf, PHONE, PHONE_AS_TYPED, SHORT } from './secrets.ts'

const SECRET = `${SHORT.password}-of-a-connection-of-32-characters`

/** What an outside system sends, with secrets in every place that speaks of people or goods. */
interface Sender {
  readonly body: object
  /** Added to the settings of the source's case in the contract's tests. */
  readonly settings?: object
  readonly headers?: Readonly<Record<string, string>>
}

/** One for each source of the registry; `leaks.test.ts` fails for a source without one. */
export const SENDERS: Readonly<Record<string, Sender>> = {
  stripe: {
    settings: { secrets: [SECRET, long('password'), 'whsec_test_secret'] },
    body: stripeEvent('payment_intent.payment_failed', {
      ...stripeDeclined({
        message: `${markOf('stripe')} ${PHONE}`,
        payment_method: { billing_details: { email: SHORT.mail, name: SHORT.name, phone: PHONE_AS_TYPED } },
      }),
      receipt_email: SHORT.mail,
    }),
  },
  woocommerce: {
    settings: { secrets: [SECRET, 'woo-secret-2'] },
    headers: { 'x-wc-webhook-topic': 'order.created' },
    body: wooOrder({
      billing: {
        first_name: `${markOf('woocommerce')} ${SHORT.name}`,
        last_name: '',
        country: 'CN',
        email: SHORT.mail,
        phone: PHONE_AS_TYPED,
      },
      customer_note: long('extra'),
    }),
  },
  dujiaoka: {
    settings: { pathSecret: SECRET },
    body: dujiaokaOrder({
      email: SHORT.mail,
      order_info: [SHORT.key, long('key', 2_400)].join('\n'),
      title: `${SHORT.title} ${markOf('dujiaoka')}`,
    }),
  },
  'wechat-pay': {
    body: {
      event_type: 'TRANSACTION.SUCCESS',
      resource: wechatTransaction({
        out_trade_no: 'W-leak',
        attach: markOf('wechat-pay'),
        payer: { openid: SHORT.extra },
      }),
    },
  },
  alipay: {
    body: alipayTrade({
      out_trade_no: 'A-leak',
      subject: `${SHORT.title} ${markOf('alipay')}`,
      passback_params: SHORT.extra,
      buyer_logon_id: SHORT.mail,
    }),
  },
  epay: {
    settings: { keys: [SECRET, 'key-of-the-merchant'] },
    body: epayTrade({
      out_trade_no: 'E-leak',
      name: `${SHORT.title} ${markOf('epay')}`,
      param: SHORT.extra,
    }),
  },
  'standard-webhooks': {
    body: plainEvent({
      id: 'std-1',
      type: 'customer.updated',
      data: {
        customer: { name: `${SHORT.name} ${markOf('standard-webhooks')}`, email: SHORT.mail },
        extra: { note: markOf('standard-webhooks') },
      },
    }),
  },
}

/** The settings of a connection, and the request its system would send at `at`. */
export function requestOf(source: string, at: number) {
  const sender = SENDERS[source]
  const known = CASES[source]
  if (!sender || !known)
    throw new Error(`nothing is planted through ${source}: add it to test/leaks/senders.ts`)
  const body = known.write?.(sender.body) ?? Buffer.from(JSON.stringify(sender.body))
  return {
    settings: { ...known.settings, ...sender.settings },
    headers: { ...known.sign(body, at), ...sender.headers },
    body,
  }
}

const GATEWAY_SECRET = `${SHORT.password}-of-the-sms-gateway`

/** An account at an SMS gateway that reports what people answer. */
export const GATEWAY = {
  request: { url: 'https://sms.example/?to={{to}}&text={{text}}' },
  success: { status: true },
  callbackSecret: GATEWAY_SECRET,
  callback: {
    check: { kind: 'hmac', header: 'x-sign' },
    reply: { from: 'mobile', text: 'content', time: 'ts' },
  },
}

/** What it posts when somebody answers. */
export function smsReply(at: number) {
  const said = {
    mobile: `+86${PHONE}`,
    content: `${SHORT.reply} ${markOf('sms-http')} ${long('reply', 2_500)}`,
    ts: at,
  }
  const body = Buffer.from(JSON.stringify(said))
  return { headers: { 'x-sign': createHmac('sha256', GATEWAY_SECRET).update(body).digest('hex') }, body }
}
