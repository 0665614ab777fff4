import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { flowText, sendStep } from '../../test/kit/flow-texts.ts'
import { type ScriptedProvider, scriptedProvider } from '../../test/kit/scripted-provider.ts'
import { shopRows } from '../../test/kit/shop-rows.ts'
import {
  account,
  event,
  MONDAY,
  openWorld,
  type TestShop,
  type World,
  watched,
} from '../../test/kit/world.ts'
import { findOrder } from '../db/orders.ts'
import type { SourceEvent } from '../domain/event.ts'
import { MINUTE, SECOND, toIso } from '../domain/time.ts'
import { SENT } from './delivery-scene.test-kit.ts'

// What a message was to say is no longer so while somebody has it in hand: claimed by a worker that died or stands still,
// or in the middle of a call.

let world: World
let mail: ScriptedProvider
let command: ScriptedProvider
let shop: TestShop
let count = 0

/** Each message of a kind is in a flow of its own, as a review's commands are: what comes later takes its place. */
const COMMANDS = `
key: commands
family: commands
title: { zh: 测试, en: Test }
description: { zh: 测试, en: Test }
audience: members
purpose: service
trigger: { on: [aftersale.opened, aftersale.closed] }
once: { per: event }
afterExpiry: allow
steps:
  - { id: opened, kind: branch, when: 'event.type == "aftersale.opened"', then: hold, else: release }
  - { id: hold, kind: act, command: hold_order, expiresIn: 1d }
  - { id: held, kind: stop, reason: asked }
  - { id: release, kind: act, command: release_order, expiresIn: 1d }
`
const ladder = (code: string) =>
  flowText({
    key: code,
    on: 'payment.failed',
    purpose: 'reminder',
    more: `while: order.lastFailure.code == "${code}"\nonce: { per: burst, rest: 1h }\nstopWhen: [paid]`,
    steps: `${sendStep('first')}\n  - { id: pause, kind: wait, for: 1h }\n${sendStep('second')}`,
  })

beforeAll(async () => {
  mail = scriptedProvider('email', 'harmless')
  command = scriptedProvider('command', 'harmless')
  world = await openWorld({ providers: [mail, command] })
})
afterAll(() => world.close())
beforeEach(async () => {
  world.clock.set(MONDAY)
  for (const provider of [mail, command]) {
    provider.calls.length = 0
    provider.answer = () => SENT
  }
  shop = await world.openShop(`withdraw-${++count}`, {
    flows: [COMMANDS, ladder('funds'), ladder('details')],
    accounts: [account(mail), account(command)],
    settings: { capPerDay: 50, ordersApart: 'never' },
  })
})

const drain = () => world.engine.worker.drain()
const tell = async (...events: SourceEvent[]) => {
  await shop.keep(events)
  await drain()
}
/** One second before Monday for each that is still to come. */
let before = 60
const at = (no: string | null, type: string, data: Partial<SourceEvent['data']> = {}) =>
  event(type, no, data, { time: MONDAY - before-- * SECOND })
const failed = (no: string | null, code: string, data: Partial<SourceEvent['data']> = {}) =>
  at(no, 'payment.failed', {
    customer: { email: `withdraw${count}@example.org` },
    payment: { id: `pay-${before}`, failure: { code } },
    ...data,
  })
/** A worker that does what is due and ends just before the named statement. */
const dies = (statement: string) =>
  world
    .another((db) =>
      watched(db, (name) => {
        if (name === statement) throw new Error('the process ended')
      }),
    )
    .worker.drain()
const endLeases = () =>
  world.db.query(
    `update message_work set lease_until = clock_timestamp() - interval '1 second'
     where shop_id = $1 and lease_until is not null`,
    [shop.id],
  )
const messages = async () =>
  (await shopRows(world).messages(shop)).map(({ step, state, verdict, attempts, fate_code }) => ({
    said: `${step} ${state} ${verdict?.split(':')[1] ?? ''}`.trim(),
    attempts,
    code: fate_code,
  }))
const said = async () => (await messages()).map((each) => each.said)
const commands = () =>
  command.calls.map(({ content }) => content.kind === 'webhook' && content.type.replace('order.', ''))
const slots = async () =>
  (await world.rows<{ used: number }>('select used from cap where shop_id = $1', [shop.id])).map(
    ({ used }) => used,
  )

