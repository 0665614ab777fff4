import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ScriptedProvider } from '../../test/kit/scripted-provider.ts'
import { shopRows } from '../../test/kit/shop-rows.ts'
import { event, type World } from '../../test/kit/world.ts'
import { bumpConfig } from '../db/shops.ts'
import type { SourceEvent } from '../domain/event.ts'
import { plainVerdict } from '../domain/gate/verdict.ts'
import { DAY, HOUR } from '../domain/time.ts'
import { failed, large, openReviewWorld, ordered, type ReviewWorld, ruleText } from './review.test-kit.ts'

let here: ReviewWorld
let world: World
let mail: ScriptedProvider
beforeAll(async () => {
  here = await openReviewWorld()
  ;({ world, mail } = here)
})
afterAll(() => world?.close())

const drain = () => here.drain()
const tell: ReviewWorld['tell'] = (...args) => here.tell(...args)
const newShop: ReviewWorld['newShop'] = (...args) => here.newShop(...args)
const reviews: ReviewWorld['reviews'] = (shop) => here.reviews(shop)
const told: ReviewWorld['told'] = (shop) => here.told(shop)
const change: ReviewWorld['change'] = (...args) => here.change(...args)

describe('many orders from one address', () => {
  it('are flagged once the number is reached, told once, and each further one only listed', async () => {
    const shop = await newShop(['same-ip'], ['support'])
    for (let nth = 1; nth <= 4; nth++) await tell(shop, ordered(`A-${nth}`, '203.0.113.7', nth))
    await tell(shop, ordered('B-1', '203.0.113.8', 4))
    expect(await reviews(shop)).toEqual([])
    await tell(shop, ordered('A-5', '203.0.113.7', 5))
    await tell(shop, ordered('A-6', '203.0.113.7', 6))
    expect(await reviews(shop)).toMatchObject([
      { no: 'A-5', rule: 'same-ip', action: 'flag', state: 'open', held_by_review: false },
      { no: 'A-6', action: 'flag' },
    ])
    expect(await told(shop)).toMatchObject([
      { type: 'review.opened', tell: 'support', quiet: false, command: '' },
      { quiet: true },
    ])
  })

  it('are the same number in one batch, in any order, and in two processes at once', async () => {
    const inOneBatch = await newShop(['same-ip'], ['support'])
    await tell(inOneBatch, ...[7, 5, 3, 1, 2, 4, 6].map((nth) => ordered(`C-${nth}`, '2001:db8::1', nth)))
    expect((await reviews(inOneBatch)).map(({ no }) => no).sort()).toEqual(['C-5', 'C-6', 'C-7'])
    expect((await told(inOneBatch)).map(({ quiet }) => quiet)).toEqual([false, true, true])
    const atOnce = await newShop(['same-ip'], ['support'])
    const other = world.another()
    for (let nth = 1; nth <= 5; nth++) await atOnce.keep([ordered(`D-${nth}`, `2001:db8::${nth}`, nth)])
    await Promise.all([drain(), other.worker.drain()])
    expect(await reviews(atOnce)).toHaveLength(1)
    expect((await told(atOnce)).map(({ quiet }) => quiet)).toEqual([false])
  })

  it('spread over a longer time are nobody’s business', async () => {
    const shop = await newShop(['same-ip'])
    for (let nth = 1; nth <= 8; nth++) await tell(shop, ordered(`E-${nth}`, '203.0.113.9', nth * 3))
    expect(await reviews(shop)).toEqual([])
  })

  it('are not counted on a browser’s word, and the address lies nowhere in clear', async () => {
    const shop = await newShop(['same-ip'])
    await shop.keep(
      [1, 2, 3, 4, 5, 6].map((nth) => ordered(`F-${nth}`, '198.51.100.77')),
      {
        trust: 'browser',
      },
    )
    await drain()
    expect(await reviews(shop)).toEqual([])
    await tell(shop, ...[1, 2, 3, 4, 5].map((nth) => ordered(`G-${nth}`, '198.51.100.77')))
    const everything = await world.rows<{ row: string }>(
      `select to_jsonb(x)::text as row from rule_window as x where shop_id = $1
       union all select to_jsonb(x)::text from event as x where shop_id = $1
       union all select to_jsonb(x)::text from review as x where shop_id = $1`,
      [shop.id],
    )
    expect(everything.length).toBeGreaterThan(5)
    expect(everything.map(({ row }) => row).join()).not.toContain('198.51.100')
  })

  it('are remembered up to a bound, however many come', async () => {
    const shop = await newShop(['same-ip'])
    await tell(
      shop,
      ...Array.from({ length: 200 }, (_, nth) => ordered(`H-${nth}`, '203.0.113.1', nth / 100)),
    )
    const [row] = await world.rows<{ n: number }>(
      'select cardinality(items) as n from rule_window where shop_id = $1',
      [shop.id],
    )
    expect(row!.n).toBe(64)
  })
})

