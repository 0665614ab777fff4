import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { REMIND } from '../../test/kit/flow-texts.ts'
import { type ScriptedProvider, scriptedProvider } from '../../test/kit/scripted-provider.ts'
import { connectSource, type ScriptedSource, scriptedSource } from '../../test/kit/scripted-source.ts'
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
import { listConnections, setConnectionEnabled } from '../db/connections.ts'
import { inquiriesOf, resumeInquiries } from '../db/inquiries.ts'
import { readLag } from '../db/lag.ts'
import { findOrder } from '../db/orders.ts'
import { bumpConfig } from '../db/shops.ts'
import type { SourceEvent } from '../domain/event.ts'
import type { ConnectionId } from '../domain/ids.ts'
import { HOUR, MINUTE, type Millis, SECOND } from '../domain/time.ts'

let world: World
let mail: ScriptedProvider
let wechat: ScriptedSource
let stripe: ScriptedSource
let shop: TestShop
let connection: ConnectionId
let rows: ReturnType<typeof shopRows>
let shops = 0

beforeAll(async () => {
  mail = scriptedProvider('email', 'harmless')
  wechat = scriptedSource('wechat-pay')
  stripe = scriptedSource('stripe')
  const findSource = (name: string) => [wechat, stripe].find((source) => source.name === name)
  world = await openWorld({ providers: [mail], findSource })
  rows = shopRows(world)
})
afterAll(() => world.close())
beforeEach(async () => {
  world.clock.set(MONDAY)
  await world.db.query('delete from inquiry')
  for (const source of [wechat, stripe]) {
    source.questions.length = 0
    source.most = 0
    source.answer = () => ({ kind: 'pending' })
  }
  shop = await world.openShop(`inquire-${++shops}`, { flows: [REMIND], accounts: [account(mail)] })
  connection = await connectSource(world, shop, 'wechat-pay')
})

const drain = () => world.engine.worker.drain()
/** Travels to `ms` after the start and does what is due. */
async function go(ms: Millis): Promise<void> {
  world.clock.set(MONDAY + ms)
  await drain()
}
const begun = (no: string, expiresIn: Millis | null = 10 * MINUTE): SourceEvent =>
  event(
    'payment.started',
    no,
    {
      customer: { email: `${no}@example.org` },
      payment: { id: `wx-${no}`, rail: 'wechat' },
      ...(expiresIn === null ? {} : { order: { no, expiresAt: MONDAY + expiresIn } }),
    },
    { time: MONDAY },
  )
const paid = (no: string) => event('order.paid', no, { payment: { id: `wx-${no}`, rail: 'wechat' } })
const told = () =>
  world.rows<{ type: string; trust: string }>(
    'select type, trust from event where shop_id = $1 and trust in ($2, $3) order by id',
    [shop.id, 'queried', 'inferred'],
  )
const statusOf = async () => (await rows.orders(shop)).map(({ status }) => status)
const inquiries = async (no: string) => {
  const order = await findOrder(world.db, shop.id, { kind: 'order_no', value: no })
  return inquiriesOf(world.db, shop.id, order!)
}
const steps = async () => (await rows.messages(shop)).map(({ step, state }) => `${step} ${state}`)

