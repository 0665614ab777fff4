import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { testRandom } from '../../test/kit/fixed.ts'
import { REMIND } from '../../test/kit/flow-texts.ts'
import { type ScriptedProvider, scriptedProvider } from '../../test/kit/scripted-provider.ts'
import { shopRows } from '../../test/kit/shop-rows.ts'
import {
  account,
  type Buyer,
  event,
  MONDAY,
  openWorld,
  type PlanOptions,
  type TestShop,
  type World,
  watched,
} from '../../test/kit/world.ts'
import { reserveSlots } from '../db/cap-slots.ts'
import { findOrder } from '../db/orders.ts'
import type { CustomerId, MessageId } from '../domain/ids.ts'
import { newId } from '../domain/ids.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../domain/time.ts'

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

interface Scene {
  readonly shop: TestShop
  readonly buyer: Buyer
}

async function open(settings: object): Promise<Scene> {
  const accounts = [account(mail), account(text)]
  const shop = await world.openShop(`caps-${++shops}`, {
    accounts,
    flows: [REMIND],
    settings: { quiet: {}, capPerDay: 50, ordersApart: 'never', ...settings },
  })
  return { shop, buyer: await shop.buyer({ email: `caps${shops}@example.org`, phone: '+8613800138000' }) }
}

const drain = () => world.engine.worker.drain()
const many = ({ buyer }: Scene, n: number, options: PlanOptions = {}): PlanOptions[] =>
  Array.from({ length: n }, () => ({ to: buyer, channel: 'email', purpose: 'reminder', ...options }))
const states = async ({ shop }: Scene) =>
  (await rows.messages(shop)).map(({ state, verdict }) => `${state} ${verdict?.replace(/@\d+/, '')}`).sort()
const slots = async ({ shop }: Scene) =>
  Object.fromEntries(
    (
      await world.rows<{ counter: string; n: number }>(
        `select counter, (select count(*)::int from jsonb_object_keys(taken)) as n from cap_slot
         where shop_id = $1 and taken <> '{}' order by counter`,
        [shop.id],
      )
    ).map(({ counter, n }) => [counter, n]),
  )
const days = async ({ shop }: Scene) =>
  world.rows('select day::text, used from cap where shop_id = $1 and used > 0', [shop.id])