describe('several large orders in a row', () => {
  it('are counted when one of them can no longer be opened; what is left is named', async () => {
    const shop = await newShop(['high-value-row'], ['support'])
    await tell(shop, large('V-1'))
    await world.db.query(
      `update orders set facts = set_byte(facts, 60, 255 - get_byte(facts, 60)) where shop_id = $1 and no = 'V-1'`,
      [shop.id],
    )
    await tell(shop, large('V-2'))
    await tell(shop, large('V-3'))
    expect(await shopRows(world).stuck(shop)).toEqual([])
    expect(await reviews(shop)).toMatchObject([{ no: 'V-3', rule: 'high-value-row' }])
    const vault = await world.engine.keyring.open(shop.id)
    const [review] = await world.rows<{ id: string; evidence: Buffer }>(
      'select id, evidence from review where shop_id = $1',
      [shop.id],
    )
    const place = { shop: shop.id, column: 'review.evidence', row: review!.id }
    const { row } = JSON.parse(vault.sealer.openText(review!.evidence, place))
    expect(row.map(({ no }: { no: string }) => no)).toEqual(['V-2', 'V-3'])
  })
})

describe('five failures in a row', () => {
  it('stop the reminders and open a review, even where nobody works; payment ends it', async () => {
    const shop = await newShop(['repeated-failure'])
    for (let nth = 1; nth <= 4; nth++) await tell(shop, failed('F-1', nth))
    expect(await reviews(shop)).toEqual([])
    mail.calls.length = 0
    await tell(shop, failed('F-1', 5))
    expect(await reviews(shop)).toMatchObject([
      { rule: 'repeated-failure', action: 'hold', state: 'open', held_by_review: true },
    ])
    world.clock.set(world.clock.now() + HOUR)
    await drain()
    expect(mail.calls).toEqual([])
    const [waiting] = await world.rows<{ verdict: string }>(
      'select verdict from message_work where shop_id = $1',
      [shop.id],
    )
    expect(plainVerdict(waiting!.verdict)).toMatch(/^hold@\d+:under_review$/)
    await tell(shop, event('order.paid', 'F-1', { payment: { id: 'F-1-6' } }))
    expect(await reviews(shop)).toMatchObject([
      { state: 'expired', decided_by: 'paid', held_by_review: false },
    ])
    expect(mail.calls).toEqual([])
    expect((await told(shop)).at(-1)).toMatchObject({
      type: 'review.decided',
      outcome: 'expired',
      command: '',
    })
  })

  it('let the reminders go on once a person says so, and five more ask again', async () => {
    const shop = await newShop(['repeated-failure'])
    for (let nth = 1; nth <= 5; nth++) await tell(shop, failed('R-1', nth))
    world.clock.set(world.clock.now() + HOUR)
    await drain()
    mail.calls.length = 0
    const [review] = await reviews(shop)
    expect(await change(shop, review!.id, {})).toMatchObject({ kind: 'done', changed: true })
    await drain()
    expect(mail.calls).toHaveLength(1)
    for (let nth = 6; nth <= 10; nth++) await tell(shop, failed('R-1', nth))
    expect(await reviews(shop)).toMatchObject([
      { iteration: 1, state: 'approved' },
      { iteration: 2, state: 'open', held_by_review: true },
    ])
  })
})

describe('an order that was rejected', () => {
  it('is not reminded while the shop has not cancelled it yet, nor released by another review’s approval', async () => {
    const shop = await newShop(['repeated-failure', 'unauthorised'], ['finance'])
    for (let nth = 1; nth <= 5; nth++) await tell(shop, failed('J-1', nth))
    await tell(shop, event('payment.unauthorised', 'J-1', { payment: { id: 'J-1-9' } }))
    world.clock.set(world.clock.now() + HOUR)
    await drain()
    mail.calls.length = 0
    const rows = await reviews(shop)
    const idOf = (name: string) => rows.find((row) => row.rule === name)!.id
    await change(shop, idOf('repeated-failure'), { change: 'reject' })
    await drain()
    await change(shop, idOf('unauthorised'), {})
    await drain()
    expect(mail.calls).toEqual([])
    expect((await told(shop)).map(({ command }) => command)).not.toContain('release_order')
    expect((await reviews(shop))[0]).toMatchObject({ held_by_review: true })
  })
})

