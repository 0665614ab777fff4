import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { FAILURE_CLASSES } from './failure-class.ts'
import {
  alternativesFor,
  METHOD_KINDS,
  type PayableOrder,
  type PaymentMethod,
  withPayUrl,
} from './payment-methods.ts'

const names = (zh: string) => ({ zh, en: zh })
const METHODS: readonly PaymentMethod[] = [
  { key: 'card', names: names('银行卡'), kind: 'card', payParam: 'm=card' },
  { key: 'alipay', names: names('支付宝'), kind: 'wallet', payParam: 'm=alipay' },
  { key: 'wechat', names: names('微信支付'), kind: 'wallet', payParam: 'm=wechat' },
  {
    key: 'balance',
    names: names('账户余额'),
    kind: 'balance',
    urlTemplate: 'https://shop.example/balance/{no}',
  },
  { key: 'transfer', names: names('银行转账'), kind: 'bank' },
]
const order = (more: Partial<PayableOrder> = {}): PayableOrder => ({
  no: 'A 1/2',
  payUrl: 'https://shop.example/pay?no=1#top',
  alternatives: [],
  lastFailure: { rail: 'stripe', method: 'visa' },
  ...more,
})
const keys = (...args: Parameters<typeof alternativesFor>) => alternativesFor(...args).map(({ key }) => key)

test('a card that failed leads to balance and wallets, never to a card', () => {
  expect(keys('insufficient_funds', order(), METHODS)).toEqual(['balance', 'alipay', 'wechat'])
  expect(keys('expired_card', order(), METHODS)).toEqual(['alipay', 'wechat', 'balance'])
})

test('a wallet that failed leads to the others, cards included', () => {
  const failed = order({ lastFailure: { rail: 'Alipay', method: null } })
  expect(keys('other', failed, METHODS)).toEqual(['wechat', 'balance', 'card'])
})

test('links land on the method: by its own page or by a parameter of the payment link', () => {
  const urls = Object.fromEntries(
    alternativesFor('other', order(), METHODS).map(({ key, url }) => [key, url]),
  )
  expect(urls).toEqual({
    alipay: 'https://shop.example/pay?no=1&m=alipay#top',
    wechat: 'https://shop.example/pay?no=1&m=wechat#top',
    balance: 'https://shop.example/balance/A%201%2F2',
  })
})

test('an order whose events name no payment page is paid at the shop’s usual one', () => {
  const template = 'https://shop.example/pay/{no}'
  expect(withPayUrl(order(), template).payUrl).toBe('https://shop.example/pay?no=1#top')
  expect(withPayUrl(order({ payUrl: null }), template).payUrl).toBe('https://shop.example/pay/A%201%2F2')
  expect(withPayUrl(order({ payUrl: null, no: null }), template).payUrl).toBeNull()
  expect(withPayUrl(order({ payUrl: null, no: null }), 'https://shop.example/orders').payUrl).toBe(
    'https://shop.example/orders',
  )
  expect(withPayUrl(order({ payUrl: null }), undefined).payUrl).toBeNull()
})

describe('a method without a link', () => {
  it('is not offered', () => {
    expect(keys('other', order({ payUrl: null, no: null }), METHODS)).toEqual([])
  })
  it('is, where the order’s own events name it', () => {
    const named = order({
      payUrl: null,
      no: null,
      alternatives: [{ key: 'paypal', url: 'https://pp.example/1' }],
    })
    expect(alternativesFor('other', named, METHODS)).toEqual([
      { key: 'paypal', names: { zh: 'paypal', en: 'paypal' }, url: 'https://pp.example/1' },
    ])
  })
})

test('whatever the shop offers and whatever failed: no dead link, never the failed method, at most three, each once', () => {
  const method = fc.record(
    {
      key: fc.constantFrom('card', 'alipay', 'wechat', 'balance', 'transfer', 'paypal'),
      names: fc.constant(names('x')),
      kind: fc.constantFrom(...METHOD_KINDS),
      urlTemplate: fc.constant('https://shop.example/{no}'),
      payParam: fc.constant('m=x'),
    },
    { requiredKeys: ['key', 'names', 'kind'] },
  )
  const methods = fc.uniqueArray(method, { selector: ({ key }) => key, maxLength: 6 })
  const failed = fc.option(fc.constantFrom('card', 'visa', 'alipay', 'balance', 'unheard_of'), { nil: null })
  const word = fc.option(fc.constantFrom('https://shop.example/pay'), { nil: null })
  fc.assert(
    fc.property(
      fc.constantFrom(...FAILURE_CLASSES),
      methods,
      failed,
      failed,
      word,
      (cls, list, rail, used, payUrl) => {
        const found = alternativesFor(cls, order({ payUrl, lastFailure: { rail, method: used } }), list)
        expect(found.length).toBeLessThanOrEqual(3)
        expect(new Set(found.map(({ key }) => key)).size).toBe(found.length)
        for (const { key, url } of found) {
          expect(URL.canParse(url)).toBe(true)
          expect([rail, used]).not.toContain(key)
        }
      },
    ),
  )
})
