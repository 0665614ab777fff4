import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testRandom } from '../../test/kit/engine.ts'
import { REMIND } from '../../test/kit/flow-texts.ts'
import { type ScriptedProvider, scriptedProvider } from '../../test/kit/scripted-provider.ts'
import { account, event, MONDAY, openWorld, type TestShop, type World } from '../../test/kit/world.ts'
import { addMember, addMemberContact } from '../db/accounts.ts'
import { bumpConfig } from '../db/shops.ts'
import type { SourceEvent } from '../domain/event.ts'
import { newId, type ReviewId } from '../domain/ids.ts'
import { DAY, HOUR, MINUTE } from '../domain/time.ts'
import { openEvent } from './open-event.ts'
import { changeReview, type Decision } from './settle-review.ts'

let world: World
let mail: ScriptedProvider
let shops = 0

beforeAll(async () => {
  mail = scriptedProvider('email', 'harmless')
  world = await openWorld({ providers: [mail] })
})
afterAll(() => world?.close())

const rule = (name: string) => readFileSync(new URL(`../../rules/${name}.yaml`, import.meta.url), 'utf8')
/** Each turn is a millisecond later, so that what was told can be put in order. */
const drain = () => {
  world.clock.set(world.clock.now() + 1)
  return world.engine.worker.drain()
}
const tell = async (shop: TestShop, ...events: SourceEvent[]) => {
  await shop.keep(events)
  await drain()
}

async function newShop(rules: readonly string[], roles: readonly string[] = []): Promise<TestShop> {
  const shop = await world.openShop(`rules-${++shops}`, {
    flows: [REMIND],
    rules: rules.map(rule),
    accounts: [account(mail)],
    settings: { capPerDay: 50 },
  })
  for (const role of roles) {
    const now = world.clock.now()
    const member = newId('mem', now, testRandom)
    await addMember(world.db, shop.id, { id: member, name: role, roles: [role], locale: 'en' }, now)
    const contact = { id: newId('con', now, testRandom), channel: 'email' as const }
    const words = { index: Buffer.from(`${role}`), address: Buffer.from('sealed') }
    await addMemberContact(world.db, shop.id, member, { ...contact, ...words }, now)
  }
  await bumpConfig(world.db as never, shop.id)
  return shop
}

interface Row {
  id: ReviewId
  no: string
  rule: string
  iteration: number
  action: string
  state: string
  roles: string[]
  level: number
  due_at: number | null
  decided_by: string | null
  held_by_review: boolean
}
const reviews = (shop: TestShop) =>
  world.rows<Row>(
    `select r.*, o.no, o.held_by_review from review as r join orders as o on o.shop_id = r.shop_id and o.id = r.order_id
     where r.shop_id = $1 order by r.opened_at, r.id`,
    [shop.id],
  )

/** What was told of reviews, in order. */
async function told(shop: TestShop) {
  const rows = await world.rows<never>(
    `select id, connection_id, type, trust, occurred_at, received_at, body from event
     where shop_id = $1 and type like 'review.%' order by received_at`,
    [shop.id],
  )
  const vault = await world.engine.keyring.open(shop.id)
  return rows.map((row) => {
    const { type, data } = openEvent(shop.id, row, vault)
    const { tell, quiet, command, outcome } = data.extra!.review as Record<string, unknown>
    return { type, tell, quiet, command, outcome }
  })
}

const ordered = (no: string, ip: string, minute = 0) => ({
  ...event('order.created', no, { client: { ip }, customer: { email: `${no.toLowerCase()}@example.org` } }),
  time: MONDAY - HOUR + minute * MINUTE,
})

const failed = (no: string, nth: number) =>
  event('payment.failed', no, {
    customer: { email: 'buyer@example.org' },
    payment: { id: `${no}-${nth}`, failure: { code: 'insufficient_funds' } },
  })

const large = (no: string, minor = 900_000) =>
  event('order.created', no, {
    order: { total: { minor, currency: 'CNY' } },
    customer: { email: 'buyer@example.org' },
  })

const change = (shop: TestShop, id: ReviewId, decision: Partial<Decision>) => {
  world.clock.set(world.clock.now() + 1)
  return changeReview(
    { ...world.engine, db: world.db, clock: world.clock, random: testRandom },
    shop.id,
    id,
    {
      change: 'approve',
      by: 'member:a',
      roles: null,
      note: null,
      ...decision,
    },
  )
}

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
    const inOneBatch = await newShop(['same-ip'])
    await tell(inOneBatch, ...[5, 3, 1, 2, 4].map((nth) => ordered(`C-${nth}`, '2001:db8::1', nth)))
    expect((await reviews(inOneBatch)).length).toBeGreaterThanOrEqual(1)
    const atOnce = await newShop(['same-ip'])
    const other = world.another()
    for (let nth = 1; nth <= 5; nth++) await atOnce.keep([ordered(`D-${nth}`, `2001:db8::${nth}`, nth)])
    await Promise.all([drain(), other.worker.drain()])
    expect((await reviews(atOnce)).length).toBeGreaterThanOrEqual(1)
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
    expect(waiting!.verdict).toMatch(/^hold@\d+:under_review$/)
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

