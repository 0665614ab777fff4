import type { Event } from '../event.ts'
import { TRUST } from '../event.ts'
import type { Money } from '../money.ts'
import type { Attempt, Delivery, Description, Fact, Failure, MoneyPair, OrderFacts } from './facts.ts'
import { BROWSER, moneyKey } from './facts.ts'

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** Characters of card keys kept per delivery: 500 keys of 100 characters. More is counted as left out. */
export const KEY_CHARACTERS = 50_000

/** What one event says about its order, as facts: `apply = joinFacts(order, factsOf(event))`. */
export function factsOf(event: Event): OrderFacts {
  const facts: Writable<OrderFacts> = {}
  const words = wordsOf(event)
  if (words.length > 0) facts.w = words
  switch (event.type) {
    case 'order.created':
      facts.n = [fact(event, '', null)]
      break
    case 'payment.started':
      facts.s = [fact(event, paymentKey(event), attemptOf(event))]
      if (event.data.payment?.underWay) facts.m = [fact(event, paymentKey(event), null)]
      break
    case 'payment.failed':
      facts.f = [fact(event, paymentKey(event), { ...attemptOf(event), ...failureOf(event) })]
      break
    case 'payment.unauthorised':
      facts.b = [fact(event, paymentKey(event), attemptOf(event))]
      break
    case 'order.paid':
      facts.p = [fact(event, moneyKey(event.connection, event.data.payment?.id ?? ''), receiptOf(event))]
      break
    case 'order.refunded': {
      const refund = event.data.refund
      const key = moneyKey(event.connection, refund?.id ?? '')
      facts.r = [fact(event, key, { a: refund === undefined ? null : pair(refund.amount) })]
      break
    }
    case 'order.delivered':
      facts.d = [fact(event, `=${event.data.delivery?.id ?? ''}`, deliveryOf(event))]
      break
    case 'order.partly_delivered':
      facts.d = [fact(event, `~${event.data.delivery?.id ?? ''}`, deliveryOf(event))]
      break
    case 'order.cancelled':
      facts.c = [fact(event, '', endOf(event))]
      facts.e = [fact(event, rankOf(event), null)]
      break
    case 'order.expired':
      facts.x = [fact(event, '', endOf(event))]
      facts.e = [fact(event, rankOf(event), null)]
      break
    case 'order.reopened':
      facts.u = [fact(event, rankOf(event), null)]
      break
    case 'aftersale.opened':
      facts.o = [fact(event, event.subject ?? '', null)]
      break
    case 'aftersale.closed':
      facts.l = [fact(event, event.subject ?? '', null)]
      break
    case 'payment.healed':
    case 'payment.heal_failed':
      if (believed(event)) facts.g = [fact(event, paymentKey(event), null)]
      break
  }
  return facts
}

const rankOf = (event: Event) => String(TRUST.indexOf(event.trust))
const believed = (event: Event) => event.trust !== 'browser'

/** A fact cannot have happened after we heard of it: a sender's clock in the future must not win for ever. */
function fact<P>(event: Event, key: string, payload: P): Fact<P> {
  const at = Math.min(event.time, event.receivedAt)
  return [key, TRUST.indexOf(event.trust), at, event.key, payload]
}

/** Events whose payment's amount is what the order was to bring; of a dispute or a refund it is another sum. */
const ASKING: ReadonlySet<string> = new Set([
  'payment.started',
  'payment.failed',
  'order.expired',
  'order.cancelled',
])

/**
 * The event's words about the order, sorted by field, which is their best-first order. A browser may tell
 * the order's number, language and time zone; a title, a price or a link to pay from there would let a
 * stranger write into a mail to the buyer.
 */
