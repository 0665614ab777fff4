import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { REMIND } from '../../test/kit/flow-texts.ts'
import { type ScriptedProvider, scriptedProvider } from '../../test/kit/scripted-provider.ts'
import { shopRows } from '../../test/kit/shop-rows.ts'
import { account, event, MONDAY, openWorld, type TestShop, type World } from '../../test/kit/world.ts'
import { transaction } from '../db/connect.ts'
import { sealedKeyId } from '../domain/seal/sealer.ts'
import { HOUR } from '../domain/time.ts'

let world: World
let mail: ScriptedProvider
let shop: TestShop
let shops = 0

beforeAll(async () => {
  mail = scriptedProvider('email', 'harmless')
  world = await openWorld({ providers: [mail] })
})
afterAll(() => world?.close())
beforeEach(async () => {
  world.clock.set(MONDAY)
  mail.calls.length = 0
  shop = await world.openShop(`keys-${++shops}`, { flows: [REMIND], accounts: [account(mail)] })
})

const rotate = () =>
  transaction(world.db, (tx) => world.engine.keyring.rotate(tx, shop.id, world.clock.now()))
const tell = async (type: string, no: string, mailbox = no) => {
  await shop.keep([event(type, no, { customer: { email: `${mailbox}@example.org`, name: '小林' } })])
  await world.engine.worker.drain()
}
const keysIn = async (table: string, column: string) =>
  (
    await world.rows<{ value: Buffer }>(
      `select ${column} as value from ${table} where shop_id = $1 order by ${table === 'orders' ? 'no' : 'id'}`,
      [shop.id],
    )
  ).map(({ value }) => sealedKeyId(value))

describe('after a rotation', () => {
  it('what is written anew is sealed by the new key, and what the old one sealed still opens', async () => {
    await tell('payment.failed', 'a')
    await tell('payment.failed', 'b')
    await rotate()
    await tell('order.paid', 'a')
    await tell('payment.failed', 'c')
    expect(await keysIn('orders', 'facts')).toEqual([2, 1, 2])
    expect(new Set(await keysIn('event', 'body'))).toEqual(new Set([1, 2]))
    world.clock.set(MONDAY + HOUR)
    await world.engine.worker.drain()
    // First reminders of three orders, second ones of the two that are unpaid, one of them in the old key.
    expect(mail.calls).toHaveLength(5)
  })

  it('addresses are found by the same index, so that nobody becomes two', async () => {
    await tell('payment.failed', 'a', 'same')
    await rotate()
    await tell('payment.failed', 'b', 'same')
    expect(await world.rows('select 1 from contact where shop_id = $1', [shop.id])).toHaveLength(1)
  })

  it('another process reads the new key when it meets it: nothing is set aside, nothing fails', async () => {
    const other = world.another()
    await shop.keep([event('payment.failed', 'warm', { customer: { email: 'warm@example.org' } })])
    await other.worker.drain()
    await rotate()
    await tell('payment.failed', 'a')
    // All of these are sealed by a key that the other process has not seen.
    await shop.keep([event('payment.failed', 'b', { customer: { email: 'b@example.org' } })])
    await shop.keep([event('order.delivered', 'a')])
    await other.worker.drain()
    expect(await shopRows(world).stuck(shop)).toEqual([])
    world.clock.set(MONDAY + HOUR)
    other.keyring.forget(shop.id)
    await other.keyring.open(shop.id)
    await rotate()
    await tell('payment.failed', 'c')
    await shop.plan([{ channel: 'email', contactId: null }])
    await other.worker.drain()
    const failed = (await shopRows(world).messages(shop)).filter(({ state }) => state === 'failed')
    expect(failed).toEqual([])
  })

  it('a rotation that is rolled back changes nothing', async () => {
    await tell('payment.failed', 'a')
    const failing = transaction(world.db, async (tx) => {
      await world.engine.keyring.rotate(tx, shop.id, world.clock.now())
      throw new Error('changed my mind')
    })
    await expect(failing).rejects.toThrow('changed my mind')
    await tell('payment.failed', 'b')
    expect(await keysIn('orders', 'facts')).toEqual([1, 1])
  })
})
