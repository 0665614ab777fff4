import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { flowText, sendStep } from '../../test/kit/flow-texts.ts'
import { type ScriptedProvider, scriptedProvider } from '../../test/kit/scripted-provider.ts'
import { shopRows } from '../../test/kit/shop-rows.ts'
import { account, event, MONDAY, openWorld, type PlanOptions, type World } from '../../test/kit/world.ts'
import { HOUR, MINUTE, SECOND } from '../domain/time.ts'

let world: World
let mail: ScriptedProvider
let shops = 0

beforeAll(async () => {
  mail = scriptedProvider('email', 'harmless')
  world = await openWorld({ providers: [mail] })
})
afterAll(() => world?.close())
beforeEach(() => {
  world.clock.set(MONDAY)
  mail.calls.length = 0
  mail.answer = () => ({ kind: 'sent', providerRef: null })
})

const LOUD = flowText({
  key: 'loud',
  on: 'order.created',
  purpose: 'essential',
  steps: sendStep('tell'),
})

async function open(settings: object, ratePerSecond: number | null) {
  const shop = await world.openShop(`priority-${++shops}`, {
    accounts: [account(mail, ratePerSecond === null ? {} : { ratePerSecond })],
    flows: [LOUD],
    settings: { quiet: {}, capPerDay: 50, ...settings },
  })
  const buyer = await shop.buyer({ email: `priority${shops}@example.org` })
  const plan = (options: readonly PlanOptions[]) =>
    shop.plan(options.map((each) => ({ to: buyer, channel: 'email' as const, ...each })))
  return { shop, buyer, plan }
}

describe('where an account’s rate is scarce', () => {
  it('the more urgent goes first, whatever came first; within a level, what was due first', async () => {
    const { shop, plan } = await open({}, 1)
    const low = await plan(
      [5, 4, 3].map((minutes) => ({ purpose: 'reminder', priority: 3, dueAt: MONDAY - minutes * MINUTE })),
    )
    const normal = await plan([{ purpose: 'reminder', priority: 2, dueAt: MONDAY - MINUTE }])
    const urgent = await plan([{ purpose: 'essential', priority: 0 }])
    for (let second = 0; second < 5; second++) {
      world.clock.set(MONDAY + second * SECOND)
      await world.engine.delivery.deliver(shop.id, 'email')
    }
    expect(mail.calls.map(({ id }) => id)).toEqual([...urgent, ...normal, ...low])
  })

  it('messages planned without a level go when nothing with a level is due', async () => {
    const { shop, plan } = await open({}, 1)
    const [old] = await plan([{ purpose: 'service', dueAt: MONDAY - HOUR }])
    const [fresh] = await plan([{ purpose: 'reminder', priority: 2 }])
    for (const second of [0, 1]) {
      world.clock.set(MONDAY + second * SECOND)
      await world.engine.delivery.deliver(shop.id, 'email')
    }
    expect(mail.calls.map(({ id }) => id)).toEqual([fresh, old])
  })

  it('flows plan with a level, whatever the account', async () => {
    const levels = async (rate: number | null) => {
      const { shop, buyer } = await open({}, rate)
      mail.answer = () => ({ kind: 'retry', code: 'busy', afterMs: HOUR })
      const customer = { email: `priority${shops}@example.org` }
      await shop.keep([event('order.created', `P-${shops}`, { customer })])
      await world.engine.worker.drain()
      expect(buyer.contacts).toHaveLength(1)
      return world.rows('select priority from message_work where shop_id = $1', [shop.id])
    }
    expect(await levels(1)).toEqual([{ priority: 0 }])
    expect(await levels(null)).toEqual([{ priority: 0 }])
  })
})

describe('an account without a rate that falls behind', () => {
  it('sends the urgent before what has long been due, and then goes on', async () => {
    const { shop, plan } = await open({}, null)
    const backlog = await plan(
      Array.from({ length: 45 }, (_, nth) => ({
        purpose: 'reminder' as const,
        priority: 2,
        dueAt: MONDAY - HOUR + nth,
      })),
    )
    const turn = () => world.engine.delivery.deliver(shop.id, 'email', { most: 15 })
    await turn()
    const [urgent] = await plan([{ purpose: 'essential', priority: 0 }])
    await turn()
    const ids = mail.calls.map(({ id }) => id)
    expect(ids.slice(0, 15)).toEqual(backlog.slice(0, 15))
    expect(ids[15]).toBe(urgent)
    for (let nth = 0; nth < 3; nth++) await turn()
    expect(mail.calls.map(({ id }) => id).sort()).toEqual([...backlog, urgent].sort())
  })
})

describe('what matters little', () => {
  it('is dropped below the shop’s line, by purpose or by what the shop says of the category', async () => {
    const { shop, plan } = await open({ dropBelow: 'normal', levels: { chatter: 'low', news: 'high' } }, null)
    await plan([
      { purpose: 'service', category: 'chatter' },
      { purpose: 'reminder', category: 'orders' },
      { purpose: 'essential', category: 'chatter' },
    ])
    await world.engine.worker.drain()
    const rows = await shopRows(world).messages(shop)
    expect(rows.map(({ state, verdict }) => `${state} ${verdict?.replace(/@.*:/, ':')}`).sort()).toEqual([
      'dropped drop:low_priority',
      'sent send:',
      'sent send:',
    ])
  })
})
