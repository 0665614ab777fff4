import { describe, expect, it } from 'vitest'
import { account, MONDAY, watched } from '../../test/kit/world.ts'
import { setAccountState } from '../db/accounts.ts'
import { heartbeat } from '../db/calls.ts'
import { transaction } from '../db/connect.ts'
import { bumpConfig } from '../db/shops.ts'
import type { AccountId, MessageId } from '../domain/ids.ts'
import type { Channel, Fate } from '../domain/message.ts'
import { MINUTE } from '../domain/time.ts'
import { count, deliveryScene, SENT } from './delivery-scene.test-kit.ts'
import type { Engine } from './engine.ts'

const scene = deliveryScene('takeover')
const { mail, text, asking, open, many, drain, deliver, messages, states } = scene
const endLeases = () =>
  scene.world.db.query(
    `update message_work set lease_until = clock_timestamp() - interval '1 second'
     where shop_id = $1 and lease_until is not null`,
    [scene.shop.id],
  )

/** An engine whose process ends, as far as the database can see, just before the named statement. */
const dyingAt = (statement: string, when: () => Promise<boolean> | boolean = () => true) =>
  scene.world.another((db) =>
    watched(db, async (name) => {
      if (name === statement && (await when())) throw new Error('the process ended')
    }),
  )
const dies = async (channel: Channel, engine: Engine) =>
  expect(deliver(channel, engine)).rejects.toThrow('the process ended')

describe('a heartbeat', () => {
  it('lengthens what is in hand, and waits for nothing that is just being settled', async () => {
    await scene.shop.plan(many(2))
    await dies('email', dyingAt('work_call'))
    const { db } = scene.world
    const { rows: claimed } = await db.query<{ id: MessageId; fence: number }>(
      'select message_id as id, fence from message_work where shop_id = $1 order by message_id',
      [scene.shop.id],
    )
    const beat = (ids = claimed) => heartbeat(db, scene.shop.id, ids, MINUTE)
    expect(await beat()).toBe(2)
    expect(await beat(claimed.map(({ id, fence }) => ({ id, fence: fence + 1 })))).toBe(0)
    await transaction(db, async (tx) => {
      await tx.query('select from message_work where shop_id = $1 and message_id = $2 for update', [
        scene.shop.id,
        claimed[1]!.id,
      ])
      expect(await beat()).toBe(1)
    })
    await endLeases()
    expect(await beat()).toBe(0)
    await drain()
    expect(await states()).toEqual(['sent', 'sent'])
  })
})

describe('a worker that dies', () => {
  it('before the call: another one takes its claims over once the lease has ended, not earlier', async () => {
    await scene.shop.plan(many(2))
    await dies('email', dyingAt('work_call'))
    await drain()
    expect(mail.calls).toHaveLength(0)
    await endLeases()
    const before = await count(scene.world.engine.metrics.takeovers)
    await drain()
    expect(await states()).toEqual(['sent', 'sent'])
    expect(mail.calls).toHaveLength(2)
    expect((await count(scene.world.engine.metrics.takeovers)) - before).toBe(2)
  })

  it('during the call: repeated with the same id and words where that is harmless', async () => {
    await scene.shop.plan(many(1))
    await dies('email', dyingAt('settle_final'))
    await endLeases()
    await drain()
    expect(mail.calls).toHaveLength(2)
    expect(mail.calls[1]).toMatchObject({
      idempotencyKey: mail.calls[0]!.idempotencyKey,
      content: mail.calls[0]!.content,
      attempt: 2,
    })
    expect(await states()).toEqual(['sent'])
  })

  it('during the call: never repeated where it would be seen, and reported as unknown', async () => {
    await scene.shop.plan(many(1, { channel: 'sms' }))
    await dies('sms', dyingAt('settle_final'))
    await endLeases()
    const before = await count(scene.world.engine.metrics.unknowns)
    await drain()
    expect(text.calls).toHaveLength(1)
    expect((await messages())[0]).toMatchObject({ state: 'unknown', fate_code: 'worker_lost' })
    expect((await count(scene.world.engine.metrics.unknowns)) - before).toBe(1)
  })

  it.each([
    ['sent', SENT, 'sent', 1],
    ['no idea', null, 'unknown', 1],
    ['never came', { kind: 'retry', code: 'not_found', afterMs: null }, 'sent', 2],
  ] as const)('during the call: the provider is asked and says %s', async (_, answer, state, calls) => {
    await open(account(asking))
    asking.answerAsked = () => answer
    await scene.shop.plan(many(1, { channel: 'sms' }))
    await dies('sms', dyingAt('settle_final'))
    await endLeases()
    await drain()
    scene.world.clock.set(MONDAY + MINUTE)
    await drain()
    expect(asking.asked).toHaveLength(1)
    expect(await states()).toEqual([state])
    expect(asking.calls).toHaveLength(calls)
  })

  it('while asking: the next one asks again instead of sending', async () => {
    await open(account(asking))
    await scene.shop.plan(many(1, { channel: 'sms' }))
    const dying = dyingAt('settle_final')
    await dies('sms', dying)
    await endLeases()
    await dies('sms', dying)
    expect(asking.asked).toHaveLength(1)
    await endLeases()
    asking.answerAsked = () => SENT
    await drain()
    expect(asking.asked).toHaveLength(2)
    expect(asking.calls).toHaveLength(1)
    expect(await states()).toEqual(['sent'])
  })

  it('is asked about through the account it used, even when another account is in use by now', async () => {
    await open(account(asking), account(text))
    await scene.world.db.query(
      `update account set position = 2 where shop_id = $1 and provider = 'silent-sms'`,
      [scene.shop.id],
    )
    await bumpConfig(scene.world.db, scene.shop.id)
    await scene.shop.plan(many(1, { channel: 'sms' }))
    await dies('sms', dyingAt('settle_final'))
    await endLeases()
    const [first] = await scene.world.rows<{ id: AccountId }>(
      `select id from account where shop_id = $1 and provider = 'asking-sms'`,
      [scene.shop.id],
    )
    await setAccountState(scene.world.db, scene.shop.id, first!.id, 'paused', 'test', MONDAY)
    await bumpConfig(scene.world.db, scene.shop.id)
    asking.answerAsked = () => SENT
    await drain()
    expect([asking.calls.length, asking.asked.length, text.calls.length]).toEqual([1, 1, 0])
    expect(await states()).toEqual(['sent'])
  })

  it('three times over the same message has it set aside, and takes no other message along', async () => {
    const ids = await scene.shop.plan(many(5))
    const killer = ids[2]!
    const dying = dyingAt('work_call', async () => {
      const [inHand] = await scene.world.rows(
        `select 1 from message_work where message_id = $1 and state = 'claimed' and lease_until > clock_timestamp()`,
        [killer],
      )
      return inHand !== undefined
    })
    for (let round = 0; round < 10; round++) {
      await deliver('email', dying).catch(() => {})
      await endLeases()
    }
    const found = await messages()
    expect(found.filter(({ id }) => id === killer)).toMatchObject([{ state: 'poison', fate_code: 'crashes' }])
    expect(found.filter(({ id }) => id !== killer).map(({ state }) => state)).toEqual(Array(4).fill('sent'))
    expect(mail.calls).toHaveLength(4)
  })

  it('leaves no claim longer than its lease says', async () => {
    await scene.shop.plan(many(1))
    await dies('email', dyingAt('work_call'))
    const [row] = await scene.world.rows<{ left: number }>(
      'select extract(epoch from lease_until - clock_timestamp())::float8 as left from message_work where shop_id = $1',
      [scene.shop.id],
    )
    expect(row!.left).toBeLessThanOrEqual(60)
    expect(row!.left).toBeGreaterThan(30)
  })
})

