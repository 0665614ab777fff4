import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { event } from '../../test/kit/world.ts'
import { failed, large, openReviewWorld, type ReviewWorld } from './review.test-kit.ts'

let here: ReviewWorld
beforeAll(async () => {
  here = await openReviewWorld()
})
afterAll(() => here?.world.close())

describe('high-value orders in a row', () => {
  it('are told once: what later happens to one of them is listed and stays quiet', async () => {
    const shop = await here.newShop(['high-value-row', 'large-order'], ['finance'])
    for (const no of ['W-1', 'W-2', 'W-3']) await here.tell(shop, large(no, 300_000))
    for (const no of ['W-2', 'W-1', 'W-3', 'W-2']) await here.tell(shop, failed(no, 1))
    const rows = await here.reviews(shop)
    expect(rows.map(({ no }) => no).toSorted()).toEqual(['W-1', 'W-2', 'W-3'])
    expect((await here.told(shop)).map(({ quiet }) => quiet)).toEqual([false, true, true])
    await here.tell(shop, large('W-4', 300_000))
    expect((await here.told(shop)).map(({ quiet }) => quiet)).toEqual([false, true, true, true])
  })

  it('are told when the event that completes them is not the first of its order', async () => {
    const shop = await here.newShop(['high-value-row'], ['finance'])
    const unnamed = event('order.created', 'Y-2', { customer: { email: 'buyer@example.org' } })
    await here.tell(shop, large('Y-1'), unnamed, large('Y-3'))
    expect(await here.reviews(shop)).toEqual([])
    await here.tell(shop, event('payment.failed', 'Y-2', large('Y-2').data))
    expect((await here.told(shop)).map(({ quiet }) => quiet)).toEqual([false])
  })
})
