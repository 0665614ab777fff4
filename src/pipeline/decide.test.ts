import { describe, expect, it } from 'vitest'
import { RECEIVED, REFUNDED, REMIND } from '../../test/kit/flow-texts.ts'
import { event, MONDAY, type TestShop } from '../../test/kit/world.ts'
import { setAccountState } from '../db/accounts.ts'
import { retryStuck } from '../db/todo.ts'
import type { OrderRef, SourceEvent } from '../domain/event.ts'
import type { OrderFacts } from '../domain/order/facts.ts'
import { viewOrder } from '../domain/order/view.ts'
import { HOUR } from '../domain/time.ts'
import { mailScene } from './mail-scene.test-kit.ts'

const scene = mailScene('decide')
const { rows, newShop, drain, tell } = scene

const ref = (kind: string, value: string): OrderRef => ({ kind, value })
const named = (type: string, refs: OrderRef[], data: Partial<SourceEvent['data']> = {}) =>
  event(type, null, { refs, ...data })

/** Keeps what flows plan waiting: nothing leaves until the account is resumed. */
const pause = async (shop: TestShop) => {
  const [row] = await scene.world.rows<{ id: never }>('select id from account where shop_id = $1', [shop.id])
  await setAccountState(scene.world.db, shop.id, row!.id, 'paused', 'test', MONDAY)
  await scene.world.db.query('update shop set config_version = config_version + 1 where id = $1', [shop.id])
}

describe('orders', () => {
  const one = ref('order_no', 'X-1')
  const two = ref('stripe_pi', 'pi_x')
  const three = ref('woo', '77')
  const story = () => [
    named('order.created', [one]),
    named('payment.failed', [two]),
    named('payment.failed', [three]),
    named('order.paid', [one, two]),
    named('order.delivered', [two, three]),
  ]

  it.each([
    ['in one batch', [[0, 1, 2, 3, 4]]],
    ['one by one', [[0], [1], [2], [3], [4]]],
    ['backwards', [[4], [3], [2], [1], [0]]],
    ['joined last', [[0, 1, 2], [4], [3]]],
    [
      'joined first',
      [
        [3, 4],
        [2, 1, 0],
      ],
    ],
  ])('are the connected components of their names, told %s', async (_, batches) => {
    const shop = await newShop()
    const events = story()
    for (const batch of batches) await tell(shop, ...batch.map((at) => events[at]!))
    const alive = (await rows.orders(shop)).filter((order) => order.merged_into === null)
    expect(alive).toHaveLength(1)
    expect(alive[0]!.status).toBe('delivered')
    const refs = await scene.world.rows('select distinct order_id from order_ref where shop_id = $1', [
      shop.id,
    ])
    expect(refs).toEqual([{ order_id: alive[0]!.id }])
  })

  it('stay apart when they share no name', async () => {
    const shop = await newShop()
    await tell(shop, named('order.paid', [one]), named('payment.failed', [two]), named('order.created', []))
    expect((await rows.orders(shop)).map((order) => order.status).sort()).toEqual(['paid', 'payment_failed'])
  })

  it('end the same in whatever order their events arrive', async () => {
    const shop = await newShop()
    const history = (order: string): SourceEvent[] => {
      const refs = [ref('stripe_pi', `pi_${order}`)]
      const customer = { email: `${order}@example.org`, name: '小林' }
      const at = (minutes: number) => ({ time: MONDAY - HOUR + minutes * 60_000 })
      const total = { minor: 9900, currency: 'CNY' }
      return [
        event(
          'payment.failed',
          order,
          { payment: { id: 'p1', failure: { code: 'card_declined' } }, customer },
          at(1),
        ),
        event('order.paid', order, { refs, payment: { id: 'p2', amount: total }, order: { total } }, at(2)),
        event(
          'order.refunded',
          null,
          { refs, refund: { id: 'r1', amount: { minor: 100, currency: 'CNY' } } },
          at(3),
        ),
        event('order.created', order, { customer: { ...customer, name: '林' } }, at(0)),
      ]
    }
    const plans = permutations([0, 1, 2, 3]).map((order, at) => ({ order, events: history(`perm-${at}`) }))
    for (let round = 0; round < 4; round++) {
      await tell(shop, ...plans.map(({ order, events }) => events[order[round]!]!))
    }
    const { sealer } = await scene.world.engine.keyring.open(shop.id)
    const alive = (await rows.orders(shop)).filter((order) => order.merged_into === null)
    expect(alive).toHaveLength(24)
    const views = alive.map((order) => {
      const place = { shop: shop.id, column: 'orders.facts', row: order.id }
      return { ...viewOrder(JSON.parse(sealer.openText(order.facts, place)) as OrderFacts), no: null }
    })
    for (const view of views) expect(view).toEqual(views[0])
    expect(views[0]).toMatchObject({ status: 'partly_refunded', customerName: '小林' })
    const people = await scene.world.rows(
      'select 1 from customer where shop_id = $1 and merged_into is null',
      [shop.id],
    )
    expect(people).toHaveLength(24)
  })
})

