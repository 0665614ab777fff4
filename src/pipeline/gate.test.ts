import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { REMIND } from '../../test/kit/flow-texts.ts'
import { type ScriptedProvider, scriptedProvider } from '../../test/kit/scripted-provider.ts'
import { shopRows } from '../../test/kit/shop-rows.ts'
import {
  account,
  type Buyer,
  event,
  MONDAY,
  openWorld,
  type PlanOptions,
  type TestShop,
  type World,
} from '../../test/kit/world.ts'
import { setAccountState } from '../db/accounts.ts'
import { savePreferences, setContactState } from '../db/contacts.ts'
import { changeFlow } from '../db/flows.ts'
import { findOrder } from '../db/orders.ts'
import { bumpConfig, setAllKilled, setShopKilled } from '../db/shops.ts'
import type { AccountId } from '../domain/ids.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../domain/time.ts'

let world: World
let mail: ScriptedProvider
let text: ScriptedProvider
let rows: ReturnType<typeof shopRows>
let shop: TestShop
let buyer: Buyer
let shops = 0

/** 23:00 in Shanghai. */
const NIGHT = MONDAY + 13 * HOUR
const QUIET = { email: [{ from: '22:00', to: '09:00' }], sms: [{ from: '21:00', to: '08:00' }] }

beforeAll(async () => {
  mail = scriptedProvider('email', 'harmless')
  text = scriptedProvider('sms', 'visible')
  world = await openWorld({ providers: [mail, text] })
  rows = shopRows(world)
})
afterAll(() => world?.close())
beforeEach(async () => {
  world.clock.set(MONDAY)
  const accounts = [account(mail), account(text)]
  shop = await world.openShop(`gate-${++shops}`, { accounts, settings: { quiet: QUIET }, flows: [REMIND] })
  buyer = await shop.buyer({ email: 'gate@example.org', phone: '+8613800138000' })
  mail.calls.length = 0
  text.calls.length = 0
  mail.answer = () => ({ kind: 'sent', providerRef: null })
})

const drain = () => world.engine.worker.drain()
const many = (n: number, options: PlanOptions = {}): PlanOptions[] =>
  Array.from({ length: n }, () => ({ to: buyer, channel: 'email', ...options }))
const verdicts = async () => (await rows.messages(shop)).map(({ state, verdict }) => `${state} ${verdict}`)
const states = async () => (await rows.messages(shop)).map(({ state }) => state).sort()
const used = async () =>
  Object.fromEntries(
    (
      await world.rows<{ day: string; used: number }>(
        'select day::text, used from cap where shop_id = $1 and used > 0 order by day',
        [shop.id],
      )
    ).map(({ day, used }) => [day, used]),
  )
const accountOf = async (channel: string) =>
  (
    await world.rows<{ id: AccountId }>('select id from account where shop_id = $1 and channel = $2', [
      shop.id,
      channel,
    ])
  )[0]!.id

describe('the daily cap', () => {
  it('holds when two processes race for the last slots, over all channels', async () => {
    await shop.plan([...many(10), ...many(10, { channel: 'sms' })])
    const other = world.another()
    await Promise.all([drain(), other.worker.drain()])
    await drain()
    expect(mail.calls.length + text.calls.length).toBe(3)
    expect(await used()).toEqual({ '2026-11-23': 3 })
    expect((await states()).filter((state) => state === 'waiting')).toHaveLength(17)
    // The next local day has slots of its own.
    world.clock.set(MONDAY + DAY + 5 * MINUTE)
    await Promise.all([drain(), other.worker.drain()])
    await drain()
    expect(mail.calls.length + text.calls.length).toBe(6)
  })

  it('exempts what is essential', async () => {
    await shop.plan(many(5, { purpose: 'essential' }))
    await drain()
    expect(mail.calls).toHaveLength(5)
    expect(await used()).toEqual({})
  })

  it('counts a message once, however often it is tried', async () => {
    mail.answer = (_, nth) =>
      nth < 3 ? { kind: 'retry', code: 'busy', afterMs: null } : { kind: 'sent', providerRef: null }
    await shop.plan(many(1))
    for (const wait of [0, 10 * SECOND, MINUTE]) {
      world.clock.set(MONDAY + wait)
      await drain()
    }
    expect(await states()).toEqual(['sent'])
    expect(mail.calls).toHaveLength(3)
    expect(await used()).toEqual({ '2026-11-23': 1 })
  })

  it('moves the slot along when a try comes on another day', async () => {
    mail.answer = (_, nth) =>
      nth === 1 ? { kind: 'retry', code: 'busy', afterMs: DAY } : { kind: 'sent', providerRef: null }
    await shop.plan(many(1))
    await drain()
    expect(await used()).toEqual({ '2026-11-23': 1 })
    world.clock.set(MONDAY + DAY + MINUTE)
    await drain()
    expect(await states()).toEqual(['sent'])
    expect(await used()).toEqual({ '2026-11-24': 1 })
  })

  it('gives the slot back when the message was refused, or dropped after a try', async () => {
    mail.answer = (_, nth) =>
      nth === 1
        ? { kind: 'rejected', blame: 'content', code: 'spam' }
        : { kind: 'retry', code: 'busy', afterMs: null }
    await shop.plan(many(1))
    await drain()
    expect(await used()).toEqual({})
    await shop.plan(many(1))
    await drain()
    expect(await used()).toEqual({ '2026-11-23': 1 })
    await setShopKilled(world.db, shop.id, true)
    world.clock.set(MONDAY + MINUTE)
    await drain()
    expect(await used()).toEqual({})
  })
})