function wordsOf(event: Event): Fact<Description[keyof Description]>[] {
  const { order, customer, payment, refs } = event.data
  const words: Fact<Description[keyof Description]>[] = []
  const trusted = TRUST.indexOf(event.trust) < BROWSER
  const say = (field: keyof Description, value: Description[keyof Description]) => {
    if (value !== undefined) words.push(fact(event, field, value))
  }
  const asked = order?.total === undefined && ASKING.has(event.type) ? payment?.amount : undefined
  const silent = order === undefined && customer === undefined && payment?.alternatives === undefined
  if (silent && event.type !== 'reservation.released') {
    if (trusted) say('asked', asked && pair(asked))
    return words
  }
  if (trusted) {
    say('alternatives', payment?.alternatives)
    say('asked', asked && pair(asked))
    say('customer', customer?.name)
    say('expiresAt', order?.expiresAt)
    say('items', order?.items)
  }
  say('locale', customer?.locale)
  const no = order?.no ?? refs.find(({ kind }) => kind === 'order_no')?.value
  say('no', no)
  if (trusted) {
    say('pageUrl', order?.pageUrl)
    say('payUrl', order?.payUrl)
    say('placedAt', order?.placedAt)
    if (no === undefined) say('ref', (refs.find(({ value }) => value === event.subject) ?? refs[0])?.value)
    say('reservedUntil', reservedUntil(event))
  }
  say('timeZone', customer?.timeZone)
  if (trusted) {
    say('title', order?.title)
    say('total', order?.total && pair(order.total))
  }
  return words
}

/** Only the shop's own confirmation says that goods are kept; giving them up is a reservation that ends now. */
function reservedUntil(event: Event): number | undefined {
  if (event.type === 'reservation.released') return event.time
  return event.type === 'reservation.confirmed' ? event.data.order?.reservedUntil : undefined
}

/** The failure that `event` tells is being healed: so decided when it was applied, not told by anybody. */
export function healingOf(event: Event): OrderFacts {
  return { h: [fact(event, paymentKey(event), null)] }
}

/** Without the provider's id an attempt is its own event: better counted twice than not at all. */
export function paymentKey(event: Event): string {
  return event.data.payment?.id ?? `event:${event.key}`
}

function attemptOf(event: Event): Attempt {
  const payment = event.data.payment
  const attempt: Writable<Attempt> = {}
  if (payment?.rail !== undefined) attempt.r = payment.rail
  if (payment?.method !== undefined) attempt.m = payment.method
  if (payment?.amount !== undefined) attempt.a = pair(payment.amount)
  if (payment?.scheme !== undefined) attempt.h = payment.scheme
  if (payment?.card !== undefined) attempt.k = payment.card
  return attempt
}

/** Money that came: the payment's amount, or the order's total where the sender knows no payments. */
function receiptOf(event: Event): Attempt {
  const { payment, order } = event.data
  const attempt = attemptOf(event)
  if (attempt.a !== undefined) return payment?.byGateway ? { ...attempt, g: true } : attempt
  return order?.total === undefined ? attempt : { ...attempt, a: pair(order.total) }
}

/** The codes only: a provider's free text can hold names and card digits, and nothing here needs it. */
function failureOf(event: Event): Failure & Pick<Attempt, 'g'> {
  const { failure: said, byGateway } = event.data.payment ?? {}
  const failure: Writable<Failure & Pick<Attempt, 'g'>> = {}
  if (byGateway) failure.g = true
  if (said === undefined) return failure
  failure.c = said.code
  if (said.declineCode !== undefined) failure.d = said.declineCode
  if (said.adviceCode !== undefined) failure.v = said.adviceCode
  if (said.networkCode !== undefined) failure.n = said.networkCode
  if (said.networkAdviceCode !== undefined) failure.w = said.networkAdviceCode
  return failure
}

function deliveryOf(event: Event): Delivery {
  const keys = event.data.delivery?.keys ?? []
  let room = KEY_CHARACTERS
  const kept = keys.findIndex((key) => {
    room -= key.length
    return room < 0
  })
  return kept < 0 ? { k: keys } : { k: keys.slice(0, kept), cut: keys.length - kept }
}

function endOf(event: Event): { readonly y?: string } {
  const reason = event.data.order?.reason
  return reason === undefined ? {} : { y: reason }
}

function pair(money: Money): MoneyPair {
  return [money.minor, money.currency]
}
