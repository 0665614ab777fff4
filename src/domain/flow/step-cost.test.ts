import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { CHANNELS } from '../message.ts'
import { explainCosts } from './cost-texts.ts'
import { cheapestFirst, stepCost } from './step-cost.ts'

const price = fc.integer({ min: 0, max: 1_000_000 })
const world = fc.record({
  channels: fc.uniqueArray(fc.constantFrom(...CHANNELS), { minLength: 1 }),
  prices: fc.dictionary(fc.constantFrom(...CHANNELS), price),
  sms: fc.option(fc.record({ segments: fc.integer({ min: 1, max: 20 }), each: price })),
})

describe('what a step costs', () => {
  it('is segments × the price of one, of SMS, and the price of a message elsewhere, else nothing', () => {
    fc.assert(
      fc.property(world, ({ channels, prices, sms }) => {
        for (const channel of channels) {
          const { segments, each, cost } = stepCost(channel, prices, sms)
          expect(cost).toBe(segments * each)
          if (channel === 'sms' && sms !== null) expect({ segments, each }).toEqual(sms)
          else expect({ segments, each }).toEqual({ segments: 1, each: prices[channel] ?? 0 })
        }
      }),
    )
  })

  it('puts channels in order: each once, none before a cheaper one, and of equals the first of the list', () => {
    fc.assert(
      fc.property(world, ({ channels, prices, sms }) => {
        const order = cheapestFirst(channels, (channel) => stepCost(channel, prices, sms))
        expect(order.map(({ channel }) => channel).toSorted()).toEqual(channels.toSorted())
        order.slice(1).forEach((next, at) => {
          const before = order[at]!
          expect(before.cost).toBeLessThanOrEqual(next.cost)
          if (before.cost === next.cost)
            expect(channels.indexOf(before.channel)).toBeLessThan(channels.indexOf(next.channel))
        })
      }),
    )
  })

  it('never gets better for SMS by another segment or a dearer one', () => {
    fc.assert(
      fc.property(world, fc.nat(5), price, ({ channels, prices, sms }, more, dearer) => {
        if (sms === null || !channels.includes('sms')) return
        const place = (now: typeof sms) =>
          cheapestFirst(channels, (channel) => stepCost(channel, prices, now)).findIndex(
            ({ channel }) => channel === 'sms',
          )
        const worse = { segments: sms.segments + more, each: sms.each + dearer }
        expect(place(worse)).toBeGreaterThanOrEqual(place(sms))
      }),
    )
  })
})

test('the order is told with its figures, in both languages', () => {
  const costs = cheapestFirst(['sms', 'email', 'webhook'], (channel) =>
    stepCost(channel, { webhook: 2.5 }, { segments: 2, each: 45 }),
  )
  expect(explainCosts('last', costs, 'CNY', 'en')).toBe(
    'last goes from cheap to dear: email 0, webhook 0.0025 CNY, sms 0.09 CNY (2 segments at 0.045).',
  )
  expect(explainCosts('last', costs, 'CNY', 'zh')).toBe(
    'last 从便宜的渠道开始：email 0，webhook 0.0025 CNY，sms 0.09 CNY（2 条 × 0.045）。',
  )
})
