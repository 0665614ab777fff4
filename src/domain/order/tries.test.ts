import { describe, expect, it } from 'vitest'
import type { Fact, OrderFacts, Payloads } from './facts.ts'
import { RULES } from './facts.ts'
import { triesOf } from './tries.ts'

const failed = (n: number, said: Payloads['f'], trust = 0): Fact<Payloads['f']> => [
  `ch_${n}`,
  trust,
  n,
  'e',
  said,
]
const advice = () => 'LATER' as const

describe('the tries of an order', () => {
  it('carry card, amount and the network’s codes', () => {
    const facts: OrderFacts = {
      f: [failed(7, { c: 'card_declined', n: '51', w: '24', k: 'fp_1', a: [500, 'EUR'], h: 'mastercard' })],
    }
    expect(triesOf(facts, advice)).toEqual({
      tries: [
        {
          payment: 'ch_7',
          at: 7,
          amount: { minor: 500, currency: 'EUR' },
          card: 'fp_1',
          networkCode: '51',
          networkAdviceCode: '24',
          advice: 'LATER',
        },
      ],
      complete: true,
    })
  })

  it('leave out what a browser says', () => {
    expect(triesOf({ f: [failed(1, {}), failed(2, {}, 4)] }, advice).tries).toHaveLength(1)
    expect(triesOf({}, advice)).toEqual({ tries: [], complete: true })
  })

  it('leave out what a second witness says of a rail that announces each of its own', () => {
    const announced = failed(1, { r: 'stripe', g: true, c: 'card_declined' })
    const echo = failed(2, { r: 'stripe_klarna', c: 'woocommerce_failed' })
    const elsewhere = failed(3, { r: 'paypal', c: 'woocommerce_failed' })
    const silent = failed(4, { r: 'wechat', g: true, c: 'CLOSED' })
    const told = failed(5, { r: 'wechat', c: 'NOTENOUGH' })
    const tried = (...f: Fact<Payloads['f']>[]) => triesOf({ f }, advice).tries.map(({ at }) => at)
    expect(tried(announced, echo, elsewhere)).toEqual([1, 3])
    expect(tried(echo, elsewhere)).toEqual([2, 3])
    expect(tried(silent, told)).toEqual([4, 5])
    const claimed = failed(1, { r: 'stripe', g: true }, 4)
    expect(tried(claimed, echo)).toEqual([2])
  })

  it('are incomplete from as many on as an order keeps: how many there were is not known', () => {
    const many = (count: number) => Array.from({ length: count }, (_, n) => failed(n, {}))
    expect(triesOf({ f: many(RULES.f.keep - 1) }, advice).complete).toBe(true)
    expect(triesOf({ f: many(RULES.f.keep) }, advice).complete).toBe(false)
  })
})