describe('two halves of one sale', () => {
  it.each(['R-1', 'R-2'])('stay rejected when somebody has rejected the half %s', async (rejected) => {
    const shop = await newShop(['large-order'], ['finance'])
    const half = large('R-2')
    await tell(shop, large('R-1'), {
      ...half,
      data: { ...half.data, refs: [{ kind: 'stripe_pi', value: 'pi_r' }] },
    })
    const row = (await reviews(shop)).find(({ no }) => no === rejected)!
    await change(shop, row.id, { change: 'reject' })
    await tell(shop, event('payment.failed', 'R-1', { refs: [{ kind: 'stripe_pi', value: 'pi_r' }] }))
    const rows = await reviews(shop)
    expect(rows.filter(({ state }) => state === 'open' || state === 'escalated')).toEqual([])
    expect(rows).toContainEqual(expect.objectContaining({ state: 'rejected', held_by_review: true }))
  })
})

describe('a large order', () => {
  it('waits for finance, and the shop is asked to hold it', async () => {
    const shop = await newShop(['large-order'], ['finance', 'operator'])
    await tell(shop, large('L-1'), large('L-2', 499_999))
    expect(await reviews(shop)).toMatchObject([
      { no: 'L-1', action: 'hold', level: 0, held_by_review: true, due_at: world.clock.now() + 4 * HOUR },
    ])
    expect(await told(shop)).toMatchObject([{ tell: 'finance', command: 'hold_order', quiet: false }])
  })

  it('waits, and its buyer is not reminded, where the failed payment is the first that is heard of it', async () => {
    const shop = await newShop(['large-order'], ['finance'])
    const { data } = failed('L-3', 1)
    mail.calls.length = 0
    await tell(shop, event('payment.failed', 'L-3', { ...data, ...large('L-3').data }))
    await drain()
    expect(await reviews(shop)).toMatchObject([{ no: 'L-3', action: 'hold', held_by_review: true }])
    expect(mail.calls).toEqual([])
    await tell(shop, event('order.paid', 'L-3', large('L-3').data))
    expect(await reviews(shop)).toHaveLength(1)
  })

  it('is only noted where nobody works in finance or runs the shop', async () => {
    const shop = await newShop(['large-order'], ['support'])
    await tell(shop, large('L-3'))
    expect(await reviews(shop)).toMatchObject([{ action: 'flag', held_by_review: false }])
    expect(await told(shop)).toMatchObject([{ tell: 'finance', command: '' }])
  })

  it('is put to whoever is there first, then to the next, then told again every day and never let go', async () => {
    const shop = await newShop(['large-order'], ['finance', 'operator'])
    await tell(shop, large('L-4'))
    const start = world.clock.now()
    for (const [after, level] of [
      [4 * HOUR, 1],
      [8 * HOUR, 1],
      [8 * HOUR + DAY, 1],
    ] as const) {
      world.clock.set(start + after - 2)
      await drain()
      const before = (await told(shop)).length
      world.clock.set(start + after - 1)
      await drain()
      expect(await told(shop)).toHaveLength(before + 1)
      expect((await told(shop)).at(-1)).toMatchObject({ type: 'review.escalated', tell: 'operator' })
      expect(await reviews(shop)).toMatchObject([{ state: 'escalated', level, held_by_review: true }])
    }
    await tell(shop, event('order.cancelled', 'L-4'))
    expect(await reviews(shop)).toMatchObject([{ state: 'expired', decided_by: 'closed', due_at: null }])
  })

  it('that cannot be told of does not keep the others from the next role', async () => {
    const shop = await newShop(['large-order'], ['finance', 'operator'])
    await tell(shop, large('L-5'), large('L-6'), large('L-7'))
    await world.rows(
      `update review as r set evidence = '\\x00' from orders as o
       where r.shop_id = $1 and o.shop_id = $1 and o.id = r.order_id and o.no = 'L-6'`,
      [shop.id],
    )
    world.clock.set(world.clock.now() + 4 * HOUR)
    await drain()
    const waiting = (await reviews(shop)).toSorted((a, b) => (a.no < b.no ? -1 : 1))
    expect(waiting.map(({ no, state }) => [no, state])).toEqual([
      ['L-5', 'escalated'],
      ['L-6', 'open'],
      ['L-7', 'escalated'],
    ])
    expect(waiting[1]!.due_at).toBe(world.clock.now() + HOUR)
    expect((await told(shop)).filter(({ type }) => type === 'review.escalated')).toHaveLength(2)
  })

  it('that two halves of one sale report is asked about once', async () => {
    const shop = await newShop(['large-order'], ['finance'])
    const ref = (value: string) => ({ refs: [{ kind: 'stripe_pi', value }] })
    await tell(shop, large('M-1'), {
      ...large('M-2'),
      data: { ...large('M-2').data, ...ref('pi_1'), order: { total: { minor: 900_000, currency: 'CNY' } } },
    })
    expect(await reviews(shop)).toHaveLength(2)
    await tell(shop, event('payment.failed', 'M-1', ref('pi_1')))
    const rows = await reviews(shop)
    expect(rows.map(({ state }) => state).sort()).toEqual(['expired', 'open'])
    expect(rows.filter(({ state }) => state === 'open')).toMatchObject([{ held_by_review: true }])
  })
})

