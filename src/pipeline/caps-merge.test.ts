import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type ScriptedProvider, scriptedProvider } from '../../test/kit/scripted-provider.ts'
import { waitUntil } from '../../test/kit/wait-until.ts'
import {
  account,
  event,
  MONDAY,
  openWorld,
  type TestShop,
  type World,
  watched,
} from '../../test/kit/world.ts'
import type { Purpose } from '../domain/message.ts'
import { DAY, SECOND } from '../domain/time.ts'
import type { Engine } from './engine.ts'

// Two processes on one database: one reserves a slot for a customer, the other finds out that he is part of another.
// Where each of them stands when the other goes on is said by the name of a statement.

let world: World
let mail: ScriptedProvider
let count = 0

beforeAll(async () => {
  mail = scriptedProvider('email', 'harmless')
  world = await openWorld({ providers: [mail] })
})
afterAll(() => world.close())
beforeEach(() => {
  world.clock.set(MONDAY)
  mail.calls.length = 0
  mail.answer = () => ({ kind: 'sent', providerRef: null })
})

const drain = () => world.engine.worker.drain()

/** A process in which something happens once, right before the first `name` that follows `after`. */
function stoppedAt(name: string, after: string, happens: () => Promise<unknown>): Engine {
  let reached = false
  let done = false
  return world.another((db) =>
    watched(db, async (each) => {
      reached ||= each === after
      if (done || !reached || each !== name) return
      done = true
      await happens()
    }),
  )
}

/**
 * A shop with a buyer who has had her one reminder, and another address that is taken for somebody else’s. `elder`: a
 * third one, known before both, who survives when she is the same person too.
 */
async function open(purpose: Purpose, settings: object, { elder = false } = {}) {
  const words = { channel: 'email', purpose, expiresAt: MONDAY + 10 * DAY } as const
  const nr = ++count
  const shop = await world.openShop(`two-of-one-${nr}`, {
    accounts: [account(mail)],
    settings: { quiet: {}, capPerDay: 50, ...settings },
  })
  const [email, alias, externalId] = [`one${nr}@example.org`, `two${nr}@example.org`, `u${nr}`]
  const told = (customer: object) => shop.keep([event('customer.updated', null, { customer })])
  const third = { email: `elder${nr}@example.org` }
  if (elder) await shop.buyer(third)
  await told({ email, externalId })
  await drain()
  await shop.plan([{ to: await shop.buyer({ email }), ...words }])
  await drain()
  expect(mail.calls).toHaveLength(1)
  world.clock.set(MONDAY + SECOND)
  const other = await shop.buyer({ email: alias })
  return {
    shop,
    plan: () => shop.plan([{ to: other, ...words }]),
    /** That both are one, for whoever decides next. */
    tell: () => told({ email: alias, externalId }),
    tellElder: () => told({ ...third, externalId }),
  }
}

/** Slots that are counted for those who are part of nobody else. */
const counted = ({ id }: TestShop) =>
  world.rows<{ day: number; own: number }>(
    `select coalesce((select sum(used)::int from cap where shop_id = $1 and customer_id = c.id), 0) as day,
       coalesce((select sum((select count(*) from jsonb_object_keys(taken)))::int
         from cap_slot where shop_id = $1 and holder = c.id), 0) as own
     from customer as c where shop_id = $1 and merged_into is null`,
    [id],
  )

