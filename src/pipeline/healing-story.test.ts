import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type HealingWorld, openHealingWorld, STRIPE_SECRET } from '../../test/kit/healing-world.ts'
import { shopRows } from '../../test/kit/shop-rows.ts'
import { account, MONDAY, type TestShop, type World } from '../../test/kit/world.ts'
import { signStripe } from '../app/demo-sign.ts'
import { setShopKilled } from '../db/shops.ts'
import type { ConnectionId } from '../domain/ids.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../domain/time.ts'
import type { LabIntent, StripeLab } from '../lab/stripe-lab.ts'
import { openSettings } from '../sources/connection-settings.ts'
import { SOURCES } from '../sources/registry.ts'

// From Stripe's own callback to what the buyer reads: the program's rules, its preset flows, a strict Stripe.

const FLOWS = new URL('../../flows/', import.meta.url)
/** The presets as they are, with one small text for all of them. */
const PRESETS = readdirSync(FLOWS)
  .filter((name) => /^payment-.*\.yaml$/.test(name))
  .map((name) => readFileSync(new URL(name, FLOWS), 'utf8').replace(/template: \w+/g, 'template: hello'))

let healing: HealingWorld
let world: World
let lab: StripeLab
let shop: TestShop
let connection: ConnectionId
let count = 0
let failures = 0

beforeAll(async () => {
  healing = await openHealingWorld()
  ;({ world, lab } = healing)
})
afterAll(() => healing.close())
beforeEach(async () => {
  await healing.fresh()
  shop = await world.openShop(`story-${++count}`, {
    flows: PRESETS,
    accounts: [account(healing.mail)],
    settings: { capPerDay: 50, ordersApart: 'never' },
  })
  connection = await healing.connect(shop)
})

/** A payment fails at Stripe, and Stripe calls back. `meanwhile`: what Stripe would say of it by now. */
async function fails(
  outcome: 'succeeds' | 'declined',
  more: Partial<LabIntent> = {},
  meanwhile?: LabIntent['status'],
): Promise<LabIntent> {
  const nr = `${count}n${++failures}`
  const intent = lab.failed({
    id: `pi_story${nr}`,
    orderNo: `S-${nr}`,
    card: { brand: 'visa', fingerprint: `fp_story${nr}` },
    outcomes: [outcome],
    ...more,
  })
  const answer = await healing.client.request(
    {
      url: `${lab.origin}/v1/payment_intents/${intent.id}`,
      method: 'GET',
      headers: { authorization: `Bearer ${lab.apiKey}`, 'stripe-version': '2025-02-24.acacia' },
      body: null,
      timeout: 5 * SECOND,
    },
    AbortSignal.timeout(10 * SECOND),
  )
  const object = JSON.parse(answer.kind === 'answer' ? answer.body : 'null')
  const created = Math.floor(world.clock.now() / SECOND)
  const type = 'payment_intent.payment_failed'
  const body = Buffer.from(JSON.stringify({ id: `evt_story${nr}`, type, created, data: { object } }))
  const headers = signStripe(STRIPE_SECRET, created, body.toString())
  const source = SOURCES.get('stripe')!
  const opened = openSettings(source, JSON.stringify(healing.settings))!
  const received = source.receive(
    opened.settings,
    { method: 'POST', query: {}, headers, body },
    world.clock.now(),
  )
  if (received.kind !== 'events') throw new Error(received.kind)
  if (meanwhile !== undefined) intent.status = meanwhile
  await shop.keep(received.events, { connection })
  await world.engine.worker.drain()
  return intent
}

const go = (ms: number) => healing.go(ms)
const said = async () =>
  (await shopRows(world).messages(shop)).map(({ flow, step, state }) => `${flow} ${step} ${state}`)
const confirms = (intent: LabIntent) => healing.confirms(intent).length
const reads = ({ id }: LabIntent) =>
  lab.seen.filter((one) => one.method === 'GET' && one.path.includes(id)).length

it('a payment that the platform broke is asked about, tried after two minutes, and the buyer reads only that it is fixed', async () => {
  const intent = await fails('succeeds')
  // One look was ours, to make the callback.
  expect([reads(intent) - 1, confirms(intent), await said()]).toEqual([1, 0, []])
  await go(2 * MINUTE - 1)
  expect([confirms(intent), await said()]).toEqual([0, []])
  await go(2 * MINUTE)
  expect([confirms(intent), await said()]).toEqual([1, ['payment-healed good_news sent']])
  for (const later of [3 * MINUTE, 10 * MINUTE, HOUR, DAY, 2 * DAY, 8 * DAY]) await go(later)
  expect([confirms(intent), await said()]).toEqual([1, ['payment-healed good_news sent']])
})

it('one that fails again is told at once, and the ladder goes on from there', async () => {
  const intent = await fails('declined')
  await go(2 * MINUTE)
  expect([confirms(intent), await said()]).toEqual([1, ['payment-failed-timeout first sent']])
  for (const later of [10 * MINUTE, HOUR, DAY + 2 * MINUTE]) await go(later)
  expect(await said()).toEqual(['payment-failed-timeout first sent', 'payment-failed-timeout day sent'])
  expect(confirms(intent)).toBe(1)
})

it('one that nobody may heal is told after the ladder’s own two minutes', async () => {
  await world.db.query('update connection set enabled = false where shop_id = $1', [shop.id])
  await world.db.query('update shop set config_version = config_version + 1 where id = $1', [shop.id])
  const intent = await fails('succeeds')
  expect(await said()).toEqual([])
  await go(2 * MINUTE)
  expect([confirms(intent), await said()]).toEqual([0, ['payment-failed-timeout first sent']])
})