describe('what happened long ago', () => {
  const ago = (days: number, each: SourceEvent): SourceEvent => ({ ...each, time: each.time - days * DAY })

  it('opens nothing, holds nothing and tells nobody, however much of it is imported', async () => {
    const shop = await newShop(
      ['large-order', 'same-ip', 'repeated-failure', 'duplicate-order', 'high-value-row'],
      ['finance', 'support', 'operator'],
    )
    for (const days of [300, 30, 1.01]) {
      await tell(shop, ...[1, 2, 3, 4, 5].map((nth) => ago(days, ordered(`Y${days}-${nth}`, '203.0.113.7'))))
      await tell(shop, ...[1, 2, 3].map((nth) => ago(days, large(`X${days}-${nth}`))))
      await tell(shop, ...[1, 2, 3, 4, 5].map((nth) => ago(days, failed(`W${days}`, nth))))
    }
    expect(await shopRows(world).stuck(shop)).toEqual([])
    expect(await reviews(shop)).toEqual([])
    expect(await told(shop)).toEqual([])
    const held = 'select from orders where shop_id = $1 and held_by_review'
    expect(await world.rows(held, [shop.id])).toEqual([])
    await tell(shop, ago(0.9, large('X-9')))
    const opened = await reviews(shop)
    expect(opened).toContainEqual(
      expect.objectContaining({ no: 'X-9', rule: 'large-order', action: 'hold', held_by_review: true }),
    )
    expect(new Set(opened.map(({ no }) => no))).toEqual(new Set(['X-9']))
  })

  it('is history to what happens now', async () => {
    const shop = await newShop(['repeated-failure'], ['support'])
    await tell(shop, ...[1, 2, 3, 4].map((nth) => ago(2, failed('H-1', nth))))
    await tell(shop, failed('H-1', 5))
    expect(await reviews(shop)).toMatchObject([{ no: 'H-1', rule: 'repeated-failure', action: 'hold' }])
    const row = await newShop([ruleText('high-value-row').replace('value: 1d', 'value: 10d')], ['finance'])
    await tell(row, ago(3, large('H-2')), ago(2, large('H-3')))
    expect(await reviews(row)).toEqual([])
    await tell(row, large('H-4'))
    expect(await reviews(row)).toMatchObject([{ no: 'H-4', rule: 'high-value-row' }])
  })

  it('is still worth a week where a cardholder did not agree', async () => {
    const shop = await newShop(['unauthorised'], ['finance'])
    const told = (no: string) => event('payment.unauthorised', no, { payment: { id: `${no}-1` } })
    await tell(shop, ago(6, told('U-1')), ago(8, told('U-2')))
    expect(await reviews(shop)).toMatchObject([{ no: 'U-1', action: 'hold' }])
  })

  it('is what came in time, too, once nobody has looked at it for so long', async () => {
    const shop = await newShop(['large-order'], ['finance'])
    await shop.keep([{ ...large('Z-1'), time: world.clock.now() }])
    world.clock.set(world.clock.now() + DAY + HOUR)
    await drain()
    expect(await shopRows(world).stuck(shop)).toEqual([])
    expect(await reviews(shop)).toEqual([])
  })
})

describe('rules that are off', () => {
  it('cost no statement', async () => {
    const shop = await newShop(['same-ip', 'large-order'])
    await world.db.query('update rule set enabled = false where shop_id = $1', [shop.id])
    await bumpConfig(world.db as never, shop.id)
    await tell(shop, ...[1, 2, 3, 4, 5].map((nth) => ordered(`O-${nth}`, '203.0.113.7')), large('O-9'))
    expect(await reviews(shop)).toEqual([])
    expect(await world.rows('select from rule_window where shop_id = $1', [shop.id])).toEqual([])
  })
})
