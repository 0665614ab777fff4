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
import { ofOrder } from '../domain/gate/slot-entry.ts'
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
  text.answer = () => ({ kind: 'sent', providerRef: null })
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

it('eight orders that fail at once are told one after the other, the newest first, up to the cap', async () => {
  const shop = await open()
  await shop.keep(EIGHT.map((no) => failed(no)))
  await drain()
  expect(mail.calls).toHaveLength(1)
  const messages = await rows.messages(shop)
  const newest = (await rows.orders(shop)).at(-1)!
  expect(messages.filter(({ state }) => state === 'sent').map(({ order_id }) => order_id)).toEqual([
    newest.id,
  ])
  const waiting = messages.filter(({ state }) => state !== 'sent')
  expect(waiting).toHaveLength(7)
  for (const { state, verdict } of waiting) expect(`${state} ${verdict?.replace(/@[\d-]+/, '')}`).toBe(WAITS)
  expect(await counted(shop)).toEqual([1])
  const calls: number[] = []
  for (let minute = 5; minute <= 60; minute += 5) {
    world.clock.set(MONDAY + minute * MINUTE)
    await drain()
    calls.push(mail.calls.length)
  }
  expect(calls).toEqual([1, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 3])
})

const WAITS = 'waiting hold:other_order_told'

it('what fails a while later waits its turn; then the newest is told of first', async () => {
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
  expect(await states(shop)).toEqual(['sent send:', WAITS, WAITS])
  world.clock.set(MONDAY + 10 * MINUTE)
  await drain()
  expect(await states(shop)).toEqual(['sent send:', WAITS, 'sent send:'])
  world.clock.set(MONDAY + 20 * MINUTE)
  await drain()
  expect(await states(shop)).toEqual(['sent send:', 'sent send:', 'sent send:'])
})

it('none is lost for one that never leaves: refused, or put back and then paid', async () => {
  const shop = await open()
  mail.answer = () => ({ kind: 'rejected', blame: 'content', code: 'spam' })
  await shop.keep([failed('A'), failed('B')])
  await drain()
  expect((await states(shop)).toSorted()).toEqual(['failed send:', WAITS])
  mail.answer = () => ({ kind: 'retry', code: 'busy', afterMs: HOUR })
  world.clock.set(MONDAY + 10 * MINUTE)
  await drain()
  const paid = ['A', 'B'].map((no) => event('order.paid', `${no}-${shops}`))
  await shop.keep([failed('C'), ...paid])
  mail.answer = () => ({ kind: 'sent', providerRef: null })
  await drain()
  // What was put back held no turn any more.
  expect((await states(shop)).toSorted()).toEqual(['dropped drop:paid', 'failed send:', 'sent send:'])
})

it('one that could not go later goes at once: its order is about to expire', async () => {
  const shop = await open()
  const soon = MONDAY + 8 * MINUTE
  const order = { no: `B-${shops}`, expiresAt: soon }
  await shop.keep([failed('A')])
  await drain()
  await shop.keep([failed('B', { order })])
  await drain()
  expect(await states(shop)).toEqual(['sent send:', 'sent send:'])
})

it('a second channel that is refused does not take back what the order has said', async () => {
  const both = flowText({
    key: 'both',
    on: 'payment.failed',
    purpose: 'reminder',
    more: 'once: { per: order }\nstopWhen: [paid]',
    steps: '  - { id: all, kind: cascade, mode: parallel, channels: [email, sms], template: hello }',
  })
  const shop = await open({}, [both])
  text.answer = () => ({ kind: 'rejected', blame: 'content', code: 'spam' })
  await shop.keep([failed('A')])
  await drain()
  expect((await states(shop)).toSorted()).toEqual(['failed send:', 'sent send:'])
  world.clock.set(MONDAY + 2 * MINUTE)
  await shop.keep([failed('B')])
  await drain()
  expect(mail.calls).toHaveLength(1)
})

it('holds on every channel, while the order that was told of goes on through its own', async () => {
  const cascade = flowText({
    key: 'last',
    on: 'payment.failed',
    purpose: 'reminder',
    more: 'once: { per: order }\nstopWhen: [paid]',
    steps: '  - { id: last, kind: cascade, channels: [email, sms], template: hello, maxGap: 2m }',
  })
  const shop = await open({ capPerDay: 50 }, [cascade])
  await shop.keep([failed('A'), failed('B')])
  await drain()
  const told = (await rows.messages(shop)).find(({ state }) => state === 'sent')!.order_id
  for (const minute of [1, 2, 3, 9]) {
    world.clock.set(MONDAY + minute * MINUTE)
    await drain()
  }
  const sent = (await rows.messages(shop)).filter(({ state }) => state === 'sent')
  expect(sent.map(({ order_id }) => order_id)).toEqual([told, told])
  expect([mail.calls.length, text.calls.length]).toEqual([1, 1])
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
  const all = await open({ ordersApart: 'never', capPerDay: 50 })
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
      const taken = { [ofOrder(thief, newId('msg', MONDAY, testRandom))]: MONDAY }
      const slot = { holder: to.customer, counter: '=told/test', taken, most: 1, since: 0 }
      await reserveSlots(world.db as never, shop.id, [slot], MONDAY)
    }),
  )
  await racing.delivery.deliver(shop.id, 'email')
  expect(stolen).toBe(true)
  expect(mail.calls).toHaveLength(0)
  expect(await counted(shop)).toEqual([])
  await drain()
  expect(await states(shop)).toEqual([WAITS])
})

it('is never broken by workers that claim at once', async () => {
  const workers = [world.engine, world.another(), world.another()]
  const fates = fc.array(fc.constantFrom('sent', 'sent', 'rejected', 'retry'), { maxLength: 12 })
  const wave = fc.record({
    orders: fc.uniqueArray(fc.integer({ min: 0, max: 5 }), { minLength: 1 }),
    after: fc.integer({ min: 1, max: 15 * 60 }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(wave, { minLength: 1, maxLength: 4 }), fates, async (waves, answers) => {
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
      let asked = 0
      const answer: ScriptedProvider['answer'] = ({ id }) => {
        const order = about.get(id)
        if (order === undefined) throw new Error(`nobody planned ${id}`)
        const kind = answers[asked++] ?? 'sent'
        if (kind === 'rejected') return { kind, blame: 'content', code: 'spam' }
        if (kind === 'retry') return { kind, code: 'busy', afterMs: 2 * MINUTE }
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
      for (let turn = 0; turn < 60; turn++) {
        now += 2 * MINUTE
        world.clock.set(now)
        await everybody()
      }
      const left = await states(shop)
      for (const each of left) expect(each).toMatch(/^(sent send:|failed send:)/)
      for (const { at, order } of said)
        for (const other of said)
          if (other.order !== order) expect(Math.abs(other.at - at)).toBeGreaterThanOrEqual(10 * MINUTE)
    }),
    { numRuns: 8 },
  )
})
