import { describe, expect, it } from 'vitest'
import type { Event, EventData } from '../event.ts'
import { factsOf } from './event-facts.ts'
import { emptyFacts, joinFacts, type OrderFacts } from './facts.ts'
import { API, BROWSER_SDK, prngOf, randomHistory, STRIPE } from './history.test-kit.ts'
import { viewOrder } from './view.ts'

const [sample] = randomHistory(prngOf(1)).events

type Payment = NonNullable<EventData['payment']>

const tell = (type: string, time: number, payment?: Payment, more: Partial<Event> = {}): Event => ({
  ...sample!,
  type,
  time,
  receivedAt: 1_000_000,
  connection: STRIPE,
  trust: 'signed',
  key: `${type}@${time}${payment?.id}` as Event['key'],
  data: { refs: [], ...(payment ? { payment } : {}) },
  ...more,
})
const failed = (id: string, time: number, code: string, more: Partial<Event> = {}) =>
  tell('payment.failed', time, { id, failure: { code } }, more)
const onItsWay = (time: number, more: Partial<Event> = {}) =>
  tell('payment.started', time, { id: 'pi_2', underWay: true }, more)

/** In the given and in the reverse order, which are to come to the same. */
function view(...events: readonly Event[]) {
  const fold = (list: readonly Event[]) =>
    viewOrder(list.reduce<OrderFacts>((known, one) => joinFacts(known, factsOf(one)), emptyFacts()))
  expect(fold(events.toReversed())).toEqual(fold(events))
  return fold(events)
}

describe('money on its way', () => {
  const before = failed('ch_1', 1, 'x')

  it('leaves an earlier failure no reason to speak, whatever else began at that moment', () => {
    const opened = tell('payment.started', 7, { id: 'pi_2' }, { key: 'first' as Event['key'] })
    expect(view(before, opened, onItsWay(7))).toMatchObject({
      status: 'open',
      underWay: true,
      lastFailure: null,
      attempts: 1,
    })
  })

  it('is over when the payment fails after all, or comes', () => {
    expect(view(before, onItsWay(7), failed('ch_2', 7, 'y'))).toMatchObject({
      status: 'payment_failed',
      underWay: false,
      lastFailure: { code: 'y' },
    })
    expect(view(before, onItsWay(7), tell('order.paid', 9))).toMatchObject({
      status: 'paid',
      underWay: false,
      lastFailure: { code: 'x' },
    })
  })

  it('is not over because a failure was inferred, and not there because a browser says so', () => {
    const inferred = failed('unpaid:1', 9, 'unpaid_timeout', { trust: 'inferred', connection: API })
    expect(view(onItsWay(7), inferred)).toMatchObject({ status: 'open', underWay: true, lastFailure: null })
    const claimed = onItsWay(7, { trust: 'browser', connection: BROWSER_SDK })
    expect(view(before, claimed)).toMatchObject({ status: 'payment_failed', underWay: false })
  })
})