describe('what is claimed', () => {
  it('and replaced is not said after what replaced it, whoever takes the claim over', async () => {
    await shop.keep([at('A', 'aftersale.opened')])
    await dies('work_call')
    world.clock.set(MONDAY + 10 * SECOND)
    await tell(at('A', 'aftersale.closed'))
    await endLeases()
    world.clock.set(MONDAY + MINUTE)
    await drain()
    expect(commands()).toEqual(['release'])
    expect(await said()).toEqual(['hold dropped replaced', 'release sent'])
  })

  it('is not called by the worker that has it, when it was replaced before the call', async () => {
    await shop.keep([at('B', 'aftersale.opened')])
    let left = 1
    const slow = world.another((db) =>
      watched(db, async (name) => {
        if (name === 'work_call' && left-- > 0) await tell(at('B', 'aftersale.closed'))
      }),
    )
    await slow.worker.drain()
    expect(commands()).toEqual(['release'])
    expect((await said()).sort()).toEqual(['hold dropped replaced', 'release sent'])
  })

  it('and not delivered until later tells when it was decided, not when it left', async () => {
    await shop.keep([at('C', 'aftersale.opened')])
    await dies('work_call')
    await endLeases()
    world.clock.set(MONDAY + 5 * MINUTE)
    await drain()
    const { content } = command.calls[0]!
    expect(content.kind === 'webhook' && content.body).toMatchObject({ askedAt: toIso(MONDAY) })
  })

  it('is not called after the payment that stops it was applied', async () => {
    await shop.keep([failed('D', 'funds')])
    await dies('work_call')
    await tell(at('D', 'order.paid'))
    expect(await said()).toEqual(['first dropped paid'])
    expect(await slots()).toEqual([0])
  })

  it.each(['older', 'younger'])(
    'for the %s half of a merged order is not said when the other half has said it',
    async (half) => {
      const left = { kind: 'stripe_pi', value: `pi_${count}` }
      const halves = [failed('E', 'funds'), { ...failed(null, 'funds', { refs: [left] }), subject: null }]
      for (const [nth, one] of halves.entries()) {
        world.clock.set(MONDAY + nth * SECOND)
        await shop.keep([one])
        if ((nth === 0) === (half === 'older')) await dies('work_call')
        else await drain()
      }
      await tell(at('E', 'payment.started', { refs: [left] }))
      await endLeases()
      world.clock.set(MONDAY + MINUTE)
      await drain()
      expect(mail.calls).toHaveLength(1)
      expect((await said()).sort()).toEqual(['first dropped order_merged', 'first sent'])
    },
  )
})

describe('of what one batch says under a collapse key', () => {
  it('the last word stands', async () => {
    await tell(at('F', 'aftersale.opened'), at('F', 'aftersale.closed'))
    expect(commands()).toEqual(['release'])
    await tell(at('F', 'aftersale.closed'), at('F', 'aftersale.opened'))
    expect(commands()).toEqual(['release', 'hold'])
    expect((await said()).sort()).toEqual([
      'hold dropped replaced',
      'hold sent',
      'release dropped replaced',
      'release sent',
    ])
  })

  it('what one step says to several receivers stands together', async () => {
    const parallel = flowText({
      key: 'parallel',
      on: 'order.created',
      steps: '  - { id: all, kind: cascade, mode: parallel, channels: [email, inbox], template: hello }',
    })
    await shop.publish([parallel])
    const customer = { email: `both${count}@example.org`, externalId: `both${count}` }
    await tell(at('G', 'order.created', { customer }))
    expect((await said()).filter((each) => each.includes('replaced'))).toEqual([])
    expect(mail.calls).toHaveLength(1)
  })
})

describe('what is being called', () => {
  it('when its reason goes is not called again, should it come back', async () => {
    mail.answer = async (_, nth) => {
      if (nth > 1) return SENT
      await shop.keep([failed('H', 'details')])
      await world.another().worker.drain()
      return { kind: 'retry', code: '429', afterMs: 10 * SECOND }
    }
    await tell(failed('H', 'funds'))
    world.clock.set(MONDAY + MINUTE)
    await drain()
    expect(mail.calls).toHaveLength(2)
    expect((await messages()).toSorted((a, b) => (a.said < b.said ? -1 : 1))).toEqual([
      { said: 'first dropped moved_on', attempts: 1, code: null },
      { said: 'first sent', attempts: 1, code: null },
    ])
    expect(await slots()).toEqual([1])
  })

  it('when its reason goes is sent, when it went through', async () => {
    mail.answer = async (_, nth) => {
      if (nth === 1) {
        await shop.keep([failed('I', 'details')])
        await world.another().worker.drain()
      }
      return SENT
    }
    await tell(failed('I', 'funds'))
    await drain()
    expect(await said()).toEqual(['first sent', 'first sent'])
  })
})

describe('a message that somebody may have got', () => {
  beforeEach(() => {
    mail.answer = () => ({ kind: 'unknown', code: 'timeout' })
  })
  const UNKNOWN = { attempts: 1, code: 'timeout' }

  it('is not told as unsent when the order is paid before its next try, and keeps its slot', async () => {
    await tell(failed('J', 'funds'))
    await tell(at('J', 'order.paid'))
    expect(await messages()).toEqual([{ said: 'first unknown paid', ...UNKNOWN }])
    expect(await slots()).toEqual([1])
  })

  it('nor when the gate finds that it is too late for another try', async () => {
    const to = await shop.buyer({ email: 'late@example.org' })
    await shop.plan([{ to, purpose: 'reminder', expiresAt: MONDAY + 20 * SECOND }])
    await drain()
    world.clock.set(MONDAY + 30 * SECOND)
    await drain()
    expect(await messages()).toEqual([{ said: 'null unknown expired', ...UNKNOWN }])
    expect(await slots()).toEqual([1])
  })

  it('is sent when its receipt has come', async () => {
    await tell(failed('K', 'funds'))
    const order = await findOrder(world.db, shop.id, { kind: 'order_no', value: 'K' })
    await world.db.query('update message set delivered_at = $3 where shop_id = $1 and order_id = $2', [
      shop.id,
      order,
      MONDAY,
    ])
    await tell(at('K', 'order.paid'))
    expect(await messages()).toEqual([{ said: 'first sent paid', attempts: 1, code: null }])
  })
})
