import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { flowText, sendStep } from '../../test/kit/flow-texts.ts'
import { type HealingWorld, openHealingWorld } from '../../test/kit/healing-world.ts'
import { type ScriptedProvider, scriptedProvider } from '../../test/kit/scripted-provider.ts'
import { shopRows } from '../../test/kit/shop-rows.ts'
import { account, event, MONDAY, type TestShop, type World, watched } from '../../test/kit/world.ts'
import type { Db } from '../db/connect.ts'
import { inquiriesOf } from '../db/inquiries.ts'
import { findOrder } from '../db/orders.ts'
import { setShopKilled } from '../db/shops.ts'
import type { RetryRules } from '../domain/healing/rules.ts'
import type { ConnectionId } from '../domain/ids.ts'
import { DAY, HOUR, MINUTE, type Millis, SECOND } from '../domain/time.ts'
import type { HttpFault } from '../lab/http-faults.ts'
import type { LabIntent, StripeLab } from '../lab/stripe-lab.ts'
import type { Engine } from './engine.ts'
import type { AccountToOpen } from './open-shop.ts'

// A whole healing against a strict Stripe: real requests over loopback, a real database, time in the test's hands.

let healing: HealingWorld
let world: World
let lab: StripeLab
let mail: ScriptedProvider
let command: ScriptedProvider
let shop: TestShop
let connection: ConnectionId
let rows: ReturnType<typeof shopRows>
let count = 0

const rules: RetryRules = {
  classOf: ({ declineCode }) =>
    declineCode === 'processing_error'
      ? { class: 'network_timeout', advice: 'AUTO_ONCE' }
      : { class: 'other', advice: 'STOP' },
  mayRetry: ({ tries }, now) =>
    tries.length < 3
      ? { kind: 'allowed', notBefore: now, rule: null }
      : { kind: 'never', rule: 'three_is_enough' },
}

const LADDER = `${flowText({
  key: 'ladder',
  on: 'payment.failed, payment.heal_failed',
  purpose: 'reminder',
  more: 'once: { per: burst, rest: 1h }\nstopWhen: [paid, closed]',
  steps: sendStep('remind'),
})}`.replace('heal_failed] }', "heal_failed], when: '!order.healing' }")
const GOOD_NEWS = flowText({ key: 'good-news', on: 'payment.healed', steps: sendStep('good_news') })
const ASK_SHOP = `
key: payment-retry
family: order-rules
title: { zh: 测试, en: Test }
description: { zh: 测试, en: Test }
audience: members
purpose: essential
trigger: { on: [payment.retry_wanted] }
once: { per: payment }
stopWhen: [paid, closed]
steps:
  - { id: retry, kind: act, command: retry_payment }
`

beforeAll(async () => {
  command = scriptedProvider('command', 'harmless')
  healing = await openHealingWorld({ retries: rules, providers: [command] })
  ;({ world, lab, mail } = healing)
  rows = shopRows(world)
  dying = world.another(mortal)
})
afterAll(() => healing.close())
beforeEach(() => openShop([account(mail)]))

/** Another process, which dies around a statement: nothing it does from then on reaches the database. */
const death: { when: 'before' | 'after' | null; statement: string; dead: boolean } = {
  when: null,
  statement: '',
  dead: false,
}
let dying: Engine
function mortal(db: Db): Db {
  const die = () => {
    death.dead = true
    throw new Error('the process ended')
  }
  const inner = watched(db, (name) => {
    // A connection that dies rolls back.
    if (name === 'rollback') return
    if (death.dead || (death.when === 'before' && name === death.statement)) die()
  })
  return {
    ...inner,
    async query<Row>(query: Parameters<Db['query']>[0], values?: readonly unknown[]) {
      const result = await inner.query<Row>(query, values)
      if (death.when === 'after' && (query as { name?: string }).name === death.statement) die()
      return result
    },
    async withClient(work) {
      let seen = false
      const result = await inner.withClient((client) =>
        work(
          new Proxy(client, {
            get(target, key) {
              const value = Reflect.get(target, key, target)
              if (typeof value !== 'function') return value
              return (...args: readonly unknown[]) => {
                if (key === 'query') seen ||= (args[0] as { name?: string }).name === death.statement
                return value.apply(target, args)
              }
            },
          }),
        ),
      )
      if (death.when === 'after' && seen) die()
      return result
    },
  }
}

async function openShop(accounts: readonly AccountToOpen[], settings = {}) {
  await healing.fresh()
  shop = await world.openShop(`healing-${++count}`, {
    flows: [LADDER, GOOD_NEWS, ASK_SHOP],
    accounts,
    settings,
  })
  connection = await healing.connect(shop)
}

const drain = () => world.engine.worker.drain()
const go = (ms: Millis) => healing.go(ms)
const meanwhile = (statement: string, happens: () => Promise<unknown>) =>
  healing.meanwhile(statement, happens)
const live = (until: Millis = 8 * DAY) =>
  healing.live([
    0,
    10 * SECOND,
    2 * MINUTE,
    3 * MINUTE,
    7 * MINUTE,
    8 * MINUTE,
    HOUR,
    2 * HOUR,
    ...days(until),
  ])