const permutations = (items: number[]): number[][] =>
  items.length < 2
    ? [items]
    : items.flatMap((item) =>
        permutations(items.filter((each) => each !== item)).map((rest) => [item, ...rest]),
      )

describe('merging orders', () => {
  const buyer = { customer: { email: 'm@example.org' } }

  it('joins their runs: one goes on, the other is stopped, its message dropped with that reason', async () => {
    const shop = await newShop([REMIND])
    await pause(shop)
    await tell(shop, named('payment.failed', [ref('a', '1')], buyer))
    await tell(shop, named('payment.failed', [ref('b', '1')], buyer))
    await tell(shop, named('payment.started', [ref('a', '1'), ref('b', '1')]))
    const alive = (await rows.orders(shop)).find((order) => order.merged_into === null)!
    const runs = await rows.runs(shop)
    expect(runs.map((run) => [run.status, run.stop_reason, run.subject_id === alive.id]).sort()).toEqual([
      ['active', null, true],
      ['stopped', 'order_merged', false],
    ])
    const messages = await rows.messages(shop)
    expect(messages.map(({ state, verdict }) => [state, verdict?.split(':')[1]]).sort()).toEqual([
      ['dropped', 'order_merged'],
      ['waiting', 'account_paused'],
    ])
  })

  it('keeps messages of runs that only look alike: two refunds are two messages', async () => {
    const shop = await newShop([REFUNDED])
    await pause(shop)
    const refund = (kind: string, id: string) =>
      named('order.refunded', [ref(kind, '1')], {
        ...buyer,
        refund: { id, amount: { minor: 5, currency: 'CNY' } },
      })
    await tell(shop, refund('a', 're_1'))
    await tell(shop, refund('b', 're_2'))
    await tell(shop, named('payment.started', [ref('a', '1'), ref('b', '1')]))
    expect((await rows.messages(shop)).map(({ state }) => state)).toEqual(['waiting', 'waiting'])
    expect(new Set((await rows.messages(shop)).map(({ order_id }) => order_id)).size).toBe(1)
  })

  it('works for three at once when two of them have the same run', async () => {
    const shop = await newShop([REMIND])
    await tell(shop, named('payment.started', [ref('a', '1')]))
    await tell(shop, named('payment.failed', [ref('b', '1')], buyer))
    await tell(shop, named('payment.failed', [ref('c', '1')], buyer))
    await tell(shop, named('payment.started', [ref('a', '1'), ref('b', '1'), ref('c', '1')]))
    expect(await rows.stuck(shop)).toEqual([])
    const alive = (await rows.orders(shop)).filter((order) => order.merged_into === null)
    expect(alive).toHaveLength(1)
    const active = (await rows.runs(shop)).filter((run) => run.status === 'active')
    expect(active.map((run) => run.subject_id)).toEqual([alive[0]!.id])
  })

  it('stops the unpaid half by the marker of the paid one', async () => {
    const shop = await newShop([REMIND])
    await pause(shop)
    await tell(shop, named('payment.failed', [ref('a', '1')], buyer), named('order.paid', [ref('b', '1')]))
    expect((await rows.messages(shop)).map(({ state }) => state)).toEqual(['waiting'])
    await tell(shop, named('payment.started', [ref('a', '1'), ref('b', '1')]))
    expect((await rows.runs(shop))[0]).toMatchObject({ status: 'stopped', stop_reason: 'paid' })
    scene.world.clock.set(MONDAY + 2 * HOUR)
    await drain()
    expect((await rows.messages(shop)).map(({ state }) => state)).toEqual(['dropped'])
    scene.world.clock.set(MONDAY)
  })
})