describe('caps of a shop’s own making', () => {
  it('hold a rolling window to the minute, on any channel', async () => {
    const scene = await open({
      caps: [{ name: 'remind', max: 2, within: '72h', of: { purpose: 'reminder' } }],
    })
    await scene.shop.plan(many(scene, 1))
    await drain()
    world.clock.set(MONDAY + 10 * HOUR)
    const later = { expiresAt: MONDAY + 10 * DAY }
    await scene.shop.plan([
      ...many(scene, 2, { channel: 'sms', ...later }),
      ...many(scene, 1, { purpose: 'service' }),
    ])
    await drain()
    expect(mail.calls.length + text.calls.length).toBe(3)
    expect(await states(scene)).toContain('waiting hold:cap_window')
    const [{ due_at } = { due_at: 0 }] = await world.rows<{ due_at: number }>(
      'select due_at from message_work where shop_id = $1',
      [scene.shop.id],
    )
    expect(due_at).toBe(MONDAY + 72 * HOUR)
    world.clock.set(MONDAY + 72 * HOUR)
    await drain()
    expect(mail.calls.length + text.calls.length).toBe(4)
    // Only what still counts is kept.
    expect(await slots(scene)).toEqual({ remind: 2 })
  })

  it('count a channel, a category and each template by the receiver’s day', async () => {
    const scene = await open({
      caps: [
        { name: 'sms', max: 1, within: 'day', of: { channel: 'sms' } },
        { name: 'orders', max: 1, within: 'day', of: { category: 'orders' } },
        {
          name: 'notice',
          max: 2,
          within: '24h',
          to: 'address',
          each: 'template',
          of: { channel: 'email' },
          all: true,
        },
      ],
    })
    await scene.shop.plan([
      ...many(scene, 2, { channel: 'sms' }),
      ...many(scene, 2, { channel: 'email', category: 'orders' }),
      ...many(scene, 2, { channel: 'email', purpose: 'essential' }),
    ])
    await drain()
    expect(await states(scene)).toEqual(
      expect.arrayContaining([
        'waiting hold:cap_channel',
        'waiting hold:cap_category',
        'waiting hold:cap_window',
      ]),
    )
    expect(text.calls).toHaveLength(1)
    // One of the orders category, then one essential until the address has its two of this template.
    expect(mail.calls).toHaveLength(2)
    expect(await slots(scene)).toEqual({ 'notice/hello': 2, 'orders@2026-11-23': 1, 'sms@2026-11-23': 1 })
  })

  it('move a slot along with a retry, and free it when the message was refused', async () => {
    const scene = await open({ caps: [{ name: 'remind', max: 1, within: '1h' }] })
    mail.answer = (_, nth) =>
      nth === 1 ? { kind: 'retry', code: 'busy', afterMs: 30 * MINUTE } : { kind: 'sent', providerRef: null }
    const [first] = await scene.shop.plan(many(scene, 1))
    await drain()
    world.clock.set(MONDAY + 31 * MINUTE)
    await drain()
    const [row] = await world.rows<{ taken: object }>('select taken from cap_slot where shop_id = $1', [
      scene.shop.id,
    ])
    expect(row!.taken).toEqual({ [first!]: MONDAY + 31 * MINUTE })
    world.clock.set(MONDAY + 2 * HOUR)
    mail.answer = () => ({ kind: 'rejected', blame: 'content', code: 'spam' })
    await scene.shop.plan(many(scene, 1))
    await drain()
    expect(mail.calls).toHaveLength(3)
    // The first left the window; the refused one gave its slot back.
    expect(await slots(scene)).toEqual({})
  })

  it('hold with the right reason what loses the race for a slot, and keep no other slot for it', async () => {
    const scene = await open({ caps: [{ name: 'sms', max: 1, within: 'day', of: { channel: 'sms' } }] })
    await scene.shop.plan(many(scene, 1, { channel: 'sms' }))
    // Between this worker's reading and its reserving somebody else takes the slot.
    const thief = newId('msg', MONDAY, testRandom)
    const racing = world.another((db) =>
      watched(db, async (name) => {
        if (name !== 'cap_reserve') return
        await reserveSlots(
          world.db as never,
          scene.shop.id,
          [
            {
              holder: scene.buyer.customer,
              counter: 'sms@2026-11-23',
              taken: { [thief]: MONDAY },
              most: 1,
              since: 0,
            },
          ],
          MONDAY,
        )
      }),
    )
    await racing.delivery.deliver(scene.shop.id, 'sms')
    expect(text.calls).toHaveLength(0)
    expect(await states(scene)).toEqual(['waiting hold:cap_channel'])
    expect(await days(scene)).toEqual([])
    expect(await slots(scene)).toEqual({ 'sms@2026-11-23': 1 })
  })

  it('are never broken by any number of workers that claim at once', async () => {
    const workers = [world.engine, world.another(), world.another()]
    await fc.assert(
      fc.asyncProperty(policies, waves, async ({ day, rolling, hours }, all) => {
        world.clock.set(MONDAY)
        const scene = await open({
          capPerDay: 4,
          caps: [
            { name: 'sms', max: day, within: 'day', of: { channel: 'sms' } },
            { name: 'any', max: rolling, within: `${hours}h` },
          ],
        })
        const sent: { readonly at: number; readonly channel: string }[] = []
        const answer: ScriptedProvider['answer'] = ({ shop, channel }) => {
          if (shop === scene.shop.id) sent.push({ at: world.clock.now(), channel })
          return { kind: 'sent', providerRef: null }
        }
        mail.answer = answer
        text.answer = answer
        const everybody = () =>
          Promise.all(
            workers.map(async ({ delivery }) => {
              for (const channel of CHANNELS) await delivery.deliver(scene.shop.id, channel)
            }),
          )
        let now = MONDAY
        for (const { mails, texts, after } of all) {
          const life = { expiresAt: now + 4 * DAY }
          await scene.shop.plan([
            ...many(scene, mails, life),
            ...many(scene, texts, { ...life, channel: 'sms' }),
          ])
          await everybody()
          now += after * MINUTE
          world.clock.set(now)
          await everybody()
        }
        for (let turn = 0; turn < 6; turn++) {
          now += 11 * HOUR + 7 * SECOND
          world.clock.set(now)
          await everybody()
        }
        const within = (from: number) => sent.filter(({ at }) => at >= from && at < from + hours * HOUR)
        for (const { at } of sent) expect(within(at).length).toBeLessThanOrEqual(rolling)
        const texted = sent.filter(({ channel }) => channel === 'sms')
        for (const each of Map.groupBy(texted, shanghaiDay).values())
          expect(each.length).toBeLessThanOrEqual(day)
        for (const each of Map.groupBy(sent, shanghaiDay).values()) expect(each.length).toBeLessThanOrEqual(4)
        expect(sent.length > 0).toBe(all.some(({ mails, texts }) => mails + texts > 0))
      }),
      { numRuns: 10 },
    )
  })
})