const days = (until: Millis) =>
  Array.from({ length: Math.floor(until / DAY) }, (_, n) => (n + 1) * DAY + 3 * HOUR)

async function fails(more: Partial<LabIntent> = {}, code = 'processing_error'): Promise<LabIntent> {
  const no = `H-${++count}`
  const intent = lab.failed({ id: `pi_heal${count}`, orderNo: no, ...more })
  const failed = event('payment.failed', no, {
    refs: [{ kind: 'stripe_pi', value: intent.id }],
    customer: { email: `${no}@example.org` },
    payment: {
      id: intent.charges[0]!.id,
      rail: 'stripe',
      failure: { code: 'card_declined', declineCode: code },
    },
  })
  await shop.keep([failed], { connection })
  await drain()
  return intent
}
const confirms = (intent: LabIntent) => healing.confirms(intent)
const succeeded = ({ charges }: LabIntent) => charges.filter((charge) => charge.succeeded).length
const sent = async () => (await rows.messages(shop)).map(({ step, state }) => `${step} ${state}`)
const outcome = async (intent: LabIntent) => {
  const order = await findOrder(world.db, shop.id, { kind: 'order_no', value: intent.orderNo })
  const row = (await inquiriesOf(world.db, shop.id, order!)).find(({ kind }) => kind === 'platform')
  return row?.outcome ?? null
}
const statusOf = async () => (await rows.orders(shop)).map(({ status }) => status)

describe('a payment that failed for no fault of the buyer’s', () => {
  it('is asked about, waits two minutes, is tried once, and the buyer hears only the good news', async () => {
    const intent = await fails()
    expect(confirms(intent)).toEqual([])
    expect(await sent()).toEqual([])
    await go(2 * MINUTE - 1)
    expect(confirms(intent)).toEqual([])
    await go(2 * MINUTE)
    expect(confirms(intent)).toHaveLength(1)
    expect(await statusOf()).toEqual(['paid'])
    expect(await outcome(intent)).toBe('healed')
    expect(await sent()).toEqual(['good_news sent'])
    await live()
    expect([confirms(intent).length, succeeded(intent)]).toEqual([1, 1])
  })

  it('that fails again is the reminders’ from then on', async () => {
    const intent = await fails({ outcomes: ['declined'] })
    expect(await sent()).toEqual([])
    await go(2 * MINUTE)
    expect(await outcome(intent)).toBe('not_healed')
    expect(await sent()).toEqual(['remind sent'])
    await live()
    expect(confirms(intent)).toHaveLength(1)
  })

  it('is not touched when the bank said no, or the ceiling is reached: the buyer is reminded at once', async () => {
    const hard = await fails({}, 'stolen_card')
    expect([await outcome(hard), await sent()]).toEqual([null, ['remind sent']])
    await live()
    expect(confirms(hard)).toEqual([])
  })

  it('is left alone when the buyer pays meanwhile', async () => {
    const intent = await fails()
    lab.pay(intent.id)
    await go(2 * MINUTE)
    expect(confirms(intent)).toEqual([])
    expect(await statusOf()).toEqual(['paid'])
    expect(await sent()).toEqual([])
  })

  describe('is asked about when the buyer paid otherwise while nobody knew how our try ended', () => {
    const paysAnew = async (intent: LabIntent) => {
      const anew = lab.failed({ id: `${intent.id}b`, orderNo: intent.orderNo })
      lab.pay(anew.id)
      const refs = [{ kind: 'stripe_pi', value: anew.id }] as const
      const payment = { id: anew.id, rail: 'stripe' }
      await shop.keep([event('order.paid', intent.orderNo, { refs: [...refs], payment })], { connection })
      await drain()
    }
    const log = () =>
      world.rows<{ what: string; code: string | null }>(
        `select e ->> 1 as what, e ->> 2 as code from inquiry, jsonb_array_elements(log) as e where shop_id = $1`,
        [shop.id],
      )

    it('that it never arrived is found out: what the buyer reads, charged once, is true', async () => {
      const intent = await fails()
      lab.script([{ fault: { kind: 'drop', when: 'before' }, to: 'POST confirm' }])
      await go(2 * MINUTE)
      await paysAnew(intent)
      await live()
      expect([confirms(intent).length, succeeded(intent)]).toEqual([1, 0])
      expect([await outcome(intent), await sent()]).toEqual(['healed', ['good_news sent']])
    })

    it('that it took money too is found out: both payments are known, and nobody says that it was one', async () => {
      const intent = await fails()
      lab.script([{ fault: { kind: 'drop', when: 'after' }, to: 'POST confirm' }])
      await go(2 * MINUTE)
      await paysAnew(intent)
      await live()
      expect([confirms(intent).length, succeeded(intent)]).toEqual([1, 1])
      expect([await outcome(intent), await sent()]).toEqual(['paid', []])
      expect((await log()).at(-1)).toEqual({ what: 'ended', code: 'paid_twice' })
      const { rows: paid } = await world.db.query(
        "select from event where shop_id = $1 and type = 'order.paid' and trust = 'queried'",
        [shop.id],
      )
      expect(paid).toHaveLength(2)
    })
  })

  it('is not tried after the payment is known, though nobody has applied its event yet', async () => {
    const intent = await fails()
    world.clock.set(MONDAY + 2 * MINUTE)
    // Between the last question and the try: the marker is committed, and no answer of ours knows of it.
    await meanwhile('inquiry_act', () => shop.keep([event('order.paid', intent.orderNo)], { connection }))
    expect(confirms(intent)).toEqual([])
  })

  const kill = (killed: boolean) => setShopKilled(world.db, shop.id, killed)
  const hold = (held: boolean) =>
    world.db.query('update orders set held_by_review = $2 where shop_id = $1', [shop.id, held])

  it('is not tried while the shop’s kill switch is on, and is when it is released in time', async () => {
    const intent = await fails()
    await kill(true)
    await go(2 * MINUTE)
    expect(confirms(intent)).toEqual([])
    await kill(false)
    await go(4 * MINUTE - 1)
    expect(confirms(intent)).toHaveLength(1)
  })

  it('is not tried when the kill switch is thrown after the failure was taken up', async () => {
    const intent = await fails()
    world.clock.set(MONDAY + 2 * MINUTE)
    await meanwhile('inquiry_claim', () => kill(true))
    expect(confirms(intent)).toEqual([])
    await kill(false)
    await go(3 * MINUTE)
    expect(confirms(intent)).toHaveLength(1)
  })

  it('waits while somebody has to decide about the order', async () => {
    const intent = await fails()
    await hold(true)
    await go(2 * MINUTE)
    expect(confirms(intent)).toEqual([])
    await hold(false)
    await go(4 * MINUTE - 1)
    expect(confirms(intent)).toHaveLength(1)
  })

  it.each(['order.cancelled', 'order.refunded'])(
    'is not tried after %s, heard of at the last moment',
    async (type) => {
      const intent = await fails()
      world.clock.set(MONDAY + 2 * MINUTE)
      await meanwhile('order_lock_for_try', async () => {
        await shop.keep([event(type, intent.orderNo)], { connection })
        await drain()
      })
      await live(DAY)
      expect(confirms(intent)).toEqual([])
    },
  )

  it('is the shop’s to try where the method is not saved, by one signed command', async () => {
    await openShop([account(mail), account(command)], { retries: { byShop: 'ask' } })
    const intent = await fails({ method: { id: 'pm_lab', customer: null } })
    await go(2 * MINUTE)
    expect(confirms(intent)).toEqual([])
    expect(command.calls.map(({ content }) => content.kind === 'webhook' && content.type)).toEqual([
      'payment.retry',
    ])
    lab.pay(intent.id)
    await go(8 * MINUTE)
    expect(await outcome(intent)).toBe('healed')
    expect((await sent()).sort()).toEqual(['good_news sent', 'retry sent'])
    command.calls.length = 0
    await live()
    expect(command.calls).toEqual([])
  })

  it('ends when nobody can be asked any more, so that the buyer hears of it', async () => {
    const intent = await fails()
    await world.db.query('update connection set enabled = false where shop_id = $1 and id = $2', [
      shop.id,
      connection,
    ])
    await world.db.query('update shop set config_version = config_version + 1 where id = $1', [shop.id])
    await go(2 * MINUTE)
    expect(await outcome(intent)).toBe('not_healed')
    expect(await sent()).toEqual(['remind sent'])
  })
})

