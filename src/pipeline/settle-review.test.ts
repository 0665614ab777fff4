import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ScriptedProvider } from '../../test/kit/scripted-provider.ts'
import { event, type TestShop, type World } from '../../test/kit/world.ts'
import { bumpConfig } from '../db/shops.ts'
import { DAY, HOUR } from '../domain/time.ts'
import {
  failed,
  hire,
  large,
  openReviewWorld,
  type ReviewOfTest,
  type ReviewWorld,
} from './review.test-kit.ts'

let here: ReviewWorld
let world: World
let mail: ScriptedProvider
beforeAll(async () => {
  here = await openReviewWorld()
  ;({ world, mail } = here)
})
afterAll(() => world?.close())

const drain = () => here.drain()
const tell: ReviewWorld['tell'] = (...args) => here.tell(...args)
const newShop: ReviewWorld['newShop'] = (...args) => here.newShop(...args)
const reviews: ReviewWorld['reviews'] = (shop) => here.reviews(shop)
const told: ReviewWorld['told'] = (shop) => here.told(shop)
const change: ReviewWorld['change'] = (...args) => here.change(...args)

describe('of two who act at once', () => {
  async function opened() {
    const shop = await newShop(['large-order'], ['finance', 'operator'])
    await tell(shop, large('X-1'))
    return { shop, id: (await reviews(shop))[0]!.id }
  }

  it('one decides; the other hears who did; the same again changes nothing', async () => {
    const { shop, id } = await opened()
    const both = await Promise.all([
      change(shop, id, { change: 'approve', by: 'member:a' }),
      change(shop, id, { change: 'reject', by: 'member:b' }),
    ])
    expect(both.map(({ kind }) => kind).sort()).toEqual(['done', 'settled'])
    const winner = both.find(({ kind }) => kind === 'done') as {
      review: { decided_by: string; state: string }
    }
    const loser = both.find(({ kind }) => kind === 'settled') as { review: { decided_by: string } }
    expect(loser.review.decided_by).toBe(winner.review.decided_by)
    const again = await change(shop, id, {
      change: winner.review.state === 'approved' ? 'approve' : 'reject',
      by: winner.review.decided_by,
    })
    expect(again).toMatchObject({ kind: 'done', changed: false })
    await drain()
    expect((await told(shop)).filter(({ type }) => type === 'review.decided')).toHaveLength(1)
    expect(await world.rows('select action from audit where shop_id = $1', [shop.id])).toHaveLength(1)
  })

  it('a decision and a time-out leave it decided, whichever came first', async () => {
    for (let round = 0; round < 5; round++) {
      const { shop, id } = await opened()
      world.clock.set(world.clock.now() + 4 * HOUR)
      await Promise.all([change(shop, id, {}), drain()])
      await drain()
      expect(await reviews(shop)).toMatchObject([{ state: 'approved', due_at: null, held_by_review: false }])
    }
  })

  it('a payment and a decision leave the order free and nothing reminded', async () => {
    for (let round = 0; round < 5; round++) {
      const shop = await newShop(['repeated-failure'])
      for (let nth = 1; nth <= 5; nth++) await tell(shop, failed('P-1', nth))
      mail.calls.length = 0
      const [{ id }] = (await reviews(shop)) as [ReviewOfTest]
      await shop.keep([event('order.paid', 'P-1', { payment: { id: 'p' } })])
      await Promise.all([change(shop, id, {}), drain()])
      await drain()
      const [row] = await reviews(shop)
      expect(['approved', 'expired']).toContain(row!.state)
      expect(row).toMatchObject({ held_by_review: false, due_at: null })
      expect(mail.calls).toEqual([])
    }
  })
})

