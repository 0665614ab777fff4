import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { testRandom } from '../../test/kit/fixed.ts'
import { flowText, REMIND, sendStep } from '../../test/kit/flow-texts.ts'
import { type ScriptedProvider, scriptedProvider } from '../../test/kit/scripted-provider.ts'
import { shopRows } from '../../test/kit/shop-rows.ts'
import {
  account,
  event,
  MONDAY,
  openWorld,
  type TestShop,
  type World,
  watched,
} from '../../test/kit/world.ts'
import { reserveSlots } from '../db/cap-slots.ts'
import { findOrder } from '../db/orders.ts'
import { newId } from '../domain/ids.ts'
import { HOUR, MINUTE, SECOND } from '../domain/time.ts'

let world: World
let mail: ScriptedProvider
let text: ScriptedProvider
let rows: ReturnType<typeof shopRows>
let shops = 0

beforeAll(async () => {
  mail = scriptedProvider('email', 'harmless')
  text = scriptedProvider('sms', 'visible')
  world = await openWorld({ providers: [mail, text] })
  rows = shopRows(world)
})
afterAll(() => world?.close())
beforeEach(() => {
  world.clock.set(MONDAY)
  mail.calls.length = 0
  text.calls.length = 0
  mail.answer = () => ({ kind: 'sent', providerRef: null })
})

const open = (settings: object = {}, flows = [REMIND]) =>
  world.openShop(`told-${++shops}`, {
    accounts: [account(mail), account(text)],
    flows,
    settings: { quiet: {}, ...settings },
  })

const customer = () => ({ email: `told${shops}@example.org`, phone: '+8613800138000' })
const failed = (no: string, more: object = {}) =>
  event('payment.failed', `${no}-${shops}`, { customer: customer(), ...more })
const orderOf = async (no: string, shop: TestShop) =>
  (await findOrder(world.db, shop.id, { kind: 'order_no', value: `${no}-${shops}` }))!
const drain = () => world.engine.worker.drain()
const states = async (shop: TestShop) =>
  (await rows.messages(shop)).map(({ state, verdict }) => `${state} ${verdict?.replace(/@[\d-]+/, '')}`)
const counted = async (shop: TestShop) =>
  (await world.rows<{ used: number }>('select used from cap where shop_id = $1 and used > 0', [shop.id])).map(
    ({ used }) => used,
  )
const EIGHT = Array.from({ length: 8 }, (_, at) => `O${at}`)

it('eight orders that fail at once are told in one mail, about the newest; the others use up nothing', async () => {
  const shop = await open()
  await shop.keep(EIGHT.map((no) => failed(no)))
  await drain()
  expect(mail.calls).toHaveLength(1)
  const messages = await rows.messages(shop)
  const spoke = messages.filter(({ state }) => state === 'sent')
  const newest = (await rows.orders(shop)).at(-1)!
  expect(spoke.map(({ order_id }) => order_id)).toEqual([newest.id])
  const silent = messages.filter(({ state }) => state !== 'sent')
  expect(silent).toHaveLength(7)
  for (const { state, verdict } of silent) expect({ state, verdict }).toEqual(DROPPED)
  expect(await counted(shop)).toEqual([1])
  // So is the next rung of their ladders.
  world.clock.set(MONDAY + HOUR)
  await drain()
  expect(mail.calls).toHaveLength(2)
  expect(await counted(shop)).toEqual([2])
})

const DROPPED = { state: 'dropped', verdict: 'drop:other_order_told' }

it('what fails a while later waits until the first has been said for long enough; then the newest speaks', async () => {
  const shop = await open()
  await shop.keep([failed('A')])
  await drain()
  for (const [minute, no] of [
    [3, 'B'],
    [6, 'C'],
  ] as const) {
    world.clock.set(MONDAY + minute * MINUTE)
    await shop.keep([failed(no)])
    await drain()
  }
  expect(await states(shop)).toEqual([
    'sent send:',
    'waiting hold:other_order_told',
    'waiting hold:other_order_told',
  ])
  world.clock.set(MONDAY + 10 * MINUTE)
  await drain()
  expect(await states(shop)).toEqual(['sent send:', 'dropped drop:other_order_told', 'sent send:'])
  expect(await counted(shop)).toEqual([2])
})

it('holds on every channel, and does not send a cascade round the other ones', async () => {
  const cascade = flowText({
    key: 'last',
    on: 'payment.failed',
    purpose: 'reminder',
    more: 'once: { per: order }\nstopWhen: [paid]',
    steps: '  - { id: last, kind: cascade, channels: [email, sms], template: hello, maxGap: 30m }',
  })
  const shop = await open({}, [cascade])
  await shop.keep([failed('A'), failed('B')])
  await drain()
  for (const minute of [1, 2, 9]) {
    world.clock.set(MONDAY + minute * MINUTE)
    await drain()
  }
  expect([mail.calls.length, text.calls.length]).toEqual([1, 0])
  // Half an hour later it is the other channel's turn, for one of them again.
  world.clock.set(MONDAY + 31 * MINUTE)
  await drain()
  expect([mail.calls.length, text.calls.length]).toEqual([1, 1])
})

