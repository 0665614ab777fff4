import { describe, expect, it } from 'vitest'
import { flowText, REMIND, sendStep } from '../../test/kit/flow-texts.ts'
import { event, MONDAY, type TestShop } from '../../test/kit/world.ts'
import type { SourceEvent } from '../domain/event.ts'
import { HOUR, MINUTE } from '../domain/time.ts'
import { mailScene } from './mail-scene.test-kit.ts'

const scene = mailScene('flows')
const { rows, newShop, drain, tell } = scene

describe('a browser', () => {
  it('starts no flow, proves no payment, and ends no wait for what the order became', async () => {
    const waits = flowText({
      key: 'waits',
      on: 'order.created',
      steps: [
        '  - { id: wait, kind: waitFor, event: [order.paid], timeout: 1h, onTimeout: late }',
        sendStep('thanks', ', next: over'),
        sendStep('late'),
        '  - { id: over, kind: stop, reason: over }',
      ].join('\n'),
    })
    const shop = await newShop([waits, REMIND, STOCK])
    await tell(shop, event('order.created', 'W-1', { customer: { email: 'w@example.org' } }))
    const claims = [
      event('order.paid', 'W-1'),
      event('payment.failed', 'W-1'),
      event('stock.low', null, {}, { subject: 's' }),
    ]
    await shop.keep(claims, { trust: 'browser' })
    await drain()
    expect((await rows.runs(shop)).map(({ flow, status }) => [flow, status])).toEqual([['waits', 'active']])
    expect(await rows.messages(shop)).toEqual([])
    expect((await rows.orders(shop))[0]).toMatchObject({ paid_at: null })
    await tell(shop, event('order.paid', 'W-1'))
    expect((await rows.messages(shop)).map(({ step }) => step)).toEqual(['thanks'])
  })
})

/** For the shop's people; `subject: event`. */
const STOCK = flowText({
  key: 'stock',
  on: 'stock.low',
  more: 'subject: event\nonce: { per: burst, rest: 6h }',
  steps: sendStep('tell'),
})

/** Rests, speaks, and hears news of the goods twenty minutes later at the earliest. */
const LADDER = flowText({
  key: 'ladder',
  on: 'payment.failed',
  purpose: 'reminder',
  more: 'once: { per: burst, rest: 1h }\nstopWhen: [paid]',
  steps: [
    '  - { id: rest, kind: wait, for: 10m }',
    sendStep('first'),
    '  - { id: hear, kind: waitFor, event: [stock.low, stock.back], atLeast: 20m, timeout: 1d, onTimeout: late }',
    '  - { id: news, kind: branch, when: event.type == "stock.low", then: low, else: back }',
    sendStep('low', ', next: over'),
    sendStep('back', ', next: over'),
    sendStep('late'),
    '  - { id: over, kind: stop, reason: over }',
  ].join('\n'),
})

/** Waits for news of few left. */
const WATCH = flowText({
  key: 'watch',
  on: 'payment.failed',
  purpose: 'reminder',
  more: 'once: { per: burst, rest: 1h }\nstopWhen: [paid]',
  steps: [
    '  - { id: low, kind: waitFor, event: [stock.low], when: "extra.stock.left < 5", timeout: 2h, onTimeout: late }',
    sendStep('came', ', next: over'),
    sendStep('late'),
    '  - { id: over, kind: stop, reason: over }',
  ].join('\n'),
})

/** Sets the clock, applies events and moves timers on. */
const atOf =
  (shop: TestShop) =>
  async (minute: number, ...events: SourceEvent[]) => {
    scene.world.clock.set(MONDAY + minute * MINUTE)
    await (events.length === 0 ? drain() : tell(shop, ...events))
  }
const failed = (no: string, name: string) =>
  event('payment.failed', no, {
    customer: { email: 'f@example.org' },
    order: { no, items: [{ name, quantity: 1 }] },
    payment: { id: no, failure: { code: 'x' } },
  })
const stock = (type: string, item: string) =>
  event(type, null, { extra: { stock: { item } } }, { subject: item })