describe('passing a review on', () => {
  const escalations = async (shop: TestShop) =>
    (await told(shop)).filter(({ type }) => type === 'review.escalated').map(({ tell }) => tell)

  it('puts it to the next role once; to the last one it is not put again, by whomever', async () => {
    const shop = await newShop(['unauthorised'], ['finance', 'support', 'operator'])
    await tell(shop, event('payment.unauthorised', 'E-1', { payment: { id: 'e' } }))
    const [{ id }] = (await reviews(shop)) as [ReviewOfTest]
    expect(await change(shop, id, { change: 'escalate' })).toMatchObject({
      kind: 'done',
      review: { level: 1 },
    })
    expect(await change(shop, id, { change: 'escalate', by: 'member:b' })).toMatchObject({
      review: { level: 2 },
    })
    const before = await reviews(shop)
    for (const by of ['member:b', 'member:c'])
      expect(await change(shop, id, { change: 'escalate', by })).toMatchObject({ kind: 'furthest' })
    expect(await reviews(shop)).toEqual(before)
    await drain()
    expect(await escalations(shop)).toEqual(['support', 'operator'])
    expect(await world.rows('select action from audit where shop_id = $1', [shop.id])).toHaveLength(2)
  })

  it('to somebody who was asked already under another role is refused', async () => {
    const shop = await newShop(['large-order'])
    await hire(world, shop, 'finance', 'operator')
    await bumpConfig(world.db as never, shop.id)
    await tell(shop, large('E-2'))
    const [{ id }] = (await reviews(shop)) as [ReviewOfTest]
    expect(await change(shop, id, { change: 'escalate' })).toMatchObject({ kind: 'furthest' })
    expect(await escalations(shop)).toEqual([])
  })

  it('by two people in the moment its time is over goes one role further, not round again', async () => {
    const shop = await newShop(['large-order'], ['finance', 'operator'])
    await tell(shop, large('E-3'))
    const [{ id }] = (await reviews(shop)) as [ReviewOfTest]
    world.clock.set(world.clock.now() + 4 * HOUR)
    await Promise.all([
      change(shop, id, { change: 'escalate', by: 'member:a' }),
      change(shop, id, { change: 'escalate', by: 'member:b' }),
      drain(),
    ])
    await drain()
    expect(await escalations(shop)).toEqual(['operator'])
  })
})

describe('a decision', () => {
  it('is for those the rule names', async () => {
    const shop = await newShop(['large-order'], ['finance'])
    await tell(shop, large('Y-1'))
    const [{ id }] = (await reviews(shop)) as [ReviewOfTest]
    expect(await change(shop, id, { roles: ['support'] })).toMatchObject({ kind: 'forbidden' })
    expect(await change(shop, id, { roles: ['finance'], change: 'reject', note: '假单' })).toMatchObject({
      kind: 'done',
    })
    expect((await told(shop)).at(-1)).toMatchObject({ outcome: 'rejected', command: 'cancel_order' })
  })

  it('can be taken back within a day, and holds the order again', async () => {
    const shop = await newShop(['large-order'], ['finance'])
    await tell(shop, large('Z-1'))
    const [{ id }] = (await reviews(shop)) as [ReviewOfTest]
    expect(await change(shop, id, { change: 'reopen' })).toMatchObject({ kind: 'late' })
    await change(shop, id, {})
    await drain()
    expect((await told(shop)).at(-1)).toMatchObject({ outcome: 'approved', command: 'release_order' })
    expect(await change(shop, id, { change: 'reopen', by: 'member:b' })).toMatchObject({ kind: 'done' })
    await drain()
    expect(await reviews(shop)).toMatchObject([{ state: 'open', decided_by: null, held_by_review: true }])
    expect((await told(shop)).at(-1)).toMatchObject({ type: 'review.opened', command: 'hold_order' })
    await change(shop, id, {})
    world.clock.set(world.clock.now() + DAY)
    expect(await change(shop, id, { change: 'reopen' })).toMatchObject({ kind: 'late' })
  })

  it('releases the shop only when nothing else holds the order', async () => {
    const shop = await newShop(['large-order', 'unauthorised'], ['finance'])
    await tell(shop, large('W-1'))
    await tell(shop, event('payment.unauthorised', 'W-1', { payment: { id: 'w' } }))
    const [one, two] = (await reviews(shop)) as [ReviewOfTest, ReviewOfTest]
    await change(shop, one.id, {})
    await drain()
    expect((await told(shop)).at(-1)).toMatchObject({ outcome: 'approved', command: '' })
    await change(shop, two.id, {})
    await drain()
    expect((await told(shop)).at(-1)).toMatchObject({ outcome: 'approved', command: 'release_order' })
  })
})
