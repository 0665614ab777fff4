import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { flowText, sendStep } from '../../test/kit/flow-texts.ts'
import { type HealingWorld, openHealingWorld } from '../../test/kit/healing-world.ts'
import { waitUntil } from '../../test/kit/wait-until.ts'
import { account, event, type TestShop, type World, watched } from '../../test/kit/world.ts'
import type { ConnectionId } from '../domain/ids.ts'
import { DAY, HOUR, MINUTE, type Millis } from '../domain/time.ts'
import type { LabIntent, StripeLab } from '../lab/stripe-lab.ts'
import type { Engine } from './engine.ts'

// Many orders on one card, at the ceiling of its scheme: the program's own rules, a strict Stripe, a real database, and
// more than one process that wants the last try.

let healing: HealingWorld
let world: World
let lab: StripeLab
let shop: TestShop
let connection: ConnectionId
let count = 0

const GOOD_NEWS = flowText({ key: 'good-news', on: 'payment.healed', steps: sendStep('good_news') })

beforeAll(async () => {
  healing = await openHealingWorld()
  ;({ world, lab } = healing)
})
afterAll(() => healing.close())
beforeEach(async () => {
  await healing.fresh()
  shop = await world.openShop(`ceiling-${++count}`, { flows: [GOOD_NEWS], accounts: [account(healing.mail)] })
  connection = await healing.connect(shop)
})

interface Failing {
  readonly brand?: string
  readonly fingerprint?: string | null
  readonly code?: string
  readonly ago?: Millis
  readonly intent?: Partial<LabIntent>
}

/** An order whose payment has just failed, as Stripe's webhook tells it. */
async function fails({
  brand = 'mastercard',
  fingerprint = `fp_${count}`,
  code = 'processing_error',
  intent = {},
  ago = 0,
}: Failing = {}) {
  const no = `C-${++count}`
  const card = fingerprint === null ? null : { brand, fingerprint }
  const failed = lab.failed({
    id: `pi_ceiling${count}`,
    orderNo: no,
    card,
    outcomes: ['declined'],
    ...intent,
  })
  const payment = {
    id: failed.charges[0]!.id,
    rail: 'stripe',
    scheme: brand,
    amount: { minor: failed.amount, currency: 'USD' },
    ...(fingerprint === null ? {} : { card: fingerprint }),
    failure: { code: 'card_declined', declineCode: code },
  }
  const refs = [{ kind: 'stripe_pi', value: failed.id }]
  const told = event('payment.failed', no, { refs, payment }, { time: world.clock.now() - ago })
  await shop.keep([told], { connection })
  await world.engine.worker.drain()
  return failed
}

async function many(n: number, failing: Failing): Promise<readonly LabIntent[]> {
  const intents: LabIntent[] = []
  for (let i = 0; i < n; i++) intents.push(await fails(failing))
  return intents
}

const retriesOf = (intents: readonly LabIntent[]) =>
  intents.reduce((sum, { charges }) => sum + charges.length - 1, 0)
const live = (engines: readonly Engine[], stops: readonly Millis[]) => healing.live(stops, ...engines)
const LATER = [3 * MINUTE, 8 * MINUTE, HOUR, 6 * HOUR, DAY - MINUTE]
const outcomes = async () =>
  (
    await world.rows<{ outcome: string }>(
      `select coalesce(log -> -1 ->> 2, outcome) as outcome from inquiry
       where shop_id = $1 and kind = 'platform' order by outcome`,
      [shop.id],
    )
  ).map(({ outcome }) => outcome)

