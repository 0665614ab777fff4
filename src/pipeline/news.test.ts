import { afterAll, beforeAll, expect, it } from 'vitest'
import { flowText, sendStep } from '../../test/kit/flow-texts.ts'
import { scriptedProvider } from '../../test/kit/scripted-provider.ts'
import { account, event, MONDAY, openWorld, type TestShop, type World } from '../../test/kit/world.ts'
import type { SourceEvent } from '../domain/event.ts'
import { MINUTE } from '../domain/time.ts'

let world: World
const mail = scriptedProvider('email', 'harmless')
beforeAll(async () => {
  world = await openWorld({ providers: [mail] })
})
afterAll(() => world?.close())

const open = (flows: readonly string[]) =>
  world.openShop('news', {
    accounts: [account(mail)],
    flows,
    settings: { ordersApart: 'never', capPerDay: 50 },
  })

/** Sets the clock, applies events and moves timers on. */
const atOf =
  (shop: TestShop) =>
  async (minute: number, ...events: SourceEvent[]) => {
    world.clock.set(MONDAY + minute * MINUTE)
    for (const each of events) await shop.keep([each])
    await world.engine.worker.drain()
  }
const failed = (no: string, name: string) =>
  event('payment.failed', no, {
    customer: { email: 'f@example.org' },
    order: { no, items: [{ name, quantity: 1 }] },
    payment: { id: no, failure: { code: 'x' } },
  })
const stock = (type: string, item: string) =>
  event(type, null, { extra: { stock: { item } } }, { subject: item })

it('runs keep what they wait for from news that they never wait for, and what they wait for now from news of other goods', async () => {
  const waits = (key: string, ...types: string[]) =>
    flowText({
      key,
      on: 'payment.failed',
      purpose: 'reminder',
      more: 'once: { per: order }\nstopWhen: [paid]',
      steps: [
        ...types.flatMap((type) => [
          `  - { id: wait_${type}, kind: waitFor, event: [stock.${type}], atLeast: 20m, timeout: 30m, onTimeout: over }`,
          sendStep(type),
        ]),
        '  - { id: over, kind: stop, reason: over }',
      ].join('\n'),
    })
  const shop = await open([waits('low', 'low'), waits('back', 'back'), waits('both', 'low', 'back')])
  const at = atOf(shop)
  const order = (no: string, ...goods: string[]) => {
    const made = failed(no, goods[0]!)
    const items = goods.map((name) => ({ name, quantity: 1 }))
    return { ...made, data: { ...made.data, order: { no, items } } }
  }
  await at(0, order('K-1', 'One'), order('K-2', 'Two', 'Other'))
  await at(1, stock('stock.back', 'One'), stock('stock.low', 'Two'))
  await at(2, stock('stock.low', 'One'), stock('stock.back', 'Other'))
  for (const minute of [20, 21, 40, 41]) await at(minute)
  const said = await world.rows<{ no: string; flow: string; step: string }>(
    `select o.no, m.flow, m.step from message m join orders o on o.shop_id = m.shop_id and o.id = m.order_id
     where m.shop_id = $1 order by o.no, m.flow, m.step`,
    [shop.id],
  )
  expect(said.map(({ no, flow, step }) => `${no} ${flow} ${step}`)).toEqual([
    // They are back, and now few are left: both are true.
    'K-1 back back', 'K-1 both low', 'K-1 low low',
    // What else is in the order says nothing of what runs low.
    'K-2 back back', 'K-2 both low', 'K-2 low low',
  ]) // biome-ignore format: one order a line
  // That goods are back ends what was kept of their running low.
  await at(60, order('K-3', 'Three'))
  await at(61, stock('stock.low', 'Three'))
  await at(62, stock('stock.back', 'Three'))
  for (const minute of [80, 81, 100, 101]) await at(minute)
  const last = await world.rows<{ flow: string; step: string }>(
    `select m.flow, m.step from message m join orders o on o.shop_id = m.shop_id and o.id = m.order_id
     where m.shop_id = $1 and o.no = 'K-3' order by m.flow`,
    [shop.id],
  )
  expect(last).toEqual([{ flow: 'back', step: 'back' }])
  world.clock.set(MONDAY)
})