describe('the paid marker', () => {
  const stopped = async (no: string) => {
    await shop.keep([event('payment.started', no)])
    await drain()
    const orderId = await findOrder(world.db, shop.id, { kind: 'order_no', value: no })
    await shop.plan(many(1, { orderId, stops: ['paid'] }))
  }

  it('stops a reminder as soon as it is committed, before the payment is applied', async () => {
    await stopped('P-1')
    await shop.keep([event('order.paid', 'P-1')])
    await world.engine.delivery.deliver(shop.id, 'email')
    expect(await verdicts()).toEqual(['dropped drop:paid'])
    expect(mail.calls).toHaveLength(0)
  })

  it('stops nothing else, and no other order', async () => {
    await stopped('P-2')
    await shop.keep([event('order.paid', 'P-3')])
    await shop.plan(many(1))
    await world.engine.delivery.deliver(shop.id, 'email')
    expect(await states()).toEqual(['sent', 'sent'])
  })

  it('is provably later than the gate of what had left before it', async () => {
    await stopped('P-4')
    await drain()
    await shop.keep([event('order.paid', 'P-4')])
    const [row] = await world.rows<{ seen: boolean }>(
      `select pg_visible_in_snapshot(r.paid_xid, m.gate_snapshot) as seen
       from message m join order_ref r on r.shop_id = m.shop_id and r.order_id = m.order_id
       where m.shop_id = $1 and m.state = 'sent' and r.paid_xid is not null`,
      [shop.id],
    )
    expect(row).toEqual({ seen: false })
  })
})

describe('kill switches', () => {
  it.each(['all', 'shop', 'flow'] as const)('of %s stop messages planned by any version', async (which) => {
    await shop.plan(many(1, { flow: 'remind', flowVersion: 1 }))
    await shop.publish([REMIND.replace('second', 'changed')])
    await shop.plan(many(1, { flow: 'remind', flowVersion: 2 }))
    if (which === 'all') await setAllKilled(world.db, true)
    if (which === 'shop') await setShopKilled(world.db, shop.id, true)
    if (which === 'flow') await changeFlow(world.db, shop.id, 'remind', { killed: true }, MONDAY)
    try {
      await drain()
      expect(mail.calls).toHaveLength(0)
      expect(await verdicts()).toEqual([`dropped drop:killed_${which}`, `dropped drop:killed_${which}`])
    } finally {
      await setAllKilled(world.db, false)
    }
  })

  it('of one flow leave the others alone', async () => {
    await changeFlow(world.db, shop.id, 'remind', { killed: true }, MONDAY)
    await shop.plan([...many(1), ...many(1, { flow: 'other' })])
    await drain()
    expect(mail.calls).toHaveLength(2)
  })
})