describe('a large order', () => {
  it('waits for finance, and the shop is asked to hold it', async () => {
    const shop = await newShop(['large-order'], ['finance', 'operator'])
    await tell(shop, large('L-1'), large('L-2', 499_999))
    expect(await reviews(shop)).toMatchObject([
      { no: 'L-1', action: 'hold', level: 0, held_by_review: true, due_at: world.clock.now() + 4 * HOUR },
    ])
    expect(await told(shop)).toMatchObject([{ tell: 'finance', command: 'hold_order', quiet: false }])
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

describe('of two who act at once', () => {
  async function opened() {
    const shop = await newShop(['large-order'], ['finance', 'operator'])
    await tell(shop, large('X-1'))
    return { shop, id: (await reviews(shop))[0]!.id }
  }

  it('one decides; the other hears who did; the same again changes nothing', async () => {
    const { shop, id } = await opened()
    const both = await Promise.all([
      change(shop, id, { change: 'approve', by: 'member:a' }),
      change(shop, id, { change: 'reject', by: 'member:b' }),
    ])
    expect(both.map(({ kind }) => kind).sort()).toEqual(['done', 'settled'])
    const winner = both.find(({ kind }) => kind === 'done') as {
      review: { decided_by: string; state: string }
    }
    const loser = both.find(({ kind }) => kind === 'settled') as { review: { decided_by: string } }
    expect(loser.review.decided_by).toBe(winner.review.decided_by)
    const again = await change(shop, id, {
      change: winner.review.state === 'approved' ? 'approve' : 'reject',
      by: winner.review.decided_by,
    })
    expect(again).toMatchObject({ kind: 'done', changed: false })
    await drain()
    expect((await told(shop)).filter(({ type }) => type === 'review.decided')).toHaveLength(1)
    expect(await world.rows('select action from audit where shop_id = $1', [shop.id])).toHaveLength(1)
  })

  it('a decision and a time-out leave it decided, whichever came first', async () => {
    for (let round = 0; round < 5; round++) {
      const { shop, id } = await opened()
      world.clock.set(world.clock.now() + 4 * HOUR)
      await Promise.all([change(shop, id, {}), drain()])
      await drain()
      expect(await reviews(shop)).toMatchObject([{ state: 'approved', due_at: null, held_by_review: false }])
    }
  })

  it('a payment and a decision leave the order free and nothing reminded', async () => {
    for (let round = 0; round < 5; round++) {
      const shop = await newShop(['repeated-failure'])
      for (let nth = 1; nth <= 5; nth++) await tell(shop, failed('P-1', nth))
      mail.calls.length = 0
      const [{ id }] = (await reviews(shop)) as [Row]
      await shop.keep([event('order.paid', 'P-1', { payment: { id: 'p' } })])
      await Promise.all([change(shop, id, {}), drain()])
      await drain()
      const [row] = await reviews(shop)
      expect(['approved', 'expired']).toContain(row!.state)
      expect(row).toMatchObject({ held_by_review: false, due_at: null })
      expect(mail.calls).toEqual([])
    }
  })
})

describe('a decision', () => {
  it('is for those the rule names', async () => {
    const shop = await newShop(['large-order'], ['finance'])
    await tell(shop, large('Y-1'))
    const [{ id }] = (await reviews(shop)) as [Row]
    expect(await change(shop, id, { roles: ['support'] })).toMatchObject({ kind: 'forbidden' })
    expect(await change(shop, id, { roles: ['finance'], change: 'reject', note: '假单' })).toMatchObject({
      kind: 'done',
    })
    expect((await told(shop)).at(-1)).toMatchObject({ outcome: 'rejected', command: 'cancel_order' })
  })

  it('can be taken back within a day, and holds the order again', async () => {
    const shop = await newShop(['large-order'], ['finance'])
    await tell(shop, large('Z-1'))
    const [{ id }] = (await reviews(shop)) as [Row]
    expect(await change(shop, id, { change: 'reopen' })).toMatchObject({ kind: 'late' })
    await change(shop, id, {})
    await drain()
    expect((await told(shop)).at(-1)).toMatchObject({ outcome: 'approved', command: 'release_order' })
    expect(await change(shop, id, { change: 'reopen', by: 'member:b' })).toMatchObject({ kind: 'done' })
    await drain()
    expect(await reviews(shop)).toMatchObject([{ state: 'open', decided_by: null, held_by_review: true }])
    expect((await told(shop)).at(-1)).toMatchObject({ type: 'review.opened', command: 'hold_order' })
    await change(shop, id, {})
    world.clock.set(world.clock.now() + DAY)
    expect(await change(shop, id, { change: 'reopen' })).toMatchObject({ kind: 'late' })
  })

  it('releases the shop only when nothing else holds the order', async () => {
    const shop = await newShop(['large-order', 'unauthorised'], ['finance'])
    await tell(shop, large('W-1'))
    await tell(shop, event('payment.unauthorised', 'W-1', { payment: { id: 'w' } }))
    const [one, two] = (await reviews(shop)) as [Row, Row]
    await change(shop, one.id, {})
    await drain()
    expect((await told(shop)).at(-1)).toMatchObject({ outcome: 'approved', command: '' })
    await change(shop, two.id, {})
    await drain()
    expect((await told(shop)).at(-1)).toMatchObject({ outcome: 'approved', command: 'release_order' })
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