describe('a payment that could not be tried in time is not tried at all, and the buyer is told once', () => {
  const FIRST = 'payment-failed-timeout first'
  const kill = (killed: boolean) => setShopKilled(world.db, shop.id, killed)
  const hold = (held: boolean) =>
    world.db.query('update orders set held_by_review = $2 where shop_id = $1', [shop.id, held])
  /** How each healing of the shop ended, and why the reminders' turn came. */
  const ends = async () => {
    const healings = await world.rows<{ outcome: string | null; log: [number, string, string | null][] }>(
      `select outcome, log from inquiry where shop_id = $1 and kind = 'platform' order by started_at, order_id`,
      [shop.id],
    )
    return healings.map(({ outcome, log }) => {
      const [, , why] = log.findLast(([, what]) => what === 'ended' || what === 'gave_up') ?? []
      return `${outcome ?? 'open'} ${why ?? ''}`
    })
  }
  /** Through the hours that follow, in which nothing but the ladder's later words may come. */
  async function staysTold(intent: LabIntent): Promise<void> {
    for (const later of [10 * MINUTE, HOUR, 6 * HOUR]) await go(later)
    expect([confirms(intent), await said()]).toEqual([0, [`${FIRST} sent`]])
  }

  it('because the kill switch was on for minutes: it is told when that is off', async () => {
    const intent = await fails('succeeds')
    await kill(true)
    for (const ms of [2 * MINUTE, 4 * MINUTE, 6 * MINUTE]) await go(ms)
    expect([await ends(), await said()]).toEqual([['open '], []])
    await kill(false)
    await go(7 * MINUTE)
    expect([await ends(), await said()]).toEqual([['not_healed too_late'], [`${FIRST} sent`]])
    await staysTold(intent)
  })

  it('but no ladder waits for a kill switch that stays on: its word is dropped, and says why', async () => {
    const intent = await fails('succeeds')
    await kill(true)
    for (const ms of [2 * MINUTE, 4 * MINUTE, 9 * MINUTE]) await go(ms)
    expect([await ends(), await said()]).toEqual([['not_healed too_late'], [`${FIRST} dropped`]])
    await kill(false)
    await go(DAY + 9 * MINUTE)
    expect([confirms(intent), await said()]).toEqual([
      0,
      [`${FIRST} dropped`, 'payment-failed-timeout day sent'],
    ])
  })

  it('because a person had to decide: it is told when that is decided', async () => {
    const intent = await fails('succeeds')
    await hold(true)
    for (const ms of [2 * MINUTE, 4 * MINUTE]) await go(ms)
    expect([await ends(), await said()]).toEqual([['not_healed too_late'], [`${FIRST} waiting`]])
    await hold(false)
    await go(20 * MINUTE)
    expect([confirms(intent), await said()]).toEqual([0, [`${FIRST} sent`]])
    await staysTold(intent)
  })

  it('because nobody worked for minutes', async () => {
    const intent = await fails('succeeds')
    await go(4 * MINUTE)
    expect([await ends(), await said()]).toEqual([['not_healed too_late'], [`${FIRST} sent`]])
    await staysTold(intent)
  })

  it('because its card’s scheme allows a try tomorrow only: at once', async () => {
    const card = { brand: 'mastercard', fingerprint: 'fp_shared' }
    const intents = []
    for (let nr = 0; nr < 10; nr++) intents.push(await fails('succeeds', { card }))
    expect(await said()).toEqual([`${FIRST} sent`])
    for (const ms of [2 * MINUTE, 10 * MINUTE, HOUR, 23 * HOUR]) await go(ms)
    expect(intents.map(confirms)).toEqual(Array(10).fill(0))
    expect(await ends()).toEqual(Array(10).fill('not_healed too_late'))
    expect(await said()).toEqual(Array(10).fill(`${FIRST} sent`))
  })

  it('because it is still under way there: after nine minutes, and it is asked about on', async () => {
    const intent = await fails('succeeds', {}, 'processing')
    for (const ms of [2 * MINUTE, 4 * MINUTE, 5 * MINUTE, 9 * MINUTE - 1]) await go(ms)
    expect(await said()).toEqual([])
    await go(9 * MINUTE)
    expect([await ends(), await said()]).toEqual([['open undecided'], [`${FIRST} sent`]])
    lab.decide(intent.id, true)
    for (const ms of [2 * HOUR, 3 * HOUR]) await go(ms)
    expect([await ends(), confirms(intent)]).toEqual([['paid paid'], 0])
    await go(2 * DAY)
    expect(await said()).toEqual([`${FIRST} sent`])
  })

  it.each(['before', 'while'])(
    'because a flow that waits for nothing reminded the buyer %s we came to it',
    async (when) => {
      const intent = await fails('succeeds')
      const remind = () =>
        world.db.query(
          `insert into message (shop_id, id, order_id, channel, purpose, category, audience, template, stops, created_at,
           due_at, expires_at, state)
         select shop_id, gen_random_uuid(), order_id, 'email', 'reminder', 'orders', 'buyer', 't', '{}', $3, $3, $3, 'sent'
         from order_ref where shop_id = $1 and kind = 'order_no' and value = $2`,
          [shop.id, intent.orderNo, world.clock.now()],
        )
      if (when === 'before') await remind()
      world.clock.set(MONDAY + 2 * MINUTE)
      if (when === 'while') await healing.meanwhile('order_lock_for_try', remind)
      await go(2 * MINUTE)
      expect([confirms(intent), await ends()]).toEqual([0, ['not_healed reminded']])
    },
  )
})
