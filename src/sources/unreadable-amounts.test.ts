import { expect, test } from 'vitest'
import { CASES, now } from './contract.test-kit.ts'
import { SOURCES } from './registry.ts'
import {
  alipayTrade,
  dujiaokaOrder,
  epayTrade,
  stripeEvent,
  stripeIntent,
  stripeSession,
  wechatRefund,
  wechatTransaction,
  wooOrder,
} from './samples.ts'

/** The first event that a genuine callback gives. */
function eventOf(name: string, body: object) {
  const [source, one] = [SOURCES.get(name)!, CASES[name]!]
  const bytes = one.write?.(body) ?? Buffer.from(JSON.stringify(body))
  const request = { method: 'POST', query: {}, headers: one.sign(bytes, now), body: bytes }
  const received = source.receive(source.settings.parse(one.settings), request, now)
  if (received.kind !== 'events') throw new Error(JSON.stringify(received))
  return received.events[0]!
}

const succeeded = (more: object) => stripeEvent('payment_intent.succeeded', stripeIntent(more))
const wechatPaid = (amount: object) => ({
  event_type: 'TRANSACTION.SUCCESS',
  resource: wechatTransaction({ amount }),
})
const wechatRefunded = (amount: object) => ({
  event_type: 'REFUND.SUCCESS',
  resource: wechatRefund({ amount }),
})
const wooPaid = (more: object) => wooOrder({ status: 'processing', ...more })

test.each([
  [
    'woocommerce',
    'more decimals than the currency has',
    wooPaid({ currency: 'JPY', total: '1500.50' }),
    'order.total',
  ],
  ['woocommerce', 'a third decimal', wooPaid({ currency: 'USD', total: '12.345' }), 'order.total'],
  ['woocommerce', 'grouped digits', wooPaid({ currency: 'USD', total: '1,500.00' }), 'order.total'],
  ['woocommerce', 'a word', wooOrder({ status: 'pending', total: 'abc' }), 'order.total'],
  ['woocommerce', 'a currency that is none', wooPaid({ currency: '$' }), 'order.total'],
  ['woocommerce', 'a refund', wooPaid({ refunds: [{ id: 1, total: '-1,5' }] }), 'refund'],
  ['stripe', 'a text', succeeded({ amount: '1999', amount_received: '1999' }), 'payment.amount'],
  ['stripe', 'what was received alone', succeeded({ amount_received: 19.5 }), 'payment.amount'],
  [
    'stripe',
    'a session',
    stripeEvent('checkout.session.completed', stripeSession({ amount_total: -1 })),
    'payment.amount',
  ],
  ['dujiaoka', 'grouped digits', dujiaokaOrder({ actual_price: '1,500.00' }), 'order.total'],
  ['dujiaoka', 'an object', dujiaokaOrder({ actual_price: {} }), 'order.total'],
  ['dujiaoka', 'what is no text', dujiaokaOrder({ actual_price: [{ toString: '' }] }), 'order.total'],
  ['wechat-pay', 'half a 分', wechatPaid({ total: 1.5, currency: 'CNY' }), 'payment.amount'],
  ['wechat-pay', 'a refund', wechatRefunded({ refund: '1', currency: 'CNY' }), 'refund'],
  ['alipay', 'grouped digits', alipayTrade({ total_amount: '1,500.00' }), 'payment.amount'],
  ['alipay', 'a refund', alipayTrade({ refund_fee: 'abc' }), 'refund'],
  ['epay', 'a word', epayTrade({ money: 'abc' }), 'payment.amount'],
])('%s: an amount that cannot be read (%s) is left out by name, once', (name, _, body, path) => {
  const { data } = eventOf(name, body)
  expect(data.extra?.left_out).toEqual([path])
  expect(data.refund).toBeUndefined()
})

test.each([
  ['woocommerce', wooPaid({ total: '' })],
  ['woocommerce', wooPaid({ total: null })],
  ['dujiaoka', dujiaokaOrder({ actual_price: null })],
  ['alipay', alipayTrade({ refund_fee: '' })],
  ['epay', epayTrade({ money: '' })],
])('%s: where no amount came, none is left out', (name, body) => {
  expect(eventOf(name, body).data.extra?.left_out).toBeUndefined()
})

test('a paid order whose amount cannot be read is paid all the same, a part that went back is not the whole', () => {
  expect(eventOf('woocommerce', wooPaid({ currency: 'JPY', total: '1500.50' })).type).toBe('order.paid')
  expect(eventOf('alipay', alipayTrade({ refund_fee: 'abc' })).type).toBe('order.paid')
  expect(eventOf('wechat-pay', wechatRefunded({ refund: '1' })).type).toBe('wechat.REFUND.SUCCESS')
})
