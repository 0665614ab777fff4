import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { testRandom } from '../../test/kit/engine.ts'
import { event, openWorld, type TestShop, type World, watched } from '../../test/kit/world.ts'
import { connect } from '../db/connect.ts'
import { Fault } from '../domain/errors.ts'
import type { ConnectionId } from '../domain/ids.ts'
import { createIntake } from './intake.ts'

let world: World
let shop: TestShop
let shops = 0

beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world?.close())
beforeEach(async () => {
  shop = await world.openShop(`intake-${++shops}`)
})

const count = async (table: string) =>
  (
    await world.rows<{ n: number }>(`select count(*)::int as n from ${table} where shop_id = $1`, [shop.id])
  )[0]!.n
const outcomes = (kept: readonly { outcome: string }[]) => kept.map(({ outcome }) => outcome)
const codeOf = (error: unknown) => (error instanceof Fault ? error.code : `no fault: ${error}`)

describe('what came before', () => {
  it('is known by connection and id: a repeat is a duplicate of the first, whatever its time says', async () => {
    const one = event('payment.failed', 'A-1')
    const [first] = await shop.keep([one])
    const [again] = await shop.keep([{ ...one, time: one.time + 5_000 }])
    expect(again).toEqual({ outcome: 'duplicate', id: first!.id })
    const [elsewhere] = await shop.keep([one], { connection: randomUUID() as ConnectionId })
    expect(elsewhere!.outcome).toBe('accepted')
    expect(await count('event')).toBe(2)
    expect(await count('todo')).toBe(2)
  })

  it('keeps another body under the same id as a conflict, once for each body, and never applies it', async () => {
    const one = event('payment.failed', 'B-1')
    const [first] = await shop.keep([one])
    const other = { ...one, data: { ...one.data, extra: { changed: true } } }
    for (const body of [other, other, { ...one, type: 'order.paid' }]) {
      expect(await shop.keep([body])).toEqual([{ outcome: 'conflict', id: first!.id }])
    }
    expect(await count('event_conflict')).toBe(2)
    expect(await count('event')).toBe(1)
    // Nor does a conflict mark anything paid.
    expect(await count('order_ref')).toBe(0)
  })

  it('is known by its content where the sender has no ids', async () => {
    const one = event('order.paid', 'C-1', {}, { id: null })
    const [first] = await shop.keep([one])
    expect(await shop.keep([{ ...one, time: one.time + 1 }])).toEqual([
      { outcome: 'duplicate', id: first!.id },
    ])
    const [other] = await shop.keep([event('order.paid', 'C-2', {}, { id: null })])
    expect(other!.outcome).toBe('accepted')
  })

  it('may be in the same batch: the first stands', async () => {
    const one = event('payment.failed', 'D-1')
    const kept = await shop.keep([one, event('payment.failed', 'D-2'), one, { ...one, subject: 'changed' }])
    expect(outcomes(kept)).toEqual(['accepted', 'accepted', 'duplicate', 'conflict'])
    expect(kept[2]!.id).toBe(kept[0]!.id)
    expect(await count('todo')).toBe(2)
  })

  it('may come to two processes at once: each event is accepted by exactly one of them', async () => {
    const other = world.another()
    const events = Array.from({ length: 60 }, (_, at) => event('order.paid', `E-${at}`))
    const tries = events.flatMap((one, at) => [
      shop.keep([one, events[(at * 7) % 60]!]),
      shop.keep([events[(at * 11) % 60]!, one], { engine: other }),
    ])
    const kept = (await Promise.all(tries)).flat()
    expect(outcomes(kept).filter((outcome) => outcome === 'accepted')).toHaveLength(60)
    expect(outcomes(kept).filter((outcome) => outcome === 'conflict')).toHaveLength(0)
    expect(await count('todo')).toBe(60)
  })
})

describe('the paid marker', () => {
  const markers = () =>
    world.rows<{ value: string; order_id: string | null; paid_xid: string | null }>(
      'select value, order_id, paid_xid::text from order_ref where shop_id = $1 and paid_at is not null order by value',
      [shop.id],
    )

  it('is committed with the event, for every name of the order, known or not', async () => {
    const paid = event('order.paid', 'P-1', { refs: [{ kind: 'stripe_pi', value: 'pi_1' }] })
    await shop.keep([paid])
    const found = await markers()
    expect(found.map(({ value, order_id }) => ({ value, order_id }))).toEqual([
      { value: 'P-1', order_id: null },
      { value: 'pi_1', order_id: null },
    ])
    const [kept] = await world.rows<{ xmin: string }>('select xmin::text from event where shop_id = $1', [
      shop.id,
    ])
    // One transaction wrote both: the marker's id is that of the event's row (its low 32 bits).
    expect(BigInt(found[0]!.paid_xid!) & 0xffffffffn).toBe(BigInt(kept!.xmin))
  })

  it('keeps its first transaction when payment is proven again', async () => {
    await shop.keep([event('order.paid', 'P-2')])
    const [first] = await markers()
    await shop.keep([event('order.paid', 'P-2')])
    expect(await markers()).toEqual([first])
  })

  it('never comes from a browser, nor from other events', async () => {
    await shop.keep([event('order.paid', 'P-3')], { trust: 'browser' })
    await shop.keep([event('payment.failed', 'P-3'), event('order.delivered', 'P-3')])
    expect(await markers()).toEqual([])
  })
})