describe('holding', () => {
  it('keeps messages while their account is paused, and lets them go once it is resumed', async () => {
    const id = await accountOf('email')
    const set = async (state: 'ok' | 'paused') => {
      await setAccountState(world.db, shop.id, id, state, 'test', world.clock.now())
      await bumpConfig(world.db, shop.id)
    }
    await set('paused')
    await shop.plan(many(2))
    await drain()
    world.clock.set(MONDAY + HOUR)
    await drain()
    expect((await verdicts()).every((each) => /^waiting hold@\d+:account_paused$/.test(each))).toBe(true)
    await set('ok')
    world.clock.set(MONDAY + HOUR + 10 * MINUTE)
    await drain()
    expect(await states()).toEqual(['sent', 'sent'])
    const history = await world.rows('select verdict from verdict_history where shop_id = $1', [shop.id])
    // Only the change was written, not each look at it.
    expect(history.length).toBeLessThanOrEqual(2)
  })

  it('lasts over quiet hours and ends spread out, never before they end', async () => {
    world.clock.set(NIGHT)
    await world.db.query(`update shop set settings = settings || '{"capPerDay":50}' where id = $1`, [shop.id])
    await bumpConfig(world.db, shop.id)
    await shop.plan(many(30, { purpose: 'reminder' }))
    await drain()
    const due = await world.rows<{ due_at: number }>(
      'select distinct due_at from message_work where shop_id = $1',
      [shop.id],
    )
    const morning = NIGHT + 10 * HOUR
    expect(due.length).toBeGreaterThan(20)
    expect(due.every(({ due_at }) => due_at >= morning && due_at < morning + 5 * MINUTE)).toBe(true)
    world.clock.set(morning - 1)
    await drain()
    expect(mail.calls).toHaveLength(0)
    world.clock.set(morning + 5 * MINUTE)
    await drain()
    expect(mail.calls).toHaveLength(30)
  })

  it('is not for answers to the buyer’s own act, nor for mails about the order', async () => {
    world.clock.set(NIGHT)
    await shop.plan([
      ...many(1, { purpose: 'reminder', inSessionUntil: NIGHT + 10 * MINUTE }),
      ...many(1, { purpose: 'service' }),
      // A phone rings at night for nobody's session.
      ...many(1, { channel: 'sms', purpose: 'reminder', inSessionUntil: NIGHT + 10 * MINUTE }),
    ])
    await drain()
    expect(mail.calls).toHaveLength(2)
    expect(text.calls).toHaveLength(0)
  })
})

describe('dropping', () => {
  it('ends what came too late', async () => {
    await shop.plan(many(1, { expiresAt: MONDAY + HOUR }))
    world.clock.set(MONDAY + HOUR)
    await drain()
    expect(await verdicts()).toEqual(['dropped drop:expired'])
  })

  it('heeds what the person switched off, and waits while they paused', async () => {
    await savePreferences(world.db, shop.id, buyer.customer, { off: ['email:reminder'] })
    await shop.plan([...many(1, { purpose: 'reminder' }), ...many(1)])
    await drain()
    expect(await states()).toEqual(['dropped', 'sent'])
    await savePreferences(world.db, shop.id, buyer.customer, { pausedUntil: MONDAY + HOUR })
    await shop.plan(many(1))
    await drain()
    expect(await states()).toEqual(['dropped', 'sent', 'waiting'])
    world.clock.set(MONDAY + HOUR + 5 * MINUTE)
    await drain()
    expect(await states()).toEqual(['dropped', 'sent', 'sent'])
  })

  it('spares an address that the provider called dead, for every later message', async () => {
    mail.answer = () => ({ kind: 'rejected', blame: 'address', code: '550' })
    await shop.plan(many(1))
    await drain()
    mail.answer = () => ({ kind: 'sent', providerRef: null })
    await shop.plan([...many(1, { purpose: 'essential' }), ...many(1, { channel: 'sms' })])
    await drain()
    expect(await verdicts()).toEqual(
      expect.arrayContaining([expect.stringMatching(/^failed send/), 'dropped drop:suppressed']),
    )
    expect(mail.calls).toHaveLength(1)
    expect(text.calls).toHaveLength(1)
  })

  it('meets a resend like any other message', async () => {
    const [first] = await shop.plan(many(1))
    await drain()
    const contact = buyer.contacts.find(({ channel }) => channel === 'email')!
    await setContactState(world.db, shop.id, contact.id, 'unsubscribed', 'link', MONDAY)
    await shop.plan(many(1, { resendOf: first! }))
    await drain()
    expect(await verdicts()).toEqual(expect.arrayContaining(['dropped drop:unsubscribed']))
    expect(mail.calls).toHaveLength(1)
  })

  it('says when nobody can be reached or no account is there', async () => {
    const bare = await world.openShop(`bare-${shops}`)
    await bare.plan([
      { channel: 'email', contactId: null },
      { channel: 'inbox', contactId: null },
    ])
    await drain()
    const found = (await rows.messages(bare)).map(({ verdict }) => verdict)
    expect(found).toEqual([
      expect.stringMatching(/^drop:.*no_contact.*account_missing|^drop:.*account_missing.*no_contact/),
      expect.stringMatching(/no_contact/),
    ])
  })
})