const told = (shop: TestShop) =>
  scene.world.rows<{ no: string; step: string; at: number }>(
    `select o.no, m.step, m.created_at as at from message m join orders o on o.shop_id = m.shop_id and o.id = m.order_id
     where m.shop_id = $1 and m.step <> 'first' order by o.no`,
    [shop.id],
  )

describe('flows', () => {
  const buyer = { customer: { email: 'f@example.org' } }

  it('about a product run once in their rest for each product', async () => {
    const shop = await newShop([STOCK])
    const low = (sku: string) => event('stock.low', null, buyer, { subject: sku })
    await tell(shop, low('month'), low('year'), low('month'))
    await tell(shop, low('month'))
    expect(await rows.runs(shop)).toHaveLength(2)
    scene.world.clock.set(MONDAY + 6 * HOUR + 1)
    await tell(shop, low('month'))
    expect(await rows.runs(shop)).toHaveLength(3)
    expect((await rows.messages(shop)).map(({ order_id }) => order_id)).toEqual([null, null, null])
    scene.world.clock.set(MONDAY)
  })

  it('hear an event they wait for, in the batch that starts them and in a later one', async () => {
    const waits = flowText({
      key: 'waits',
      on: 'order.created',
      steps: [
        '  - { id: wait, kind: waitFor, event: [order.expired], timeout: 1h, onTimeout: late }',
        sendStep('came', ', next: over'),
        sendStep('late'),
        '  - { id: over, kind: stop, reason: over }',
      ].join('\n'),
    })
    const shop = await newShop([waits])
    await tell(shop, event('order.created', 'together', buyer), event('order.expired', 'together'))
    await tell(shop, event('order.created', 'apart', buyer))
    await tell(shop, event('order.created', 'never', buyer))
    await tell(shop, event('order.expired', 'apart'))
    scene.world.clock.set(MONDAY + HOUR)
    await drain()
    scene.world.clock.set(MONDAY)
    expect((await rows.messages(shop)).map(({ step }) => step).sort()).toEqual(['came', 'came', 'late'])
  })

  it('stop when the order is paid or closed, without an event of their own', async () => {
    const shop = await newShop([REMIND])
    await tell(shop, event('payment.failed', 'paid', buyer), event('payment.failed', 'closed', buyer))
    await tell(shop, event('order.paid', 'paid'), event('order.cancelled', 'closed'))
    expect((await rows.runs(shop)).map((run) => run.stop_reason).sort()).toEqual(['closed', 'paid'])
    scene.world.clock.set(MONDAY + 2 * HOUR)
    await drain()
    scene.world.clock.set(MONDAY)
    expect((await rows.messages(shop)).map(({ step }) => step)).toEqual(['first', 'first'])
  })

  it('finish on the version they began with', async () => {
    const shop = await newShop([REMIND])
    await tell(shop, event('payment.failed', 'V-1', buyer))
    await shop.publish([REMIND.replaceAll('second', 'changed')])
    await tell(shop, event('payment.failed', 'V-2', buyer))
    scene.world.clock.set(MONDAY + HOUR)
    await drain()
    scene.world.clock.set(MONDAY)
    const steps = (await rows.messages(shop)).map(({ step }) => step).filter((step) => step !== 'first')
    expect(steps.sort()).toEqual(['changed', 'second'])
    expect((await rows.runs(shop)).map((run) => run.version).sort()).toEqual([1, 2])
  })

  it('end when their reason is gone, and take back what they have not said yet', async () => {
    const ladder = (name: string, failureClass: string) =>
      flowText({
        key: name,
        on: 'payment.failed',
        purpose: 'reminder',
        more: `while: order.lastFailure.class == "${failureClass}"\nonce: { per: burst, rest: 1h }\nstopWhen: [paid]`,
        steps: `${sendStep('first')}\n  - { id: pause, kind: wait, for: 1h }\n${sendStep('second')}`,
      })
    // Mail is quiet all morning, so that what is planned still waits.
    const quiet = { email: [{ from: '09:00', to: '12:00' }] }
    const ladders = [ladder('details', 'wrong_details'), ladder('funds', 'insufficient_funds')]
    const shop = await newShop(ladders, { quiet })
    const failed = (id: string, declineCode: string) =>
      event('payment.failed', 'L-1', {
        ...buyer,
        payment: { id, rail: 'stripe', failure: { code: 'card_declined', declineCode } },
      })
    await shop.keep([failed('p1', 'incorrect_cvc')])
    await drain()
    scene.world.clock.set(MONDAY + MINUTE)
    await shop.keep([failed('p2', 'insufficient_funds')])
    await drain()
    scene.world.clock.set(MONDAY)
    const runs = await rows.runs(shop)
    expect(runs.map(({ flow, status, stop_reason }) => [flow, status, stop_reason])).toEqual([
      ['details', 'stopped', 'moved_on'],
      ['funds', 'active', null],
    ])
    const messages = await scene.world.rows(
      'select flow, state, verdict from message where shop_id = $1 order by id',
      [shop.id],
    )
    expect(messages).toMatchObject([
      { flow: 'details', state: 'dropped', verdict: 'drop:moved_on' },
      { flow: 'funds', state: 'waiting' },
    ])
  })

  it('hear news of the goods in their order at once, and of no other goods', async () => {
    const shop = await newShop([WATCH])
    const failed = (no: string, item: string) =>
      event('payment.failed', no, {
        ...buyer,
        order: { no, items: [{ name: item, quantity: 1, sku: `sku-${item}` }] },
        payment: { id: no, failure: { code: 'x' } },
      })
    await tell(shop, failed('G-1', 'Cloud'), failed('G-2', 'Cloud'), failed('G-3', 'Music'))
    const stock = (id: string, stock: { sku?: string; item?: string; left: number }) =>
      event('stock.low', null, { extra: { stock } }, { subject: id })
    scene.world.clock.set(MONDAY + MINUTE)
    await tell(shop, event('order.paid', 'G-2'))
    await shop.keep([stock('lie', { item: 'Cloud', left: 1 })], { trust: 'browser' })
    await tell(shop, stock('plenty', { item: 'Cloud', left: 40 }), stock('other', { item: 'Books', left: 1 }))
    expect(await rows.messages(shop)).toEqual([])
    await tell(shop, stock('few', { sku: 'SKU-Cloud', left: 3 }))
    const came = await scene.world.rows<{ step: string; at: number }>(
      `select step, created_at as at from message where shop_id = $1`,
      [shop.id],
    )
    expect(came).toEqual([{ step: 'came', at: MONDAY + MINUTE }])
    // What did not concern a run leaves its own timer as it was.
    scene.world.clock.set(MONDAY + 2 * HOUR - 1)
    await drain()
    expect(await rows.messages(shop)).toHaveLength(1)
    scene.world.clock.set(MONDAY + 2 * HOUR)
    await drain()
    scene.world.clock.set(MONDAY)
    expect((await rows.messages(shop)).map(({ step }) => step)).toEqual(['came', 'late'])
  })

  it('keep news that comes while they stand elsewhere, the newest, until they may tell it', async () => {
    const shop = await newShop([LADDER])
    const at = atOf(shop)
    await at(0, failed('N-1', 'Kept'), failed('N-2', 'Turned'), failed('N-3', 'Named'))
    await at(1, stock('stock.low', 'Kept'), stock('stock.low', 'Turned'), event('stock.low', 'N-3'))
    await at(10)
    await at(12, stock('stock.back', 'Turned'))
    await at(13, event('order.note', 'N-1', { customer: { locale: 'en' } }))
    await at(29)
    expect((await rows.messages(shop)).map(({ step }) => step)).toEqual(['first', 'first', 'first'])
    await at(30)
    const due = MONDAY + 30 * MINUTE
    expect(await told(shop)).toEqual([
      { no: 'N-1', step: 'low', at: due },
      { no: 'N-2', step: 'back', at: due },
      { no: 'N-3', step: 'low', at: due },
    ])
    await at(3 * 24 * 60)
    expect(await rows.messages(shop)).toHaveLength(6)
    scene.world.clock.set(MONDAY)
  })

  it('keep news that comes in one batch with events of their order', async () => {
    const shop = await newShop([LADDER])
    const at = atOf(shop)
    await at(0, failed('B-1', 'Begins'), stock('stock.low', 'Begins'))
    await at(0, failed('B-2', 'Named'), event('stock.low', 'B-2'))
    await at(0, failed('B-3', 'Moves'))
    await at(1, event('stock.back', 'B-3'), stock('stock.low', 'Moves'))
    await at(10)
    await at(29)
    expect(await told(shop)).toEqual([])
    await at(30)
    const due = MONDAY + 30 * MINUTE
    expect(await told(shop)).toEqual(['B-1', 'B-2', 'B-3'].map((no) => ({ no, step: 'low', at: due })))
    scene.world.clock.set(MONDAY)
  })

  it('write news of the same kind once in ten minutes, unless they ask what it says', async () => {
    const asking = WATCH.replace('steps:\n', 'steps:\n  - { id: rest, kind: wait, for: 1h }\n')
    const shop = await newShop([LADDER, asking])
    const at = atOf(shop)
    const kept = async () => {
      const heard = await scene.world.rows<{ flow: string; at: number }>(
        `select flow, (progress->'heard'->>'at')::bigint as at from run where shop_id = $1 order by flow`,
        [shop.id],
      )
      return heard.map((run) => `${run.flow} ${(Number(run.at) - MONDAY) / MINUTE}`)
    }
    const low = (minute: number) => ({ ...stock('stock.low', 'Much'), id: `low-${minute}` })
    await at(0, failed('S-1', 'Much'))
    for (const minute of [10, 11, 19]) await at(minute, low(minute))
    expect(await kept()).toEqual(['ladder 10', 'watch 19'])
    await at(20, low(20))
    expect(await kept()).toEqual(['ladder 20', 'watch 20'])
    await at(21, stock('stock.back', 'Much'))
    expect((await kept())[0]).toBe('ladder 21')
    scene.world.clock.set(MONDAY)
  })

  it('go on waiting when news that an older version kept does not concern them', async () => {
    const shop = await newShop([WATCH])
    const at = atOf(shop)
    await at(
      0,
      failed('O-1', 'Old'),
      event('stock.low', null, { extra: { stock: { left: 40 } } }, { subject: 'x' }),
    )
    await scene.world.rows(
      `update run set due_at = $2, progress = progress - 'heard',
         heard = (select id from event where shop_id = $1 and type = 'stock.low')
       where shop_id = $1`,
      [shop.id, MONDAY + MINUTE],
    )
    await at(1)
    expect(await rows.runs(shop)).toMatchObject([{ status: 'active', due_at: MONDAY + 2 * HOUR }])
    await at(120)
    expect(await told(shop)).toMatchObject([{ no: 'O-1', step: 'late' }])
    scene.world.clock.set(MONDAY)
  })

  it('keep people of the held arm without reminders, on any process and in every flow of the family', async () => {
    const held = (text: string) => text.replace('steps:', 'holdout: 50\nsteps:')
    const again = REMIND.replace('key: remind', 'key: again').replace('payment.failed', 'order.created')
    const shop = await newShop([held(REMIND), held(again)])
    const other = scene.world.another()
    const events = (type: string) =>
      Array.from({ length: 40 }, (_, at) =>
        event(type, `${type}-${at}`, { customer: { email: `h${at}@example.org` } }),
      )
    await shop.keep(events('payment.failed'))
    await drain()
    await shop.keep(events('order.created'))
    await other.worker.drain()
    const arms = await scene.world.rows<{ customer_id: string; arms: string[]; runs: number }>(
      `select customer_id, array_agg(distinct arm) as arms, count(*)::int as runs from run where shop_id = $1 group by 1`,
      [shop.id],
    )
    expect(arms).toHaveLength(40)
    expect(arms.every(({ arms, runs }) => arms.length === 1 && runs === 2)).toBe(true)
    const heldPeople = arms.filter(({ arms }) => arms[0] === 'held').length
    expect(heldPeople).toBeGreaterThan(5)
    expect(heldPeople).toBeLessThan(35)
    expect(await rows.messages(shop)).toHaveLength((40 - heldPeople) * 2)
  })
})