describe('orders that share a card', () => {
  // Mastercard: ten tries in 24 hours (rails/ceilings.yaml). Eight were the buyers'.
  it('share what its scheme’s ceiling leaves, though two processes try all of them at once', async () => {
    const second = world.another()
    const fingerprint = 'fp_shared'
    const intents = await many(8, { fingerprint })
    await live([world.engine, second], [2 * MINUTE, ...LATER])
    expect(retriesOf(intents)).toBe(2)
    expect((await outcomes()).sort()).toEqual([
      ...Array(2).fill('still_failing'),
      ...Array(6).fill('too_late'),
    ])
  })

  it.each([
    ['one of them waits while another counts and begins', true],
    ['without the lock of the card they would be tried beyond it', false],
  ])('want its last try at once: %s', async (_, locked) => {
    const intents = await many(9, { fingerprint: `fp_last_${locked}` })
    let beginning = 0
    const waits = async () =>
      (
        await world.rows(
          `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        )
      ).length > 0
    const racing = () =>
      world.another((db) =>
        watched(db, async (name) => {
          if (name === 'card_try_lock' && !locked) return 'select'
          if (name === 'card_try_plan' && beginning++ === 0)
            await waitUntil('another wants it, too', async () => beginning > 1 || (await waits()))
          return undefined
        }),
      )
    await live([racing(), racing()], [2 * MINUTE])
    await live([world.engine], LATER)
    expect(retriesOf(intents) === 1).toBe(locked)
    expect(retriesOf(intents)).toBeGreaterThan(0)
  })

  it.each(['before', 'after'] as const)(
    'are not tried beyond it when a process dies %s it commits a try',
    async (when) => {
      const fingerprint = `fp_dies_${when}`
      const intents = await many(8, { fingerprint })
      for (const statement of [
        'card_try_plan',
        'inquiry_act',
        'card_try_rename',
        'intake_events',
        'inquiry_settle',
      ]) {
        const dying = mortal(when, statement)
        await live([dying, dying, world.engine], [2 * MINUTE])
      }
      await live([world.engine], LATER)
      expect(retriesOf(intents)).toBeGreaterThan(0)
      expect(retriesOf(intents)).toBeLessThanOrEqual(2)
    },
  )

  it('are tried no more once one of them was a hard decline', async () => {
    const fingerprint = 'fp_stolen'
    const intents = [await fails({ fingerprint }), await fails({ fingerprint, code: 'stolen_card' })]
    await live([world.engine], [2 * MINUTE, ...LATER])
    expect(retriesOf(intents)).toBe(0)
    expect(await outcomes()).toEqual(['hard_decline'])
  })

  it('are each tried once where the ceiling leaves room, and on cards of their own', async () => {
    const intents = [...(await many(2, { fingerprint: 'fp_a' })), ...(await many(2, { fingerprint: 'fp_b' }))]
    await live([world.engine], [2 * MINUTE, ...LATER])
    expect(intents.map(({ charges }) => charges.length)).toEqual([2, 2, 2, 2])
    // Ours are counted once: under the provider's names.
    const rows = await world.rows<{ n: number }>(
      `select count(*)::int as n from card_try where shop_id = $1 and payment > '' group by card`,
      [shop.id],
    )
    expect(rows).toEqual([{ n: 4 }, { n: 4 }])
  })
})

describe('a payment is not tried by itself', () => {
  it('where its card is not known: tries elsewhere cannot be counted', async () => {
    const intent = await fails({ fingerprint: null })
    await live([world.engine], [2 * MINUTE, ...LATER])
    expect([retriesOf([intent]), await outcomes()]).toEqual([0, []])
  })

  it('where it failed the day before yesterday: that is no news', async () => {
    const intent = await fails({ ago: 2 * DAY })
    await live([world.engine], [2 * MINUTE, ...LATER])
    expect([retriesOf([intent]), await outcomes()]).toEqual([0, []])
  })

  it('beyond the ceiling by what was tried while nobody could be asked', async () => {
    const fingerprint = 'fp_paused'
    const reload = () =>
      world.db.query('update shop set config_version = config_version + 1 where id = $1', [shop.id])
    await world.db.query('update connection set asks_paused_at = 1 where id = $1', [connection])
    await reload()
    await many(9, { fingerprint })
    await world.db.query('update connection set asks_paused_at = null where id = $1', [connection])
    await reload()
    const intents = await many(3, { fingerprint })
    await live([world.engine], [2 * MINUTE, ...LATER])
    expect(retriesOf(intents)).toBe(0)
  })

  it('where the shop has switched that off, or its key may only read; asking goes on', async () => {
    const { id } = shop
    await world.db.query(
      `update shop set settings = '{"retries":{"byUs":"never"}}', config_version = config_version + 1 where id = $1`,
      [id],
    )
    const off = await fails()
    expect(await outcomes()).toEqual([])
    await world.db.query(
      `update shop set settings = '{}', config_version = config_version + 1 where id = $1`,
      [id],
    )
    const readOnly = await fails()
    lab.script([{ fault: { kind: 'fail', status: 403 }, to: 'POST confirm' }])
    await live([world.engine], [2 * MINUTE, ...LATER])
    expect([retriesOf([off, readOnly]), await outcomes()]).toEqual([0, ['key_may_not_write']])
    expect(await world.rows('select asks_paused_at from connection where id = $1', [connection])).toEqual([
      { asks_paused_at: null },
    ])
  })

  it('where Stripe tries it by itself, nor is the shop asked', async () => {
    const intent = await fails({ intent: { invoice: 'in_1' } })
    await live([world.engine], [2 * MINUTE, ...LATER])
    expect([retriesOf([intent]), await outcomes()]).toEqual([0, ['provider_retries']])
    // It was none, and is not counted.
    const [row] = await world.rows(
      `select count(*)::int as n from card_try where shop_id = $1 and payment > ''`,
      [shop.id],
    )
    expect(row).toEqual({ n: 1 })
  })

  it.each([
    ['which its webhook tells', true],
    ['of which only our question hears', false],
  ])('with another card that the buyer tried meanwhile, %s', async (_, told) => {
    const intent = await fails({ fingerprint: 'fp_first' })
    const refs = [{ kind: 'stripe_pi', value: intent.id } as const]
    await live([world.engine], [MINUTE])
    const other = {
      method: { id: 'pm_other', customer: 'cus_lab' },
      card: { brand: 'visa', fingerprint: 'fp_stolen' },
    }
    const second = lab.pay(intent.id, 'stolen_card', other)!
    const payment = {
      id: second.id,
      rail: 'stripe',
      ...{ scheme: 'visa', card: 'fp_stolen', amount: { minor: intent.amount, currency: 'USD' } },
      failure: { code: 'card_declined', declineCode: 'stolen_card' },
    }
    const failed = event('payment.failed', intent.orderNo, { refs, payment }, { time: world.clock.now() })
    if (told) await shop.keep([failed], { connection })
    await live([world.engine], [2 * MINUTE, ...LATER])
    expect(healing.confirms(intent)).toEqual([])
    expect(await outcomes()).toEqual(['buyer_tried_again'])
  })

  it('and what shops without a way to try again are told is not written down by card', async () => {
    await world.db.query('update connection set enabled = false where shop_id = $1', [shop.id])
    await world.db.query('update shop set config_version = config_version + 1 where id = $1', [shop.id])
    await fails()
    expect(await world.rows('select from card_try where shop_id = $1', [shop.id])).toEqual([])
  })
})

/** Another process, which dies around a statement, once: nothing it does from then on reaches the database. */
function mortal(when: 'before' | 'after', statement: string): Engine {
  let reached = false
  let dead = false
  return world.another((db) =>
    watched(db, (name) => {
      if (name === 'rollback') return
      if (!dead && reached && when === 'after' && name !== 'commit') dead = true
      reached ||= name === statement
      if (reached && when === 'before') dead = true
      if (dead) throw new Error('the process ended')
    }),
  )
}
