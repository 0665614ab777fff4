import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RECEIVED, REMIND } from '../../test/kit/flow-texts.ts'
import { type ScriptedProvider, scriptedProvider } from '../../test/kit/scripted-provider.ts'
import { account, event, MONDAY, openWorld, type TestShop, type World } from '../../test/kit/world.ts'
import { savePreferences } from '../db/contacts.ts'
import { findOrder } from '../db/orders.ts'
import type { CustomerId } from '../domain/ids.ts'
import { DAY, HOUR, MINUTE } from '../domain/time.ts'
import { replayOrder, replaySince } from './replay.ts'

/** A few days of a shop, recorded: reminders by day and night, caps, a window, refusals, payments, a retry. */

let world: World
let mail: ScriptedProvider
let shop: TestShop
let shops = 0

beforeAll(async () => {
  mail = scriptedProvider('email', 'harmless')
  world = await openWorld({ providers: [mail] })
  shop = await record()
}, 60_000)
afterAll(() => world?.close())

const deps = () => ({
  db: world.db,
  keyring: world.engine.keyring,
  configs: world.engine.configs,
})
const everything = (of: TestShop, change = {}) => replaySince(deps(), of.id, 0, world.clock.now(), change)

async function record(): Promise<TestShop> {
  const made = await world.openShop(`replay-${++shops}`, {
    accounts: [account(mail)],
    flows: [REMIND, RECEIVED],
    settings: {
      quiet: { email: [{ from: '22:00', to: '08:00' }] },
      capPerDay: 2,
      caps: [{ name: 'remind', max: 3, within: '72h', of: { purpose: 'reminder' } }],
    },
  })
  const at = async (hours: number, ...events: ReturnType<typeof event>[]) => {
    world.clock.set(MONDAY + hours * HOUR)
    await made.keep(events.map((each) => ({ ...each, time: world.clock.now() })))
    await world.engine.worker.drain()
  }
  const office = { email: 'office@example.org', segment: 'office' }
  const other = { email: 'other@example.org', timeZone: 'Asia/Tokyo' }
  await at(
    0,
    event('order.created', 'R-1', { customer: office }),
    event('payment.failed', 'R-1', { customer: office }),
  )
  await at(1, event('payment.failed', 'R-2', { customer: other }))
  mail.answer = () => ({ kind: 'retry', code: 'busy', afterMs: 20 * MINUTE })
  await at(3, event('payment.failed', 'R-3', { customer: other }))
  mail.answer = () => ({ kind: 'sent', providerRef: null })
  await at(3.5)
  await at(3.6, event('order.paid', 'R-3', { customer: other, payment: { id: 'p3' } }))
  await at(5, event('order.paid', 'R-2', { customer: other, payment: { id: 'p2' } }))
  await at(13, event('payment.failed', 'R-4', { customer: office }))
  const [row] = await world.rows<{ id: CustomerId }>(
    `select customer_id as id from orders where shop_id = $1 and no = 'R-4'`,
    [made.id],
  )
  await savePreferences(world.db, made.id, row!.id, { off: ['email:reminder'] })
  for (let hour = 14; hour < 96; hour += 3) {
    const later = hour % 24 < 3 ? [event('payment.failed', `R-${hour}`, { customer: other })] : []
    await at(hour, ...later)
  }
  // Held over the night: it still waits when the log ends.
  await at(109, event('payment.failed', 'R-LAST', { customer: other }))
  return made
}

describe('a recorded log', () => {
  it('gives the same decisions when it is replayed', async () => {
    const { differences, verdicts, runs, unrecorded } = await everything(shop)
    expect(differences).toEqual([])
    expect(verdicts).toBeGreaterThan(8)
    expect(runs).toBeGreaterThanOrEqual(5)
    // Dropped by the payment while they waited: no gate was asked.
    expect(unrecorded).toBeLessThanOrEqual(2)
    const kinds = await world.rows<{ kind: string }>(
      `select distinct split_part(v.verdict, '@', 1) as kind from (
         select verdict from message where shop_id = $1 union select verdict from message_work where shop_id = $1) as v`,
      [shop.id],
    )
    expect(kinds.map(({ kind }) => kind?.split(':')[0])).toEqual(
      expect.arrayContaining(['drop', 'hold', 'send']),
    )
  })

  it('shows what another policy would have decided', async () => {
    const { differences } = await everything(shop, { quiet: {}, windows: {} })
    expect(differences.length).toBeGreaterThan(0)
    for (const each of differences) expect(each.recorded).toMatch(/quiet_hours|send_window|window_skipped/)
    const strict = await everything(shop, { dropBelow: 'urgent' })
    expect(strict.differences.some(({ replayed }) => replayed.includes('low_priority'))).toBe(true)
  })

  it('shows a verdict and a run that were not what the rules give', async () => {
    const other = await record()
    const [message] = await world.rows<{ id: string }>(
      `update message set verdict = replace(verdict, 'send', 'drop') where shop_id = $1 and state = 'sent' and order_id is not null returning id`,
      [other.id],
    )
    expect(message).toBeDefined()
    await world.db.query(
      `update run set stop_reason = 'closed' where shop_id = $1 and flow = 'remind' and stop_reason = 'paid'`,
      [other.id],
    )
    const { differences } = await everything(other)
    expect(new Set(differences.map(({ what }) => what))).toEqual(new Set(['verdict', 'run']))
  })

  it('of one order is replayed alone', async () => {
    const order = (await findOrder(world.db, shop.id, { kind: 'order_no', value: 'R-2' }))!
    const one = await replayOrder(deps(), shop.id, order, world.clock.now())
    expect(one).toMatchObject({ runs: 1, differences: [] })
    expect(one.verdicts).toBeGreaterThan(0)
    expect(world.clock.now()).toBeGreaterThan(MONDAY + 3 * DAY)
  })
})