describe('two processes at once', () => {
  it('apply overlapping orders and people without losing or doubling anything', async () => {
    const shop = await newShop([REMIND, RECEIVED])
    const other = scene.world.another()
    const events = Array.from({ length: 240 }, (_, at) => {
      const order = at % 12
      const refs = [ref(at % 2 ? 'a' : 'b', `${order}`), ...(at % 5 === 0 ? [ref('c', `${order}`)] : [])]
      const both = at % 7 === 0 ? [ref('a', `${order}`), ref('b', `${order}`)] : []
      const customer =
        at % 3 ? { email: `p${order % 6}@example.org` } : { phone: `+86138001380${10 + (order % 6)}` }
      return named(at % 4 ? 'payment.failed' : 'order.created', [...refs, ...both], {
        payment: { id: `pay-${at}` },
        customer: at % 11 === 0 ? { ...customer, externalId: `x${order % 6}` } : customer,
      })
    })
    for (const part of chunks(events, 40)) await shop.keep(part)
    await Promise.all([scene.world.engine.worker.drain(), other.worker.drain()])
    await drain()
    expect(await rows.stuck(shop)).toEqual([])
    expect(await scene.world.rows('select 1 from todo where shop_id = $1', [shop.id])).toEqual([])
    const alive = (await rows.orders(shop)).filter((order) => order.merged_into === null)
    expect(alive).toHaveLength(12)
    const { sealer } = await scene.world.engine.keyring.open(shop.id)
    const attempts = alive.map((order) => {
      const text = sealer.openText(order.facts, { shop: shop.id, column: 'orders.facts', row: order.id })
      return viewOrder(JSON.parse(text) as OrderFacts).attempts
    })
    expect(attempts.reduce((sum, each) => sum + each)).toBe(180)
    const doubles = await scene.world.rows(
      `select subject_id, flow from run where shop_id = $1 and status = 'active' group by 1, 2 having count(*) > 1`,
      [shop.id],
    )
    expect(doubles).toEqual([])
    // Everybody's orders, contacts and customers point at what is there.
    const lost = await scene.world.rows(
      `select o.id from orders o left join customer c on c.shop_id = o.shop_id and c.id = o.customer_id
       where o.shop_id = $1 and o.merged_into is null and (c.id is null or c.merged_into is not null)
       union all select k.id from contact k left join customer c on c.shop_id = k.shop_id and c.id = k.customer_id
       where k.shop_id = $1 and (c.id is null or c.merged_into is not null)`,
      [shop.id],
    )
    expect(lost).toEqual([])
  })

  it('start a flow once for one order, however often and wherever its trigger is applied', async () => {
    const shop = await newShop([RECEIVED])
    const other = scene.world.another()
    for (let round = 0; round < 5; round++) {
      const events = Array.from({ length: 20 }, (_, at) =>
        event('order.created', `once-${at}`, { customer: { email: `o${at}@example.org` } }),
      )
      await Promise.all([
        shop.keep(events),
        shop.keep(events.map((one) => ({ ...one, id: `${one.id}-again` }))),
      ])
      await Promise.all([scene.world.engine.worker.drain(), other.worker.drain()])
    }
    expect(await rows.runs(shop)).toHaveLength(20)
    expect(await rows.messages(shop)).toHaveLength(20)
  })
})

describe('what cannot be applied', () => {
  it('is set aside with its reason while the rest goes on, and can be tried again once it is repaired', async () => {
    const shop = await newShop([RECEIVED])
    await tell(shop, event('order.created', 'good'), event('order.created', 'broken'))
    const [broken] = await scene.world.rows<{ order_id: string }>(
      `select order_id from order_ref where shop_id = $1 and value = 'broken'`,
      [shop.id],
    )
    const [before] = await scene.world.rows<{ facts: Buffer }>(
      'select facts from orders where shop_id = $1 and id = $2',
      [shop.id, broken!.order_id],
    )
    await scene.world.db.query(
      'update orders set facts = set_byte(facts, 60, 255 - get_byte(facts, 60)) where shop_id = $1 and id = $2',
      [shop.id, broken!.order_id],
    )
    await tell(shop, event('order.paid', 'broken'), event('order.paid', 'good'), event('order.paid', 'new'))
    const stuck = await rows.stuck(shop)
    expect(stuck).toHaveLength(1)
    expect(stuck[0]!.error).toMatch(/SEALED_VALUE_BROKEN|seal/)
    const statuses = async () => (await rows.orders(shop)).map(({ status }) => status).sort()
    expect(await statuses()).toEqual(['open', 'paid', 'paid'])
    await scene.world.db.query('update orders set facts = $3 where shop_id = $1 and id = $2', [
      shop.id,
      broken!.order_id,
      before!.facts,
    ])
    expect(await retryStuck(scene.world.db, shop.id, [stuck[0]!.event_id], scene.world.clock.now())).toBe(1)
    await drain()
    expect(await statuses()).toEqual(['paid', 'paid', 'paid'])
    expect(await rows.stuck(shop)).toEqual([])
  })
})

const chunks = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size))