describe('commits', () => {
  it('are shared by requests that come at once', async () => {
    let commits = 0
    const engine = world.another((db) => watched(db, (name) => void (name === 'commit' && commits++)))
    await shop.keep([event('payment.failed', 'G-0')], { engine })
    commits = 0
    const asked = Array.from({ length: 100 }, (_, at) =>
      shop.keep([event('payment.failed', `G-${at}`)], { engine }),
    )
    await Promise.all(asked)
    expect(commits).toBeLessThanOrEqual(4)
    expect(await count('event')).toBe(101)
  })

  it('are tried again after a deadlock, unseen by the sender', async () => {
    await shop.keep([event('order.paid', 'H-1'), event('order.paid', 'H-2')])
    await world.db.query('update order_ref set paid_at = null where shop_id = $1', [shop.id])
    const waiting = Promise.withResolvers<void>()
    await world.db.withClient(async (client) => {
      const take = (value: string) =>
        client.query('select from order_ref where shop_id = $1 and value = $2 for update', [shop.id, value])
      await client.query('begin')
      await take('H-2')
      const engine = world.another((db) =>
        watched(db, (name) => void (name === 'intake_mark_paid' && waiting.resolve())),
      )
      const refs = [
        { kind: 'order_no', value: 'H-1' },
        { kind: 'order_no', value: 'H-2' },
      ]
      const keeping = shop.keep([event('order.paid', null, { refs })], { engine })
      await waiting.promise
      await untilBlocked(1)
      // We hold H-2 and want H-1, which the intake holds while it wants H-2.
      await take('H-1')
      await client.query('commit')
      expect(outcomes(await keeping)).toEqual(['accepted'])
    })
  })

  async function untilBlocked(n: number): Promise<void> {
    for (let blocked = 0; blocked < n; ) {
      const [row] = await world.rows<{ n: number }>(
        "select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
      )
      blocked = row!.n
    }
  }

  it('of other shops do not wait for an order that somebody works on', async () => {
    const other = await world.openShop(`intake-${++shops}`)
    await shop.keep([event('order.paid', 'L-1')])
    await world.db.query('update order_ref set paid_at = null where shop_id = $1', [shop.id])
    await world.db.withClient(async (client) => {
      await client.query('begin')
      await client.query("select from order_ref where shop_id = $1 and value = 'L-1' for update", [shop.id])
      const held = [1, 2, 3].map(() => shop.keep([event('order.paid', 'L-1')]))
      // More than the two shared commits could carry, had they to wait.
      for (let n = 0; n < 5; n++) {
        expect(outcomes(await other.keep([event('order.paid', `M-${n}`)]))).toEqual(['accepted'])
      }
      await client.query('commit')
      expect((await Promise.all(held)).map(outcomes)).toEqual([['accepted'], ['accepted'], ['accepted']])
    })
  })

  it('that break off are no acknowledgement, and the same event sent again is kept once', async () => {
    let cut = true
    const engine = world.another((db) =>
      watched(db, async (name) => {
        if (name !== 'commit' || !cut) return
        cut = false
        await world.db.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and state = 'idle in transaction'`,
        )
      }),
    )
    const one = event('order.paid', 'I-1')
    await expect(shop.keep([one], { engine }).catch(codeOf)).resolves.toBe('DATABASE_UNAVAILABLE')
    const [kept] = await shop.keep([one], { engine })
    expect(['accepted', 'duplicate']).toContain(kept!.outcome)
    expect(await count('event')).toBe(1)
    expect(await count('todo')).toBe(1)
  })
})

describe('refusing', () => {
  it('says DATABASE_UNAVAILABLE to all who wait when the database is gone, and counts nobody as waiting', async () => {
    const db = connect({ url: 'postgres://nobody@127.0.0.1:1/nowhere' })
    const intake = createIntake({
      db,
      keyring: world.engine.keyring,
      clock: world.clock,
      random: testRandom,
      onKept: () => {},
    })
    const sender = { shop: shop.id, connection: shop.connection, trust: 'signed' } as const
    const tries = Array.from({ length: 20 }, () => intake.keep(sender, [event('order.paid', 'J')]))
    expect(await Promise.all(tries.map((one) => one.catch(codeOf)))).toEqual(
      Array.from({ length: 20 }, () => 'DATABASE_UNAVAILABLE'),
    )
    expect(intake.waiting()).toBe(0)
    await intake.idle()
    await db.close()
  })

  it('says OVERLOADED when more wait than fit, keeps those it took, and takes again afterwards', async () => {
    const gate = Promise.withResolvers<void>()
    const slow = watched(world.db, (name) => (name === 'commit' ? gate.promise : undefined))
    const intake = createIntake({
      db: slow,
      keyring: world.engine.keyring,
      clock: world.clock,
      random: testRandom,
      onKept: () => {},
      maxWaiting: 10,
    })
    const sender = { shop: shop.id, connection: shop.connection, trust: 'signed' } as const
    const batch = (n: number) => Array.from({ length: n }, (_, at) => event('payment.failed', `K-${at}`))
    const taken = [intake.keep(sender, batch(6)), intake.keep(sender, batch(4))]
    await expect(intake.keep(sender, batch(1)).catch(codeOf)).resolves.toBe('OVERLOADED')
    gate.resolve()
    expect((await Promise.all(taken)).flat()).toHaveLength(10)
    expect(outcomes(await intake.keep(sender, batch(10)))).toEqual(Array(10).fill('accepted'))
    expect(await count('event')).toBe(20)
  })
})