describe('a worker that stood still', () => {
  /** A call that waits for the test; resolves `begun` when it is under way. */
  function pendingCall() {
    const begun = Promise.withResolvers<void>()
    const answer = Promise.withResolvers<Fate>()
    mail.answer = (_, nth) => {
      if (nth > 1) return SENT
      begun.resolve()
      return answer.promise
    }
    return { begun: begun.promise, answer: answer.resolve }
  }

  it('settles nothing any more once another one has taken over', async () => {
    const call = pendingCall()
    await scene.shop.plan(many(1))
    const old = scene.world.another()
    const handing = deliver('email', old)
    await call.begun
    await endLeases()
    await drain()
    const before = await scene.world.rows('select * from message where shop_id = $1', [scene.shop.id])
    call.answer({ kind: 'rejected', blame: 'content', code: 'late' })
    await handing
    expect(await scene.world.rows('select * from message where shop_id = $1', [scene.shop.id])).toEqual(
      before,
    )
    expect(await states()).toEqual(['sent'])
    expect(await count(old.metrics.lateFates)).toBe(1)
  })

  it('settles nothing while the one who took over is still at it', async () => {
    const answers = [Promise.withResolvers<Fate>(), Promise.withResolvers<Fate>()]
    const begun = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    mail.answer = (_, nth) => {
      begun[nth - 1]!.resolve()
      return answers[nth - 1]!.promise
    }
    await scene.shop.plan(many(1))
    const old = scene.world.another()
    const first = deliver('email', old)
    await begun[0]!.promise
    await endLeases()
    const second = deliver()
    await begun[1]!.promise
    answers[0]!.resolve({ kind: 'rejected', blame: 'content', code: 'late' })
    await first
    expect(await states()).toEqual(['calling'])
    answers[1]!.resolve({ kind: 'retry', code: 'busy', afterMs: null })
    await second
    expect(await states()).toEqual(['waiting'])
    // Nor does a late "again later" put back what somebody else has in hand.
    expect(await count(old.metrics.lateFates)).toBe(1)
  })

  it('sends nothing of what it had claimed when its lease is over', async () => {
    const stuck = Promise.withResolvers<void>()
    const reached = Promise.withResolvers<void>()
    const old = scene.world.another((db) =>
      watched(db, async (name) => {
        if (name !== 'work_call') return
        reached.resolve()
        await stuck.promise
      }),
    )
    await scene.shop.plan(many(2))
    const handing = deliver('email', old)
    await reached.promise
    await endLeases()
    stuck.resolve()
    await handing
    expect(mail.calls).toHaveLength(0)
    expect(await count(old.metrics.lostClaims)).toBe(2)
    await drain()
    expect(mail.calls).toHaveLength(2)
  })

  it('keeps what it has in hand as long as its heart beats, and only that', async () => {
    const call = pendingCall()
    await scene.shop.plan(many(1))
    const handing = deliver()
    await call.begun
    const left = async () => {
      const [row] = await scene.world.rows<{ left: number }>(
        'select extract(epoch from lease_until - clock_timestamp())::float8 as left from message_work where shop_id = $1',
        [scene.shop.id],
      )
      return row!.left
    }
    await scene.world.db.query(
      `update message_work set lease_until = clock_timestamp() + interval '5 seconds' where shop_id = $1`,
      [scene.shop.id],
    )
    await scene.world.engine.delivery.beat()
    expect(await left()).toBeGreaterThan(30)
    // A lease that has ended is not brought back to life: somebody may have taken over.
    await endLeases()
    await scene.world.engine.delivery.beat()
    expect(await left()).toBeLessThan(0)
    call.answer(SENT)
    await handing
    expect(scene.world.engine.delivery.inFlight()).toBe(0)
  })
})