const CHANNELS = ['email', 'sms'] as const
const shanghaiDay = ({ at }: { readonly at: number }) => Math.floor((at + 8 * HOUR) / DAY)
const few = fc.integer({ min: 0, max: 4 })
const waves = fc.array(fc.record({ mails: few, texts: few, after: fc.integer({ min: 1, max: 2_000 }) }), {
  minLength: 1,
  maxLength: 4,
})
const policies = fc.record({
  day: fc.integer({ min: 1, max: 3 }),
  rolling: fc.integer({ min: 1, max: 3 }),
  hours: fc.constantFrom(1, 24, 72),
})

describe('slots of what does not leave after all', () => {
  const rule = { caps: [{ name: 'remind', max: 2, within: '72h' }] }

  /** A reminder of order `no` that a gate has reserved for and put back unsent. */
  async function putBack(scene: Scene, no: string, more: PlanOptions = {}): Promise<MessageId> {
    await scene.shop.keep([event('payment.started', no)])
    await drain()
    const orderId = await findOrder(world.db, scene.shop.id, { kind: 'order_no', value: no })
    const [id] = await scene.shop.plan(many(scene, 1, { orderId, stops: ['paid'], ...more }))
    mail.answer = () => ({ kind: 'retry', code: 'busy', afterMs: HOUR })
    await drain()
    mail.answer = () => ({ kind: 'sent', providerRef: null })
    expect(await slots(scene)).toEqual({ remind: 1 })
    expect(await days(scene)).toEqual([{ day: '2026-11-23', used: 1 }])
    return id!
  }

  it('are free again when the order is paid', async () => {
    const scene = await open(rule)
    await putBack(scene, `FREE-${shops}`)
    await scene.shop.keep([event('order.paid', `FREE-${shops}`)])
    await drain()
    expect(await states(scene)).toEqual(['dropped drop:paid'])
    expect(await slots(scene)).toEqual({})
    expect(await days(scene)).toEqual([])
  })

  it('are free again when a newer message takes its place', async () => {
    const scene = await open(rule)
    await putBack(scene, `NEWER-${shops}`, { collapseKey: 'remind' })
    // Published by the flow of the same collapse key: the newer replaces the older.
    await scene.shop.keep([
      event('payment.failed', `NEWER-${shops}`, { customer: { email: `caps${shops}@example.org` } }),
    ])
    await drain()
    expect((await states(scene)).filter((each) => each === 'dropped drop:replaced')).toHaveLength(1)
    expect(await slots(scene)).toEqual({ remind: 1 })
    expect(await days(scene)).toEqual([{ day: '2026-11-23', used: 1 }])
  })

  it('are free again when two orders turn out to be one', async () => {
    const scene = await open(rule)
    const customer = { email: `caps${shops}@example.org` }
    mail.answer = () => ({ kind: 'retry', code: 'busy', afterMs: HOUR })
    const left = { kind: 'stripe_pi', value: `pi_${shops}` }
    await scene.shop.keep([event('payment.failed', `ONE-${shops}`, { customer })])
    await scene.shop.keep([{ ...event('payment.failed', null, { customer, refs: [left] }), subject: null }])
    await drain()
    expect(await slots(scene)).toEqual({ remind: 2 })
    await scene.shop.keep([event('payment.started', `ONE-${shops}`, { refs: [left] })])
    await drain()
    expect((await states(scene)).filter((each) => each === 'dropped drop:order_merged')).toHaveLength(1)
    expect(await slots(scene)).toEqual({ remind: 1 })
    expect(await days(scene)).toEqual([{ day: '2026-11-23', used: 1 }])
  })

  it('become the survivor’s when two customers turn out to be one', async () => {
    const scene = await open(rule)
    const other = await scene.shop.buyer({ email: `other${shops}@example.org` })
    await scene.shop.plan([...many(scene, 1), { to: other, channel: 'email', purpose: 'reminder' }])
    await drain()
    await scene.shop.keep([
      event('customer.updated', null, {
        customer: { email: `caps${shops}@example.org`, externalId: `u${shops}` },
      }),
      event('customer.updated', null, {
        customer: { email: `other${shops}@example.org`, externalId: `u${shops}` },
      }),
    ])
    await drain()
    const holders = await world.rows<{ holder: CustomerId; n: number }>(
      `select holder, (select count(*)::int from jsonb_object_keys(taken)) as n from cap_slot as s join customer as c
         on c.shop_id = s.shop_id and c.id = s.holder
       where s.shop_id = $1 and c.merged_into is null`,
      [scene.shop.id],
    )
    expect(holders).toEqual([{ holder: expect.any(String), n: 2 }])
  })
})