describe('a payment that nobody speaks about', () => {
  it('is asked about on its clock, and has failed a minute after its order ran out', async () => {
    await shop.keep([begun('A-1')])
    const counts: number[] = []
    for (const ms of [0, 5 * SECOND, 29 * SECOND, 30 * SECOND, 3 * MINUTE, 10 * MINUTE, 11 * MINUTE - 1]) {
      await go(ms)
      counts.push(wechat.questions.length)
    }
    expect(counts).toEqual([0, 1, 1, 2, 3, 4, 4])
    expect(await told()).toEqual([])
    await go(11 * MINUTE)
    expect(wechat.questions.length).toBe(5)
    expect(await told()).toEqual([{ type: 'payment.failed', trust: 'inferred' }])
    expect(await statusOf()).toEqual(['payment_failed'])
    expect((await inquiries('A-1'))[0]).toMatchObject({ due_at: null, outcome: 'asked', asks: 5 })
    expect((await inquiries('A-1'))[0]!.log.map(([, what, code]) => [what, code])).toEqual([
      ...Array(5).fill(['pending', null]),
      ['concluded', 'unpaid_timeout'],
      ['ended', 'asked'],
    ])
  })

  it('is paid when the rail says so, and is never called failed', async () => {
    await shop.keep([begun('A-2')])
    await go(5 * SECOND)
    wechat.answer = () => ({ kind: 'events', events: [{ ...paid('A-2'), id: 'q-A-2' }] })
    await go(30 * SECOND)
    expect(await statusOf()).toEqual(['paid'])
    expect(await told()).toEqual([{ type: 'order.paid', trust: 'queried' }])
    await go(2 * HOUR)
    expect(wechat.questions.length).toBe(2)
    expect(await told()).toHaveLength(1)
  })

  it('silences everything when the success comes after all', async () => {
    await shop.keep([begun('A-3', null)])
    await go(5 * SECOND)
    await go(30 * MINUTE)
    await go(31 * MINUTE)
    expect(await steps()).toEqual(['first sent'])
    await shop.keep([paid('A-3')])
    await go(31 * MINUTE + 1)
    await go(3 * HOUR)
    expect(await statusOf()).toEqual(['paid'])
    expect(await steps()).toEqual(['first sent'])
  })

  it('has not failed while the rail gives no answer', async () => {
    wechat.answer = () => ({ kind: 'later', code: 'http_503', retryAfter: null })
    await shop.keep([begun('A-4')])
    for (let minute = 0; minute < 60; minute++) await go(minute * MINUTE)
    expect(await told()).toEqual([])
    wechat.answer = () => ({ kind: 'pending' })
    for (let minute = 60; minute < 80; minute++) await go(minute * MINUTE)
    expect(await told()).toEqual([{ type: 'payment.failed', trust: 'inferred' }])
  })

  it('has the reason that the buyer’s page gave, once its time is over', async () => {
    await shop.keep([begun('A-5')])
    const failure = { code: 'user_cancelled' }
    const said = event('payment.failed', 'A-5', { payment: { id: 'page', rail: 'wechat', failure } })
    await shop.keep([said], { trust: 'browser' })
    for (const ms of [0, 10 * MINUTE, 11 * MINUTE]) await go(ms)
    expect((await inquiries('A-5'))[0]!.log.at(-2)).toEqual([
      MONDAY + 11 * MINUTE,
      'concluded',
      'user_cancelled',
    ])
  })

  it('starts its clock anew when the buyer begins another', async () => {
    await shop.keep([begun('A-6', null)])
    await go(30 * MINUTE)
    const again = event(
      'payment.started',
      'A-6',
      { payment: { id: 'second', rail: 'wechat' } },
      { time: MONDAY + 30 * MINUTE },
    )
    await shop.keep([again])
    await drain()
    await go(31 * MINUTE)
    expect(await told()).toEqual([])
    await go(60 * MINUTE)
    await go(61 * MINUTE)
    expect(await told()).toHaveLength(1)
  })

  it('starts its clock anew also while somebody is asking about the one before', async () => {
    await shop.keep([begun('A-7', null)])
    await drain()
    const at = MONDAY + 5 * SECOND
    world.clock.set(at)
    const again = event('payment.started', 'A-7', { payment: { id: 'second', rail: 'wechat' } }, { time: at })
    let left = 1
    const asking = world.another((db) =>
      watched(db, async (name) => {
        if (name !== 'inquiry_settle' || left-- < 1) return
        await shop.keep([again])
        await drain()
      }),
    )
    await asking.worker.drain()
    expect(left).toBeLessThan(1)
    expect((await inquiries('A-7'))[0]).toMatchObject({ started_at: at, due_at: at + 5 * SECOND, asks: 0 })
  })
})