/** Statements around the one try; `after` dies when it has been committed, `before` when it has not. */
const DEATHS = [
  ['before', 'inquiry_act'],
  ['after', 'inquiry_act'],
  ['before', 'intake_events'],
  ['before', 'inquiry_settle'],
  ['after', 'inquiry_settle'],
  [null, ''],
] as const
const FAULTS: readonly (HttpFault | null)[] = [
  null,
  { kind: 'drop', when: 'before' },
  { kind: 'drop', when: 'after' },
  { kind: 'fail', status: 500 },
  { kind: 'fail', status: 409 },
  { kind: 'limit', seconds: 3 },
]

describe('whatever happens around the one try', () => {
  it.each(
    DEATHS.flatMap(([when, statement]) =>
      FAULTS.flatMap((fault) =>
        (['succeeds', 'declined'] as const).map((outcome) => ({ when, statement, fault, outcome })),
      ),
    ),
  )('money is taken once at most: death $when $statement, $fault.kind $fault.when, $outcome', async (one) => {
    const intent = await fails({ outcomes: [one.outcome] })
    if (one.fault) lab.script([{ fault: one.fault, to: 'POST confirm' }])
    Object.assign(death, { when: one.when, statement: one.statement, dead: false })
    world.clock.set(MONDAY + 2 * MINUTE)
    await dying.worker.drain().catch(() => {})
    await live()
    expect(confirms(intent).length).toBeLessThanOrEqual(1)
    expect(succeeded(intent)).toBeLessThanOrEqual(1)
    expect(await outcome(intent)).toBe(succeeded(intent) === 1 ? 'healed' : 'not_healed')
    expect(await sent()).toEqual([succeeded(intent) === 1 ? 'good_news sent' : 'remind sent'])
  })
})
