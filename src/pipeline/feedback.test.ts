import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type ScriptedProvider, scriptedProvider } from '../../test/kit/scripted-provider.ts'
import {
  account,
  type Buyer,
  event,
  MONDAY,
  openWorld,
  type TestShop,
  type World,
} from '../../test/kit/world.ts'
import type { CallbackReading } from '../channels/channel.ts'
import type { SourceEvent } from '../domain/event.ts'
import { type AccountId, formatId, type MessageId } from '../domain/ids.ts'

let world: World
/** Reports back afterwards, under its own references. */
let text: ScriptedProvider
let shop: TestShop
let buyer: Buyer
let accountId: AccountId
let shops = 0

beforeAll(async () => {
  const readCallback = (): CallbackReading => ({ callbacks: [], reply: '' })
  text = Object.assign(scriptedProvider('sms', 'visible'), { readCallback })
  world = await openWorld({ providers: [text] })
})
afterAll(() => world?.close())
beforeEach(async () => {
  world.clock.set(MONDAY)
  text.calls.length = 0
  text.answer = () => ({ kind: 'sent', providerRef: 'ref-1' })
  shop = await world.openShop(`feedback-${++shops}`, { accounts: [account(text)] })
  buyer = await shop.buyer({ phone: '+8613800138000' })
  const [row] = await world.rows<{ id: AccountId }>('select id from account where shop_id = $1', [shop.id])
  accountId = row!.id
})

const drain = () => world.engine.worker.drain()
const send = async () => {
  const [id] = await shop.plan([{ to: buyer }])
  await drain()
  return id!
}
const receipt = (
  status: string,
  at: number,
  more: { ref?: string; id?: MessageId; code?: string } = {},
): SourceEvent =>
  event(
    'message.receipt',
    null,
    {
      message: { id: more.id ? formatId('msg', more.id) : 'x', status },
      extra: {
        account: formatId('acct', accountId),
        ...(more.id ? {} : { providerRef: more.ref ?? 'ref-1' }),
        ...(more.code ? { code: more.code } : {}),
      },
    },
    { time: at },
  )
const seen = async () =>
  (
    await world.rows('select state, delivered_at, fate_code from message where shop_id = $1 order by id', [
      shop.id,
    ])
  )[0]
const tell = async (...events: SourceEvent[]) => {
  await shop.keep(events)
  await drain()
}

describe('receipts', () => {
  it('are noted on their message, and only once', async () => {
    await send()
    await tell(receipt('delivered', MONDAY + 1))
    await tell(receipt('delivered', MONDAY + 2))
    expect(await seen()).toEqual({ state: 'sent', delivered_at: MONDAY + 1, fate_code: null })
  })

  it('that overtake the provider’s answer take effect when it comes', async () => {
    text.answer = async () => {
      await tell(receipt('delivered', MONDAY + 1))
      return { kind: 'sent', providerRef: 'ref-1' }
    }
    const [id] = await shop.plan([{ to: buyer }])
    await world.engine.delivery.deliver(shop.id, 'sms')
    expect(id).toBeDefined()
    expect(await seen()).toEqual({ state: 'sent', delivered_at: MONDAY + 1, fate_code: null })
  })

  it.each([
    ['failed, then delivered', ['failed', 'delivered']],
    ['delivered, then failed', ['delivered', 'failed']],
  ])('say delivered in the end: %s', async (_, [first, second]) => {
    await send()
    await tell(receipt(first!, MONDAY + 1, { code: 'ABSENT' }))
    await tell(receipt(second!, MONDAY + 2, { code: 'ABSENT' }))
    expect(await seen()).toMatchObject({ state: 'sent', delivered_at: expect.any(Number), fate_code: null })
  })

  it('of failure keep the provider’s code', async () => {
    await send()
    await tell(receipt('failed', MONDAY + 1, { code: 'ABSENT' }))
    expect(await seen()).toEqual({ state: 'sent', delivered_at: null, fate_code: 'ABSENT' })
  })

  it('of failure that overtake the answer keep it, too', async () => {
    text.answer = async () => {
      await tell(receipt('failed', MONDAY + 1, { code: 'ABSENT' }))
      return { kind: 'sent', providerRef: 'ref-1' }
    }
    await shop.plan([{ to: buyer }])
    await world.engine.delivery.deliver(shop.id, 'sms')
    expect(await seen()).toEqual({ state: 'sent', delivered_at: null, fate_code: 'ABSENT' })
  })

  it('that name our id prove that a call of unknown outcome arrived', async () => {
    text.answer = () => ({ kind: 'unknown', code: 'broken' })
    const id = await send()
    expect(await seen()).toMatchObject({ state: 'unknown' })
    await tell(receipt('delivered', MONDAY + 1, { id }))
    expect(await seen()).toEqual({ state: 'sent', delivered_at: MONDAY + 1, fate_code: null })
  })

  it('of another account, or from a browser, change nothing', async () => {
    await send()
    const [foreign] = [receipt('delivered', MONDAY + 1, { ref: 'ref-2' })]
    await tell(foreign!)
    await shop.keep([receipt('delivered', MONDAY + 1)], { trust: 'browser' })
    await drain()
    expect(await seen()).toMatchObject({ delivered_at: null })
  })
})

describe('replies', () => {
  const reply = (words: string) =>
    event('message.replied', null, {
      message: { id: 'r', text: words },
      customer: { phone: '138 0013 8000' },
    })
  const state = async () =>
    (
      await world.rows<{ state: string }>(
        `select state from contact where shop_id = $1 and channel = 'sms'`,
        [shop.id],
      )
    )[0]!.state

  it.each(['退订', 'T', 'stop', ' STOP. '])('of %j end messages to the number at once', async (words) => {
    await tell(reply(words))
    expect(await state()).toBe('unsubscribed')
    await send()
    expect(text.calls).toHaveLength(0)
    expect(await seen()).toMatchObject({ state: 'dropped' })
  })

  it('that name the message alone are its receiver’s', async () => {
    const id = await send()
    const told = event('message.replied', null, { message: { id: formatId('msg', id), text: '退订' } })
    const other = await world.openShop(`feedback-${++shops}`, { accounts: [account(text)] })
    await other.keep([told])
    await drain()
    expect(await state()).toBe('ok')
    await tell(told)
    expect(await state()).toBe('unsubscribed')
  })

  it('that say something else end nothing', async () => {
    await tell(reply('我的卡密在哪里？'))
    expect(await state()).toBe('ok')
  })

  it('end nothing when a browser claims them', async () => {
    await shop.keep([reply('STOP')], { trust: 'browser' })
    await drain()
    expect(await state()).toBe('ok')
  })
})