describe('a browser’s word', () => {
  it('never marks an order paid, but has the rail asked at once', async () => {
    await connectSource(world, shop, 'stripe')
    await shop.keep([event('order.created', 'B-1', {}, { time: MONDAY })])
    await shop.keep([event('order.paid', 'B-1', { payment: { id: 'x', rail: 'stripe' } })], {
      trust: 'browser',
    })
    await drain()
    expect(stripe.questions).toHaveLength(1)
    expect(await statusOf()).toEqual(['open'])
    stripe.answer = () => ({ kind: 'events', events: [{ ...paid('B-1'), id: 'q-B-1' }] })
    await shop.keep([event('order.paid', 'B-1', { payment: { id: 'y', rail: 'stripe' } })], {
      trust: 'browser',
    })
    await go(5 * SECOND)
    expect(await statusOf()).toEqual(['paid'])
  })

  it('said a hundred times is one question', async () => {
    await shop.keep([begun('B-2')])
    await go(1)
    for (let n = 0; n < 100; n++) {
      await shop.keep([event('payment.failed', 'B-2', { payment: { id: `b${n}`, rail: 'wechat' } })], {
        trust: 'browser',
      })
      if (n % 20 === 0) await drain()
    }
    await drain()
    expect(wechat.questions).toHaveLength(1)
  })

  const says = (type: string, no: string) =>
    shop.keep(
      [event(type, no, { payment: { id: `page-${no}`, rail: 'wechat' } }, { time: world.clock.now() })],
      {
        trust: 'browser',
      },
    )

  it('is a reason to ask once more when all that the clock wanted has been asked', async () => {
    await shop.keep([begun('B-4', null)])
    for (const ms of [5 * SECOND, 30 * SECOND, 3 * MINUTE, 30 * MINUTE, 31 * MINUTE, 90 * MINUTE])
      await go(ms)
    expect((await inquiries('B-4'))[0]).toMatchObject({ due_at: null, outcome: 'asked' })
    const asked = wechat.questions.length
    await go(2 * HOUR)
    await says('payment.failed', 'B-4')
    await drain()
    expect(wechat.questions).toHaveLength(asked + 1)
    expect((await inquiries('B-4'))[0]).toMatchObject({ due_at: null, outcome: 'asked' })
    wechat.answer = () => ({ kind: 'events', events: [{ ...paid('B-4'), id: 'q-B-4' }] })
    await go(2 * HOUR + MINUTE)
    await says('order.paid', 'B-4')
    await drain()
    expect(await statusOf()).toEqual(['paid'])
  })

  it('about an order that nobody else knows asks nothing', async () => {
    await shop.keep([event('order.paid', 'B-3', { payment: { id: 'x', rail: 'wechat' } })], {
      trust: 'browser',
    })
    await go(HOUR)
    expect(wechat.questions).toEqual([])
  })
})

describe('a connection whose questions only a person can set right', () => {
  it('is asked nothing more until then, and concludes nothing', async () => {
    wechat.answer = () => ({ kind: 'operator', code: 'key_revoked' })
    await shop.keep([begun('C-1', null), begun('C-2', null)])
    await go(5 * SECOND)
    const asked = wechat.questions.length
    expect(asked).toBeLessThanOrEqual(2)
    const [row] = (await listConnections(world.db, shop.id)).filter(({ id }) => id === connection)
    expect(row).toMatchObject({ asks_paused_why: 'key_revoked', asks_paused_at: MONDAY + 5 * SECOND })
    await go(90 * MINUTE)
    expect(wechat.questions.length).toBe(asked)
    expect(await told()).toEqual([])
    wechat.answer = () => ({ kind: 'pending' })
    await setConnectionEnabled(world.db, shop.id, connection, true)
    await resumeInquiries(world.db, shop.id, connection, world.clock.now())
    await bumpConfig(world.db, shop.id)
    await go(92 * MINUTE)
    expect(wechat.questions.length).toBe(asked + 2)
  })
})

