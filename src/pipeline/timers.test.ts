import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { quietLog, testRandom } from '../../test/kit/engine.ts'
import { REMIND } from '../../test/kit/flow-texts.ts'
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
import { NO_RETRIES } from '../domain/healing/rules.ts'
import { HOUR, MINUTE } from '../domain/time.ts'
import { decide } from './decide.ts'

let world: World
let mail: ScriptedProvider
let rows: ReturnType<typeof shopRows>
let shop: TestShop
let shops = 0

beforeAll(async () => {
  mail = scriptedProvider('email', 'harmless')
  world = await openWorld({ providers: [mail] })
  rows = shopRows(world)
})
afterAll(() => world?.close())
beforeEach(async () => {
  world.clock.set(MONDAY)
  shop = await world.openShop(`timers-${++shops}`, { flows: [REMIND], accounts: [account(mail)] })
})

const drain = () => world.engine.worker.drain()
const fails = async (...orders: string[]) => {
  await shop.keep(
    orders.map((no) => event('payment.failed', no, { customer: { email: `${no}@example.org` } })),
  )
  await drain()
}
/** Applies events, and moves no timer on. */
const decideOnly = () => {
  const { keyring, configs, recall } = world.engine
  const { db, clock } = world
  const deps = {
    db,
    keyring,
    configs,
    recall,
    clock,
    random: testRandom,
    retries: () => NO_RETRIES,
    log: quietLog,
  }
  return decide(deps, shop.id, 100)
}
/** The instant that a message's id is made from. */
const instantIn = (id: string) => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)
const steps = async () => (await rows.messages(shop)).map(({ step, state }) => `${step} ${state}`).sort()

describe('a run whose time has come', () => {
  it('goes on, however late, and not before', async () => {
    await fails('late')
    world.clock.set(MONDAY + HOUR - 1)
    await drain()
    expect(await steps()).toEqual(['first sent'])
    world.clock.set(MONDAY + 3 * HOUR)
    await drain()
    expect(await steps()).toEqual(['first sent', 'second sent'])
    expect((await rows.runs(shop))[0]).toMatchObject({ status: 'done', due_at: null })
  })

  it('goes on once when several processes find it due', async () => {
    const orders = Array.from({ length: 30 }, (_, at) => `many-${at}`)
    await fails(...orders)
    world.clock.set(MONDAY + HOUR)
    const others = [world.another(), world.another()]
    await Promise.all([drain(), ...others.map((other) => other.worker.drain())])
    await drain()
    expect(await steps()).toEqual([...Array(30).fill('first sent'), ...Array(30).fill('second sent')])
  })

  it('does nothing when the order is paid between finding it due and taking it', async () => {
    await fails('paid')
    world.clock.set(MONDAY + HOUR)
    let once = true
    const slow = world.another((db) =>
      watched(db, async (name) => {
        if (name !== 'run_claim_due' || !once) return
        once = false
        // Its order is locked by now: the payment's event is kept, but can be applied only afterwards.
        await shop.keep([event('order.paid', 'paid')])
      }),
    )
    await slow.worker.drain()
    await drain()
    // Planned before anybody knew, stopped at the gate by the marker.
    expect(await steps()).toEqual(['first sent', 'second dropped'])
    expect((await rows.messages(shop)).find(({ step }) => step === 'second')?.verdict).toBe('drop:paid')
  })

  it('has stopped when the payment was applied between finding it due and taking it', async () => {
    await fails('stopped')
    world.clock.set(MONDAY + HOUR)
    let once = true
    const slow = world.another((db) =>
      watched(db, async (name) => {
        if (name !== 'order_lock' || !once) return
        once = false
        await shop.keep([event('order.paid', 'stopped')])
        await decideOnly()
      }),
    )
    await slow.worker.drain()
    expect(await steps()).toEqual(['first sent'])
  })

  it('waits for its turn when its order was merged between finding it due and taking it', async () => {
    await shop.keep([event('payment.started', 'older')])
    await drain()
    world.clock.set(MONDAY + 1)
    await fails('merged')
    world.clock.set(MONDAY + HOUR + MINUTE)
    let once = true
    const slow = world.another((db) =>
      watched(db, async (name) => {
        if (name !== 'order_lock' || !once) return
        once = false
        const refs = ['older', 'merged'].map((value) => ({ kind: 'order_no', value }))
        await shop.keep([event('payment.started', null, { refs })])
        // The one who merges has a clock that is behind: for it the run is not due yet.
        world.clock.set(MONDAY + HOUR - MINUTE)
        await decideOnly()
        world.clock.set(MONDAY + HOUR + MINUTE)
      }),
    )
    await slow.worker.drain()
    await drain()
    // Planned without its order, the message would know of no payment.
    const alive = (await rows.orders(shop)).filter((order) => order.merged_into === null)
    expect((await rows.messages(shop)).map(({ step, order_id }) => [step, order_id])).toEqual([
      ['first', alive[0]!.id],
      ['second', alive[0]!.id],
    ])
  })
})

describe('a run that cannot go on', () => {
  it('says the same message when somebody else looks at the run before its timer does', async () => {
    await fails('T-EVENT', 'T-TIMER')
    world.clock.set(MONDAY + 4 * HOUR)
    await shop.keep([event('order.updated', 'T-EVENT', { order: { no: 'T-EVENT', title: 'a new title' } })])
    await decideOnly()
    await drain()
    const [byEvent, byTimer] = (await rows.messages(shop))
      .filter(({ step }) => step === 'second')
      .map(({ id }) => instantIn(id))
    expect([byEvent, byTimer]).toEqual([MONDAY + HOUR, MONDAY + HOUR])
  })

  it('is stopped with the reason when its flow version is gone', async () => {
    await fails('gone')
    await world.db.query('delete from flow_version where shop_id = $1', [shop.id])
    world.clock.set(MONDAY + HOUR)
    await world.another().worker.drain()
    expect((await rows.runs(shop))[0]).toMatchObject({
      status: 'stopped',
      stop_reason: 'flow_version_gone',
      due_at: null,
    })
  })

  it('does not stand in the way of others: it is stopped, they go on', async () => {
    await fails('fine', 'broken')
    await world.db.query(
      `update orders set facts = set_byte(facts, 60, 255 - get_byte(facts, 60)) where shop_id = $1
         and id = (select order_id from order_ref where shop_id = $1 and value = 'broken')`,
      [shop.id],
    )
    world.clock.set(MONDAY + HOUR)
    await drain()
    expect(await steps()).toEqual(['first sent', 'first sent', 'second sent'])
    expect((await rows.runs(shop)).map((run) => `${run.status} ${run.stop_reason}`).sort()).toEqual([
      'done null',
      'stopped broken',
    ])
  })

  it('is not found due again and again when nothing follows from its timer', async () => {
    await fails('odd')
    // No advance leaves a run like this; a fault of ours, or a hand in the database, might.
    await world.db.query("update run set status = 'stopped', due_at = $2 where shop_id = $1", [
      shop.id,
      MONDAY,
    ])
    await drain()
    expect((await rows.runs(shop))[0]).toMatchObject({ due_at: null })
  })
})
