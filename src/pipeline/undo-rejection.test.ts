import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { testRandom } from '../../test/kit/engine.ts'
import { type ScriptedProvider, scriptedProvider } from '../../test/kit/scripted-provider.ts'
import { shopRows } from '../../test/kit/shop-rows.ts'
import { account, MONDAY, openWorld, type TestShop, type World } from '../../test/kit/world.ts'
import { bumpConfig } from '../db/shops.ts'
import type { ReviewId } from '../domain/ids.ts'
import { MINUTE } from '../domain/time.ts'
import { SENT } from './delivery-scene.test-kit.ts'
import { hire, large, ruleText } from './review.test-kit.ts'
import { changeReview, type ReviewChange } from './settle-review.ts'

// A rejection that is taken back: the shop must not be asked to cancel any more, wherever the asking had got to.

const REVIEW_ORDERS = readFileSync(new URL('../../flows/review-orders.yaml', import.meta.url), 'utf8')
let world: World
let command: ScriptedProvider
let shop: TestShop
let reviews: readonly ReviewId[]
let minute = 0
let count = 0

beforeAll(async () => {
  command = scriptedProvider('command', 'harmless')
  world = await openWorld({ providers: [command] })
})
afterAll(() => world.close())
beforeEach(async () => {
  minute = 0
  world.clock.set(MONDAY)
  command.calls.length = 0
  command.answer = () => SENT
  const second = ruleText('large-order').replace('key: large-order', 'key: large-order-too')
  shop = await world.openShop(`undo-${++count}`, {
    flows: [REVIEW_ORDERS],
    rules: [ruleText('large-order'), second],
    accounts: [account(command)],
  })
  await hire(world, shop, 'operator')
  await bumpConfig(world.db, shop.id)
  await shop.keep([large(`U-${count}`)])
  await drain()
  reviews = (
    await world.rows<{ id: ReviewId }>('select id from review where shop_id = $1 order by rule', [shop.id])
  ).map(({ id }) => id)
  command.calls.length = 0
})

const drain = () => world.engine.worker.drain()
const later = (minutes: number) => {
  minute += minutes
  world.clock.set(MONDAY + minute * MINUTE)
}
const change = (to: ReviewChange, nth = 0) => {
  later(1)
  const deps = { ...world.engine, db: world.db, clock: world.clock, random: testRandom }
  const decision = { change: to, by: 'member:a', roles: null, note: null }
  return changeReview(deps, shop.id, reviews[nth]!, decision)
}
const asked = () =>
  command.calls.map(({ content }) => content.kind === 'webhook' && content.type.replace('order.', ''))
const cancels = async () =>
  (await shopRows(world).messages(shop)).flatMap(({ step, state, verdict }) =>
    step === 'cancel' ? [`${state} ${verdict}`] : [],
  )
const DOWN = { kind: 'retry', code: 'http_500', afterMs: 5 * MINUTE } as const

describe('a rejection that is taken back', () => {
  it('before the shop could be reached is not told to it, whatever tries are left', async () => {
    command.answer = () => DOWN
    await change('reject')
    await drain()
    await change('reopen')
    command.calls.length = 0
    command.answer = () => SENT
    for (const minutes of [0, 5, 30]) {
      later(minutes)
      await drain()
    }
    expect(asked()).toEqual(['hold'])
    expect(await cancels()).toEqual(['dropped drop:decision_undone'])
  })

  it('while the shop is being called is not told again', async () => {
    command.answer = async () => {
      command.answer = () => SENT
      await change('reopen')
      return DOWN
    }
    await change('reject')
    await drain()
    command.calls.length = 0
    later(10)
    await drain()
    expect(asked()).not.toContain('cancel')
    expect(await cancels()).toEqual(['dropped drop:decision_undone'])
  })

  it('before anything followed from it is not told to the shop', async () => {
    await change('reject')
    await change('reopen')
    await drain()
    expect(asked()).toEqual(['hold'])
    expect(await cancels()).toEqual(['dropped drop:decision_undone'])
  })

  it('is told when the order is rejected again', async () => {
    await change('reject')
    await change('reopen')
    await change('reject')
    await drain()
    later(1)
    await drain()
    expect(asked().at(-1)).toBe('cancel')
  })

  it('leaves what another rejection asks for', async () => {
    command.answer = () => DOWN
    await change('reject')
    await change('reject', 1)
    await drain()
    await change('reopen')
    command.answer = () => SENT
    later(10)
    command.calls.length = 0
    await drain()
    expect(asked()).toContain('cancel')
  })
})
