import { beforeEach, describe, expect, it } from 'vitest'
import { waitUntil } from '../../test/kit/wait-until.ts'
import { account, event, MONDAY } from '../../test/kit/world.ts'
import { setAccountState } from '../db/accounts.ts'
import { findOrder } from '../db/orders.ts'
import { bumpConfig } from '../db/shops.ts'
import type { AccountId, MessageId, OrderId } from '../domain/ids.ts'
import type { Fate } from '../domain/message.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../domain/time.ts'
import { count, deliveryScene, SENT } from './delivery-scene.test-kit.ts'

const FIFTH = SECOND / 5

const scene = deliveryScene('deliver')
const { mail, text, open, many, drain, deliver, messages, states } = scene
const tries = () =>
  scene.world.rows<{ n: number; fate: string; code: string | null; provider_ref: string | null }>(
    'select n, fate, code from attempt where shop_id = $1 order by message_id, n',
    [scene.shop.id],
  )

describe('trying again', () => {
  it('says the same words under the same id, as late as the provider asked, whatever the order has become', async () => {
    mail.answer = (_, nth) => (nth === 1 ? { kind: 'retry', code: '429', afterMs: 90 * SECOND } : SENT)
    await scene.shop.keep([event('payment.started', 'R-1', { order: { title: 'before' } })])
    await drain()
    const orderId = await findOrder(scene.world.db, scene.shop.id, { kind: 'order_no', value: 'R-1' })
    await scene.shop.plan(many(1, { orderId }))
    await drain()
    await scene.shop.keep([event('payment.started', 'R-1', { order: { title: 'after' } })])
    scene.world.clock.set(MONDAY + 89 * SECOND)
    await drain()
    expect(mail.calls).toHaveLength(1)
    scene.world.clock.set(MONDAY + 2 * MINUTE)
    await drain()
    const [first, second] = mail.calls
    expect(second).toMatchObject({
      idempotencyKey: first!.idempotencyKey,
      content: first!.content,
      attempt: 2,
    })
    expect(JSON.stringify(second!.content)).toContain('before')
    expect(await tries()).toEqual([
      { n: 1, fate: 'retry', code: '429' },
      { n: 2, fate: 'sent', code: null },
    ])
  })

  it('repeats an unknown outcome where receivers drop repeats, and stops where they would see it', async () => {
    const unknown: Fate = { kind: 'unknown', code: 'broken' }
    mail.answer = (_, nth) => (nth === 1 ? unknown : SENT)
    text.answer = () => unknown
    await scene.shop.plan([...many(1), ...many(1, { channel: 'sms' })])
    await drain()
    scene.world.clock.set(MONDAY + HOUR)
    await drain()
    expect(mail.calls).toHaveLength(2)
    expect(new Set(mail.calls.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1)
    expect(text.calls).toHaveLength(1)
    expect(await states()).toEqual(['sent', 'unknown'])
  })

  it('treats a provider that throws like a call of unknown outcome', async () => {
    text.answer = () => Promise.reject(new Error('bug'))
    await scene.shop.plan(many(1, { channel: 'sms' }))
    await drain()
    expect((await messages())[0]).toMatchObject({ state: 'unknown', fate_code: 'provider_bug' })
  })

  it('pauses an account that a person must repair, and loses nothing', async () => {
    mail.answer = () => ({ kind: 'operator', code: 'bad_password' })
    await scene.shop.plan(many(6))
    await drain()
    expect(mail.calls.length).toBeLessThanOrEqual(2)
    expect(await states()).toEqual(Array(6).fill('waiting'))
    const [row] = await scene.world.rows<{ id: AccountId; state: string }>(
      `select id, state from account where shop_id = $1 and channel = 'email'`,
      [scene.shop.id],
    )
    expect(row!.state).toBe('paused')
    mail.answer = () => SENT
    await setAccountState(scene.world.db, scene.shop.id, row!.id, 'ok', null, MONDAY)
    await bumpConfig(scene.world.db, scene.shop.id)
    scene.world.clock.set(MONDAY + HOUR)
    await drain()
    expect(await states()).toEqual(Array(6).fill('sent'))
  })

  it('pauses an account whose settings this program cannot use, before anything is begun', async () => {
    await scene.shop.plan(many(3))
    await scene.world.db.query(
      `update account set provider = 'from-the-future', settings = settings where shop_id = $1 and channel = 'email'`,
      [scene.shop.id],
    )
    await bumpConfig(scene.world.db, scene.shop.id)
    await deliver('email', scene.world.another())
    expect((await messages()).map(({ state, attempts }) => [state, attempts])).toEqual(
      Array(3).fill(['waiting', 0]),
    )
    const paused = await scene.world.rows(
      `select state_reason from account where shop_id = $1 and state = 'paused'`,
      [scene.shop.id],
    )
    expect(paused).toEqual([{ state_reason: 'settings_unusable' }])
  })
})

describe('what waits for over a second after its gate', () => {
  let orderId: OrderId | null
  let ids: readonly MessageId[]
  beforeEach(async () => {
    await open(account(mail, { concurrency: 1 }))
    await scene.shop.keep([event('payment.started', 'late', { customer: { email: 'late@example.org' } })])
    await drain()
    orderId = await findOrder(scene.world.db, scene.shop.id, { kind: 'order_no', value: 'late' })
    ids = await scene.shop.plan(many(5, { orderId, stops: ['paid'] }))
  })

  it('is gated again: a payment that came meanwhile stops it, though its call was begun', async () => {
    mail.answer = async () => {
      scene.world.clock.set(scene.world.clock.now() + 2 * SECOND)
      await scene.shop.keep([event('order.paid', 'late')])
      return SENT
    }
    await deliver()
    expect(mail.calls).toHaveLength(1)
    await drain()
    expect(mail.calls).toHaveLength(1)
    expect(await states()).toEqual([...Array(4).fill('dropped'), 'sent'])
  })

  it('is sent once, and not counted as tried, when nothing came', async () => {
    mail.answer = () => {
      scene.world.clock.set(scene.world.clock.now() + 2 * SECOND)
      return SENT
    }
    await drain()
    expect(mail.calls.map(({ id }) => id).sort()).toEqual([...ids].sort())
    expect((await messages()).map(({ state, attempts }) => [state, attempts])).toEqual(
      Array(5).fill(['sent', 1]),
    )
    expect(await count(scene.world.engine.metrics.regated)).toBeGreaterThan(0)
  })
})

describe('an account’s limits', () => {
  it('on the rate hold over two processes, and nothing granted is lost', async () => {
    await open(account(mail, { ratePerSecond: 5 }))
    const other = scene.world.another()
    // One at a time: each turn wants more than there is, and gives the rest back.
    for (let n = 1; n <= 3; n++) {
      scene.world.clock.set(MONDAY + n * FIFTH)
      await scene.shop.plan(many(1))
      await deliver('email', n % 2 ? scene.world.engine : other)
      expect(mail.calls).toHaveLength(n)
    }
    await scene.shop.plan(many(22))
    for (let n = 4; n <= 25; n++) {
      scene.world.clock.set(MONDAY + n * FIFTH)
      await Promise.all([drain(), other.worker.drain()])
      expect(mail.calls).toHaveLength(n)
    }
  })

  it('on the rate are used in full though each call takes long', async () => {
    await open(account(mail, { ratePerSecond: 20, concurrency: 10 }))
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    mail.answer = async () => {
      await released
      return SENT
    }
    await scene.shop.plan(many(8))
    for (let n = 1; n <= 8; n++) {
      scene.world.clock.set(MONDAY + n * (SECOND / 20))
      scene.world.engine.worker.deliverSoon(scene.shop.id, 'email')
      await waitUntil(`call ${n}`, async () => mail.calls.length === n, 5_000)
    }
    release()
    await drain()
    expect(await states()).toEqual(Array(8).fill('sent'))
  })

  it('on the rate begin anew when the clock was a day ahead and is set back', async () => {
    await open(account(mail, { ratePerSecond: 5 }))
    await scene.shop.plan(many(1))
    scene.world.clock.set(MONDAY + DAY)
    await drain()
    scene.world.clock.set(MONDAY)
    await scene.shop.plan(many(10))
    for (let n = 0; n <= 10; n++) {
      scene.world.clock.set(MONDAY + n * FIFTH)
      await drain()
      expect(mail.calls).toHaveLength(1 + n)
    }
  })

  it('on the rate are not used up by messages that do not leave', async () => {
    await open(account(mail, { ratePerSecond: 1 }))
    await scene.shop.plan(many(6, { expiresAt: MONDAY - 1 }))
    await drain()
    await scene.shop.plan(many(1))
    await drain()
    expect(mail.calls).toHaveLength(1)
  })

  it('on calls at once hold over all turns of a process', async () => {
    await open(account(mail, { concurrency: 3 }))
    mail.most = 0
    // Long enough for the next turns to claim theirs meanwhile.
    mail.answer = async () => {
      for (let tick = 0; tick < 40; tick++) await new Promise((resolve) => setImmediate(resolve))
      return SENT
    }
    // More than one turn takes up, so that several are at it together.
    await scene.shop.plan(many(1_200, { purpose: 'essential' }))
    await drain()
    expect(mail.calls).toHaveLength(1_200)
    expect(mail.most).toBe(3)
  })
})

describe('a message that cannot be put into words', () => {
  it('fails alone, with the reason', async () => {
    await scene.shop.keep([event('payment.started', 'fine'), event('payment.started', 'broken')])
    await drain()
    const orderOf = (value: string) => findOrder(scene.world.db, scene.shop.id, { kind: 'order_no', value })
    await scene.shop.plan([
      ...many(2, { orderId: await orderOf('fine') }),
      ...many(1, { orderId: await orderOf('broken') }),
      ...many(1, { template: 'unheard_of' }),
    ])
    // As every writer does: what this process had opened before must not be used any more.
    await scene.world.db.query(
      'update orders set facts = set_byte(facts, 60, 255 - get_byte(facts, 60)), updated_at = updated_at + 1 where shop_id = $1 and id = $2',
      [scene.shop.id, await orderOf('broken')],
    )
    await drain()
    expect((await messages()).map(({ state, fate_code }) => `${state} ${fate_code}`).sort()).toEqual([
      'failed template_missing',
      'failed unreadable',
      'sent null',
      'sent null',
    ])
  })
})
