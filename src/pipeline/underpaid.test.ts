import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testRandom } from '../../test/kit/engine.ts'
import { event, MONDAY } from '../../test/kit/world.ts'
import type { SourceEvent } from '../domain/event.ts'
import { newId } from '../domain/ids.ts'
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
  event('order.paid', no, {
    payment: { id: `${no}-${nth}`, rail: 'epay', byGateway: true, amount: cny(minor) },
  })

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

  it('is held as long as nothing proves that the rest came', async () => {
    const shop = await here.newShop(['underpaid'], ['finance'])
    await here.tell(shop, totalOf('X-8', 39_900), paid('X-8', 1))
    const cent = { id: 'other', rail: 'stripe', amount: { minor: 1, currency: 'USD' } }
    await here.tell(shop, event('order.paid', 'X-8', { payment: cent }))
    expect(await here.reviews(shop)).toMatchObject([{ state: 'open', held_by_review: true }])
  })

  it('of which the cent went back is over, not paid in full', async () => {
    const shop = await here.newShop(['underpaid'], ['finance'])
    await here.tell(shop, totalOf('X-9', 39_900), paid('X-9', 1))
    await here.tell(shop, event('order.refunded', 'X-9', { refund: { id: 'r', amount: cny(1) } }))
    expect(await here.reviews(shop)).toMatchObject([{ state: 'expired', decided_by: 'closed' }])
  })

  it.each([
    ['before', { order: { total: cny(39_900) } }],
    ['after', { order: { total: cny(39_900) } }],
    ['after', { payment: { id: 'shop', amount: cny(39_900) } }],
  ])('is held, too, when the shop believes it paid %s the gateway names the sum: %j', async (when, data) => {
    const shop = await here.newShop(['underpaid'], ['finance'])
    const no = `X-10-${when}`
    const told = () => here.tell(shop, event('order.paid', no, data))
    await here.tell(shop, totalOf(no, 39_900))
    if (when === 'before') await told()
    await shop.keep([paid(no, 1)], { connection: newId('conn', MONDAY, testRandom) })
    await here.drain()
    if (when === 'after') await told()
    expect(await here.reviews(shop)).toMatchObject([{ action: 'hold', state: 'open', held_by_review: true }])
  })

  it('is only noted where nobody works in finance', async () => {
    const shop = await here.newShop(['underpaid'])
    await here.tell(shop, totalOf('X-7', 39_900), paid('X-7', 1))
    expect(await here.reviews(shop)).toMatchObject([{ action: 'flag', held_by_review: false }])
  })
})
