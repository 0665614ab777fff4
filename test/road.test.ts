import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { messagesOfOrder } from '../src/db/messages.ts'
import { findOrder } from '../src/db/orders.ts'
import type { SourceEvent } from '../src/domain/event.ts'
import type { ShopId } from '../src/domain/ids.ts'
import { HOUR, MINUTE } from '../src/domain/time.ts'
import { type Lab, startLab } from '../src/lab/lab.ts'
import type { Sender } from '../src/pipeline/intake.ts'
import { type TestEngine, type TravelClock, testEngine, testRandom, travelClock } from './kit/engine.ts'

/** 2026-11-23 10:00 in Shanghai: a Monday morning, outside every quiet window. */
const MONDAY = Date.parse('2026-11-23T02:00:00Z')

let clock: TravelClock
let lab: Lab
let engine: TestEngine
let shop: ShopId
let sender: Sender

beforeAll(async () => {
  clock = travelClock(MONDAY)
  lab = await startLab({ clock, random: testRandom })
  engine = await testEngine({ clock, origins: lab.origins })
  const opened = await engine.openShop('road', [
    {
      channel: 'email',
      provider: 'smtp',
      name: 'lab',
      settings: {
        host: lab.smtp.host,
        port: lab.smtp.port,
        security: 'none',
        user: lab.smtp.user,
        pass: lab.smtp.pass,
        from: 'shop@example.com',
      },
    },
    { channel: 'inbox', provider: 'inbox', name: 'inbox', settings: {} },
  ])
  shop = opened.id
  sender = { shop, connection: opened.internal, trust: 'signed' }
}, 60_000)

afterAll(async () => {
  await engine?.close()
  await lab?.close()
})

const event = (id: string, type: string, no: string, data: object = {}): SourceEvent => ({
  id,
  type,
  source: 'test',
  time: clock.now(),
  subject: no,
  data: {
    refs: [],
    order: { no, ...('order' in data ? (data.order as object) : {}) },
    ...without(data),
  } as SourceEvent['data'],
})
const without = (data: object) => Object.fromEntries(Object.entries(data).filter(([key]) => key !== 'order'))

const mails = () => lab.smtp.received.list()

describe('the road from an event to a mailbox', () => {
  it('sends one mail for a failed payment, reminds a day later, and stops when the order is paid', async () => {
    const customer = { email: 'buyer@example.org', name: '小林' }
    await engine.intake.keep(sender, [
      event('e1', 'payment.failed', 'A-1', {
        order: {
          total: { minor: 12_800, currency: 'CNY' },
          title: '季度会员',
          payUrl: 'https://shop.example/pay/A-1',
        },
        customer,
        payment: {
          id: 'pay_1',
          rail: 'stripe',
          failure: { code: 'card_declined', declineCode: 'incorrect_cvc' },
        },
      }),
    ])
    await engine.worker.drain()
    expect(mails().length).toBe(1)

    clock.set(MONDAY + 24 * HOUR + MINUTE)
    await engine.worker.drain()
    expect(mails().length).toBe(2)

    await engine.intake.keep(sender, [
      event('e2', 'order.paid', 'A-1', { payment: { id: 'pay_2' }, customer }),
    ])
    await engine.worker.drain()
    clock.set(MONDAY + 60 * HOUR)
    await engine.worker.drain()

    const order = await findOrder(engine.database.db, shop, { kind: 'order_no', value: 'A-1' })
    const messages = await messagesOfOrder(engine.database.db, shop, order!)
    const reminders = messages.filter((message) => message.flow === 'payment-failed-details')
    expect(reminders.map((message) => message.state)).toEqual(['sent', 'sent'])
    expect(
      messages.find((message) => message.flow === 'order-paid' && message.channel === 'email')?.state,
    ).toBe('sent')
  })
})