it('one order goes on speaking, and the others are free again when it has not spoken after all', async () => {
  const twice = flowText({
    key: 'twice',
    on: 'payment.failed',
    purpose: 'reminder',
    more: 'once: { per: order }\nstopWhen: [paid]',
    steps: [
      sendStep('first'),
      '  - { id: pause, kind: wait, for: 2m }',
      '  - { id: second, kind: send, to: buyer, channels: [sms], template: hello }',
    ].join('\n'),
  })
  const shop = await open({}, [twice])
  mail.answer = () => ({ kind: 'rejected', blame: 'content', code: 'spam' })
  await shop.keep([failed('A')])
  await drain()
  mail.answer = () => ({ kind: 'sent', providerRef: null })
  world.clock.set(MONDAY + SECOND)
  await shop.keep([failed('B')])
  await drain()
  expect(await states(shop)).toEqual(['failed send:', 'sent send:'])
  world.clock.set(MONDAY + 2 * MINUTE + SECOND)
  await drain()
  // B goes on by SMS; A, which has said nothing, waits for it.
  expect(text.calls).toHaveLength(1)
  expect((await states(shop)).filter((each) => each.startsWith('sent'))).toHaveLength(2)
})

it('a message that is put back and then paid for leaves the word to the others', async () => {
  const shop = await open()
  mail.answer = () => ({ kind: 'retry', code: 'busy', afterMs: HOUR })
  await shop.keep([failed('A')])
  await drain()
  mail.answer = () => ({ kind: 'sent', providerRef: null })
  await shop.keep([event('order.paid', `A-${shops}`)])
  world.clock.set(MONDAY + SECOND)
  await shop.keep([failed('B')])
  await drain()
  expect(await states(shop)).toEqual(['dropped drop:paid', 'sent send:'])
})

it('leaves receipts and news of each order alone, other categories, other people, and a shop that wants none of it', async () => {
  const paid = flowText({ key: 'paid', on: 'order.paid', purpose: 'essential', steps: sendStep('tell') })
  const gone = flowText({ key: 'gone', on: 'order.cancelled', steps: sendStep('tell') })
  const other = flowText({
    key: 'other',
    on: 'payment.failed',
    purpose: 'reminder',
    more: 'stopWhen: [paid]',
    steps: sendStep('tell'),
  })
  const shop = await open({ capPerDay: 50 }, [paid, gone, REMIND, other])
  const stranger = { email: 'stranger@example.org' }
  await shop.keep([
    ...['A', 'B', 'C'].map((no) => event('order.paid', `${no}-${shops}`, { customer: customer() })),
    ...['D', 'E'].map((no) => event('order.cancelled', `${no}-${shops}`, { customer: customer() })),
    failed('F'),
    failed('G', { customer: stranger }),
  ])
  await drain()
  expect(mail.calls).toHaveLength(3 + 2 + 2 + 2)
  const all = await open({ tellOnceWithin: 'never', capPerDay: 50 })
  await all.keep(EIGHT.map((no) => failed(no)))
  await drain()
  expect(mail.calls).toHaveLength(9 + 8)
})

it('is decided by the database: what comes second between a worker’s reading and its taking is told so', async () => {
  const shop = await open({}, [])
  const to = await shop.buyer(customer())
  await shop.keep([failed('A')])
  await drain()
  await shop.plan([{ to, channel: 'email', purpose: 'reminder', orderId: await orderOf('A', shop) }])
  let stolen = false
  const thief = newId('ord', MONDAY, testRandom)
  const racing = world.another((db) =>
    watched(db, async (name) => {
      if (name !== 'cap_slot_reserve' || stolen) return
      stolen = true
      const taken = { [thief]: MONDAY }
      const slot = { holder: to.customer, counter: '=told/test', taken, most: 1, since: 0 }
      await reserveSlots(world.db as never, shop.id, [slot], MONDAY)
    }),
  )
  await racing.delivery.deliver(shop.id, 'email')
  expect(stolen).toBe(true)
  expect(mail.calls).toHaveLength(0)
  expect(await counted(shop)).toEqual([])
  await drain()
  expect(await states(shop)).toEqual(['dropped drop:other_order_told'])
})

it('is never broken by workers that claim at once', async () => {
  const workers = [world.engine, world.another(), world.another()]
  const wave = fc.record({
    orders: fc.uniqueArray(fc.integer({ min: 0, max: 5 }), { minLength: 1 }),
    after: fc.integer({ min: 1, max: 15 * 60 }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(wave, { minLength: 1, maxLength: 4 }), async (waves) => {
      world.clock.set(MONDAY)
      const shop = await open({ capPerDay: 50 }, [])
      const to = await shop.buyer(customer())
      const ids = []
      for (const no of EIGHT.slice(0, 6)) {
        await shop.keep([failed(no)])
        await drain()
        ids.push(await orderOf(no, shop))
      }
      const said: { readonly at: number; readonly order: string }[] = []
      const about = new Map<string, string>()
      const answer: ScriptedProvider['answer'] = ({ id }) => {
        const order = about.get(id)
        if (order === undefined) throw new Error(`nobody planned ${id}`)
        said.push({ at: world.clock.now(), order })
        return { kind: 'sent', providerRef: null }
      }
      mail.answer = answer
      text.answer = answer
      const everybody = () =>
        Promise.all(
          workers.map(async ({ delivery }) => {
            for (const channel of ['email', 'sms'] as const) await delivery.deliver(shop.id, channel)
          }),
        )
      let now = MONDAY
      for (const { orders, after } of waves) {
        for (const nth of orders)
          for (const channel of ['email', 'sms'] as const) {
            const orderId = ids[nth]!
            const [id] = await shop.plan([{ to, channel, purpose: 'reminder', orderId }])
            about.set(id!, orderId)
          }
        await everybody()
        now += after * SECOND
        world.clock.set(now)
        await everybody()
      }
      for (let turn = 0; turn < 4; turn++) {
        now += 10 * MINUTE
        world.clock.set(now)
        await everybody()
      }
      expect(said.length).toBeGreaterThan(0)
      for (const { at, order } of said)
        for (const other of said)
          if (other.order !== order) expect(Math.abs(other.at - at)).toBeGreaterThanOrEqual(10 * MINUTE)
    }),
    { numRuns: 8 },
  )
})