const waitsForLock = async () =>
  (
    await world.rows(
      `select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    )
  ).length > 0

/** Of what no day's cap counts, so that nothing but this reserves. */
const own = { name: 'codes', max: 1, within: '72h', all: true, of: { purpose: 'essential' } }

describe.each([
  {
    kind: 'of the day',
    purpose: 'reminder',
    settings: { capPerDay: 1 },
    reserve: 'cap_reserve',
    merge: 'customer_merge_caps',
    drops: 'cap_release',
    slots: [1, 0],
  },
  {
    kind: 'of the shop’s own caps',
    purpose: 'essential',
    settings: { caps: [own] },
    reserve: 'cap_slot_reserve',
    merge: 'customer_merge_counters',
    drops: 'cap_slot_read',
    slots: [0, 1],
  },
] as const)(
  'slots $kind, at the moment in which two customers become one',
  ({ purpose, settings, reserve, merge, drops, slots: [day, slot] }) => {
    const times = (n: number) => [{ day: day * n, own: slot * n }]

    it('are not taken for who has just become part of another', async () => {
      const { shop, plan, tell } = await open(purpose, settings)
      await plan()
      await tell()
      await stoppedAt(reserve, reserve, drain).delivery.deliver(shop.id, 'email')
      await drain()
      expect([mail.calls.length, await counted(shop)]).toEqual([1, times(1)])
    })

    it('are not taken for who is about to; nor is that waited for', async () => {
      const { shop, plan, tell } = await open(purpose, settings)
      await tell()
      const reached = Promise.withResolvers<void>()
      const goOn = Promise.withResolvers<void>()
      const slow = stoppedAt('commit', 'customer_merge_mark', () => {
        reached.resolve()
        return goOn.promise
      })
      const merging = slow.worker.drain()
      await reached.promise
      await plan()
      await world.engine.delivery.deliver(shop.id, 'email')
      goOn.resolve()
      await merging
      await drain()
      expect([mail.calls.length, await counted(shop)]).toEqual([1, times(1)])
    })

    it('move along when they were taken before', async () => {
      const { shop, plan, tell } = await open(purpose, settings)
      await plan()
      await tell()
      let merging: Promise<unknown> = Promise.resolve()
      const quick = stoppedAt('commit', reserve, async () => {
        let over = false
        merging = drain().finally(() => {
          over = true
        })
        await waitUntil('the merge is over or waits', async () => over || (await waitsForLock()))
      })
      await quick.delivery.deliver(shop.id, 'email')
      await merging
      expect([mail.calls.length, await counted(shop)]).toEqual([2, times(2)])
    })

    it('are the survivor’s no more when the gate drops it just after', async () => {
      const { shop, plan, tell } = await open(purpose, settings)
      mail.answer = () => ({ kind: 'retry', code: 'busy', afterMs: SECOND })
      await plan()
      await drain()
      await tell()
      world.clock.set(MONDAY + 11 * DAY)
      const gate = stoppedAt(drops, 'work_claim_due', () => world.engine.worker.drain())
      await gate.delivery.deliver(shop.id, 'email')
      expect(await counted(shop)).toEqual(times(1))
    })

    describe('of a message that the provider refuses', () => {
      /** The other address has a message at the provider, who says no when `refuse` is called. */
      async function atProvider(options?: { elder: boolean }) {
        const scene = await open(purpose, settings, options)
        const said = Promise.withResolvers<void>()
        mail.answer = async () => {
          await said.promise
          return { kind: 'rejected', blame: 'content', code: 'spam' }
        }
        await scene.plan()
        let over = false
        const calling = world.engine.delivery.deliver(scene.shop.id, 'email').finally(() => {
          over = true
        })
        await waitUntil('it is at the provider', async () => mail.calls.length === 2)
        expect((await counted(scene.shop)).filter((each) => each.day + each.own > 0)).toHaveLength(2)
        return {
          ...scene,
          /** Resolves when the slot is given back, or waits for somebody. */
          async refuse() {
            said.resolve()
            await waitUntil('it is settled or waits', async () => over || (await waitsForLock()))
          },
          calling,
        }
      }

      it.each([
        ['before the merge takes the slots along', merge, merge],
        ['when the merge has them but is not over', 'commit', 'customer_merge_mark'],
      ])('are the survivor’s no more: %s', async (_when, name, after) => {
        const { shop, tell, refuse, calling } = await atProvider()
        await tell()
        await stoppedAt(name, after, refuse).worker.drain()
        await calling
        expect(await counted(shop)).toEqual(times(1))
      })

      it('are the survivor’s no more when the merge is over, and when that one is part of a third', async () => {
        const { shop, tell, tellElder, refuse, calling } = await atProvider({ elder: true })
        await tell()
        await drain()
        await tellElder()
        await drain()
        expect(await counted(shop)).toEqual(times(2))
        await refuse()
        await calling
        expect(await counted(shop)).toEqual(times(1))
      })
    })
  },
)