describe('the lane', () => {
  it('asks through one connection no more at once and a second than its rail allows', async () => {
    await shop.keep(Array.from({ length: 30 }, (_, n) => begun(`D-${n}`)))
    await drain()
    wechat.answer = async () => {
      for (let tick = 0; tick < 20; tick++) await new Promise((resolve) => setImmediate(resolve))
      return { kind: 'pending' }
    }
    await go(5 * SECOND)
    expect(wechat.questions).toHaveLength(10)
    await go(6 * SECOND)
    await go(7 * SECOND)
    expect(wechat.questions).toHaveLength(30)
    expect(wechat.most).toBeLessThanOrEqual(4)
  })

  it('takes up what another process died in, and asks nothing twice at once', async () => {
    await shop.keep([begun('E-1')])
    await drain()
    const dying = world.another((db) =>
      watched(db, (name) => {
        if (name === 'inquiry_settle') throw new Error('the process ended')
      }),
    )
    world.clock.set(MONDAY + 5 * SECOND)
    await dying.worker.drain()
    expect(wechat.questions).toHaveLength(1)
    await drain()
    expect(wechat.questions).toHaveLength(1)
    await world.db.query("update inquiry set lease_until = '2020-01-01T00:00:00Z' where shop_id = $1", [
      shop.id,
    ])
    await drain()
    expect(wechat.questions).toHaveLength(2)
    expect((await inquiries('E-1'))[0]).toMatchObject({ asks: 1 })
  })

  it('concludes once, though it died between the conclusion and its note of it', async () => {
    await shop.keep([begun('E-2', MINUTE)])
    await drain()
    const dying = world.another((db) =>
      watched(db, (name) => {
        if (name === 'inquiry_settle') throw new Error('the process ended')
      }),
    )
    await go(MINUTE)
    world.clock.set(MONDAY + 2 * MINUTE)
    await dying.worker.drain()
    await world.db.query("update inquiry set lease_until = '2020-01-01T00:00:00Z' where shop_id = $1", [
      shop.id,
    ])
    await go(2 * MINUTE + 1)
    expect(await told()).toEqual([{ type: 'payment.failed', trust: 'inferred' }])
    expect(await world.rows('select 1 from event_conflict where shop_id = $1', [shop.id])).toEqual([])
  })

  it('goes on when a source breaks: that is no answer', async () => {
    wechat.answer = () => {
      throw new Error('a bug')
    }
    await shop.keep([begun('F-1')])
    await go(5 * SECOND)
    expect((await inquiries('F-1'))[0]).toMatchObject({ answer: 'later', asks: 1 })
  })

  it('shows in the lag how long the oldest due question waits', async () => {
    const { db, clock } = world
    await shop.keep([begun('L-1')])
    await drain()
    expect((await readLag(db, [], clock.now())).inquiries).toBe(0)
    const [row] = await inquiries('L-1')
    clock.set(row!.due_at! + 90 * SECOND)
    expect((await readLag(db, [], clock.now())).inquiries).toBe(90 * SECOND)
  })

  it('follows an order that turns out to be another’s half', async () => {
    const named = event(
      'payment.started',
      null,
      {
        refs: [{ kind: 'wx_no', value: 'half' }],
        payment: { id: 'wx-half', rail: 'wechat' },
      },
      { time: MONDAY },
    )
    await shop.keep([named, begun('G-1')])
    await drain()
    await shop.keep([event('order.created', 'G-1', { refs: [{ kind: 'wx_no', value: 'half' }] })])
    await drain()
    await go(5 * SECOND)
    expect(await inquiries('G-1')).toHaveLength(1)
    expect(wechat.questions).toHaveLength(1)
    expect(wechat.questions[0]!.refs).toEqual([
      { kind: 'order_no', value: 'G-1' },
      { kind: 'wx_no', value: 'half' },
    ])
  })
})

it('a shop that can ask nobody pays nothing for it: no statement about inquiries or tries is made', async () => {
  const seen: string[] = []
  const engine = world.another((db) => watched(db, (name) => void seen.push(name)))
  const plain = await world.openShop('plain', { flows: [REMIND] })
  await plain.keep([begun('P-1'), event('order.paid', 'P-1')])
  await engine.worker.drain()
  expect(seen).toContain('order_add')
  expect(seen.filter((name) => /^(inquiry|card_try)/.test(name))).toEqual([])
})
