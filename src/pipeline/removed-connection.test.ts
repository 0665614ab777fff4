import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { connectSource, type ScriptedSource, scriptedSource } from '../../test/kit/scripted-source.ts'
import { event, MONDAY, openWorld, type TestShop, type World } from '../../test/kit/world.ts'
import { removeConnection } from '../db/connections.ts'
import { type InquiryRow, inquiriesOf } from '../db/inquiries.ts'
import { findOrder } from '../db/orders.ts'
import { bumpConfig } from '../db/shops.ts'
import type { ConnectionId } from '../domain/ids.ts'
import { MINUTE, SECOND } from '../domain/time.ts'

// What the command that takes a connection away did not see: begun by a batch that knew the connection still, or come
// from an order that merged.

let world: World
let wechat: ScriptedSource
let shop: TestShop
let connection: ConnectionId
let shops = 0

beforeAll(async () => {
  wechat = scriptedSource('wechat-pay')
  world = await openWorld({ findSource: (name) => (name === wechat.name ? wechat : undefined) })
})
afterAll(() => world.close())
beforeEach(async () => {
  world.clock.set(MONDAY)
  wechat.questions.length = 0
  shop = await world.openShop(`removed-${++shops}`)
  connection = await connectSource(world, shop, 'wechat-pay')
  const payment = { id: 'wx-1', rail: 'wechat' }
  await shop.keep([event('payment.started', 'R-1', { payment }, { time: MONDAY })])
  await world.engine.worker.drain()
})

async function remove(): Promise<void> {
  await removeConnection(world.db, shop.id, connection, Buffer.from('{}'), world.clock.now())
  await bumpConfig(world.db, shop.id)
}

/** After everything that is due then and on the way there. */
async function inquiryAt(...ms: readonly number[]): Promise<InquiryRow | undefined> {
  for (const each of ms) {
    world.clock.set(MONDAY + each)
    await world.engine.worker.drain()
  }
  const order = await findOrder(world.db, shop.id, { kind: 'order_no', value: 'R-1' })
  return (await inquiriesOf(world.db, shop.id, order!))[0]
}

const endedAt = (ms: number) => [[MONDAY + ms, 'ended', 'connection_removed']]

it.each(['unpaid', 'unknown'])('a question through it ends as soon as it is due: %s', async (kind) => {
  await world.db.query('update inquiry set kind = $2 where shop_id = $1', [shop.id, kind])
  await remove()
  const due = 5 * SECOND
  expect(await inquiryAt(due)).toMatchObject({ due_at: null, outcome: 'no_answer', log: endedAt(due) })
  expect(wechat.questions).toEqual([])
})

it('a healing whose try nobody can ask about any more ends before the ladder speaks, and not a week later', async () => {
  await world.db.query(
    `update inquiry set kind = 'platform', payment = 'wx-1', act_at = $2, act_by = 'source', act_outcome = 'unknown'
     where shop_id = $1`,
    [shop.id, MONDAY + 2 * SECOND],
  )
  await remove()
  expect(await inquiryAt(5 * SECOND)).toMatchObject({ due_at: MONDAY + 9 * MINUTE, log: [] })
  const ended = { due_at: null, outcome: 'not_healed', log: endedAt(9 * MINUTE) }
  expect(await inquiryAt(9 * MINUTE)).toMatchObject(ended)
})
