import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { event } from '../../test/kit/world.ts'
import type { SourceEvent } from '../domain/event.ts'
import { openReviewWorld, type ReviewWorld } from './review.test-kit.ts'

let here: ReviewWorld
beforeAll(async () => {
  here = await openReviewWorld()
})
afterAll(() => here?.world.close())

const cny = (minor: number) => ({ minor, currency: 'CNY' })
const totalOf = (no: string, minor: number): SourceEvent =>
  event('order.created', no, { order: { total: cny(minor) } })
const paid = (no: string, minor: number, nth = 1): SourceEvent =>
  event('order.paid', no, { payment: { id: `${no}-${nth}`, rail: 'epay', amount: cny(minor) } })

describe('an order of ¥399', () => {
  it('for which ¥0.01 came is held, and finance hears of both sums', async () => {
    const shop = await here.newShop(['underpaid'], ['finance'])
    await here.tell(shop, totalOf('X-1', 39_900), paid('X-1', 1))
    expect(await here.reviews(shop)).toMatchObject([
      { no: 'X-1', rule: 'underpaid', action: 'hold', state: 'open', held_by_review: true },
    ])
    expect(await here.told(shop)).toMatchObject([
      { type: 'review.opened', tell: 'finance', quiet: false, command: 'hold_order' },
    ])
  })

  it('goes on by itself once the rest has come', async () => {
    const shop = await here.newShop(['underpaid'], ['finance'])
    await here.tell(shop, totalOf('X-2', 39_900), paid('X-2', 10_000))
    await here.tell(shop, paid('X-2', 20_000, 2))
    expect(await here.reviews(shop)).toMatchObject([{ state: 'open' }])
    await here.tell(shop, paid('X-2', 9_900, 3))
    expect(await here.reviews(shop)).toMatchObject([
      { state: 'expired', decided_by: 'paid_in_full', held_by_review: false },
    ])
    expect((await here.told(shop)).map(({ command }) => command)).toEqual(['hold_order', 'release_order'])
  })

  it('that is paid in two parts at once, in full, or beyond it, is nobody’s business', async () => {
    const shop = await here.newShop(['underpaid'], ['finance'])
    await here.tell(shop, totalOf('X-3', 39_900), paid('X-3', 10_000), paid('X-3', 29_900, 2))
    await here.tell(shop, totalOf('X-4', 39_900), paid('X-4', 39_900))
    await here.tell(shop, totalOf('X-5', 39_900), paid('X-5', 41_000))
    expect(await here.reviews(shop)).toEqual([])
  })

  it('is looked at, too, when its total becomes known after the payment', async () => {
    const shop = await here.newShop(['underpaid'], ['finance'])
    await here.tell(shop, paid('X-6', 1))
    expect(await here.reviews(shop)).toEqual([])
    await here.tell(shop, totalOf('X-6', 39_900))
    expect(await here.reviews(shop)).toMatchObject([{ no: 'X-6', action: 'hold' }])
  })

  it('is only noted where nobody works in finance', async () => {
    const shop = await here.newShop(['underpaid'])
    await here.tell(shop, totalOf('X-7', 39_900), paid('X-7', 1))
    expect(await here.reviews(shop)).toMatchObject([{ action: 'flag', held_by_review: false }])
  })
})
