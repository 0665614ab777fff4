import type { Trust } from '../event.ts'
import { TRUST } from '../event.ts'
import type { FailureCodes } from '../failure/table.ts'
import type { Money } from '../money.ts'
import type { OrderAlternative } from '../payment-methods.ts'
import type { Instant } from '../time.ts'
import type {
  Attempt,
  Delivery,
  Description,
  Ended,
  Fact,
  Failure,
  Item,
  MoneyPair,
  OrderFacts,
} from './facts.ts'
import { BROWSER } from './facts.ts'
import { covers, greaterOf, receivedOf, sumMoney } from './sums.ts'
import { codesOf, failuresIn } from './tries.ts'

export const ORDER_STATUSES = [
  'open',
  'payment_failed',
  'paid',
  'partly_delivered',
  'delivered',
  'cancelled',
  'expired',
  'partly_refunded',
  'refunded',
] as const
export type OrderStatus = (typeof ORDER_STATUSES)[number]

const INFERRED = TRUST.indexOf('inferred' satisfies Trust)

type HasStatus = { readonly status: OrderStatus }
/** The sale came to an end without the goods being the buyer's. */
export const isClosed = ({ status }: HasStatus) =>
  status === 'cancelled' || status === 'expired' || status === 'refunded'
/** No payment for such an order is asked about or tried any more: closed, or money has begun to go back. */
export const takesNoPayment = (order: HasStatus) => isClosed(order) || order.status === 'partly_refunded'

/** Why the latest known payment attempt failed, in the rail's own codes. */
export interface LastFailure extends FailureCodes {
  readonly paymentId: string
  readonly method: string | null
  readonly card: string | null
  readonly amount: Money | null
  readonly at: Instant
  readonly trust: Trust
}

/** A payment of which its provider says that the cardholder did not agree to it. */
export interface Unauthorised {
  readonly paymentId: string
  readonly rail: string | null
  readonly amount: Money | null
  readonly at: Instant
}

/** An order as its facts show it. Derived only: nothing here is stored as truth. */
export interface OrderView {
  readonly no: string | null
  /** What the outside system calls it, such as Stripe's `pi_…`: shown where there is no number. */
  readonly ref: string | null
  readonly status: OrderStatus
  /** When the money arrived, from a fact stronger than a browser's; `null` while unpaid. */
  readonly paidAt: Instant | null
  /** Money arrived after the order had expired, or was cancelled: the shop must look at it. */
  readonly paidAfterExpiry: boolean
  readonly paidAfterCancel: boolean
  /** A browser says it has paid. Never `paid`; a reason to ask the provider. */
  readonly paidClaimedAt: Instant | null
  /** What the shop said the order costs, else what was paid, else what a payment asked for. */
  readonly total: Money | null
  /** Only what was said to be the order's: a payment's own amount cannot prove that it was the right one. */
  readonly toldTotal: Money | null
  /** One sum a currency, by currency code. */
  readonly paid: readonly Money[]
  /** The same by the best witnesses there are, see `receivedOf`. */
  readonly received: readonly Money[]
  readonly refunded: readonly Money[]
  readonly refundedAt: Instant | null
  readonly title: string | null
  readonly items: readonly Item[]
  readonly placedAt: Instant | null
  readonly expiresAt: Instant | null
  /** Until when the shop has confirmed that it keeps the goods for this order; `null` without a confirmation. */
  readonly reservedUntil: Instant | null
  /** When the shop last opened the order again after it had ended, as far as it is open since. */
  readonly reopenedAt: Instant | null
  readonly payUrl: string | null
  /** Other ways to pay that the order's own events have named. */
  readonly alternatives: readonly OrderAlternative[]
  readonly pageUrl: string | null
  readonly cancelledAt: Instant | null
  readonly expiredAt: Instant | null
  /** What the canceller said, else what the order's end said. */
  readonly endReason: string | null
  readonly lastFailure: LastFailure | null
  /**
   * Money is on its way and the buyer has nothing to do: a payment began so after the latest failure that anybody told.
   * What came of an earlier attempt is then nobody's reason to speak: no `lastFailure`.
   */
  readonly underWay: boolean
  /** How many payment attempts failed (a browser's word does not count), and their payment ids, latest first. */
  readonly attempts: number
  readonly failedAttempts: readonly string[]
  /** Latest first. */
  readonly unauthorised: readonly Unauthorised[]
  /** A failed payment is being healed: tried again by itself, its outcome not known yet. */
  readonly healing: boolean
  /** When the latest known attempt began; a reminder sent while the buyer pays is rude. */
  readonly startedAt: Instant | null
  readonly deliveryCount: number
  readonly deliveredAt: Instant | null
  /** Whether there are card keys to show; the keys themselves only by `deliveredKeys`. */
  readonly hasKeys: boolean
  /** Card keys that were too many to keep (see `KEY_CHARACTERS`): the shop must hand these over itself. */
  readonly keysLeftOut: number
  readonly aftersaleOpen: boolean
  readonly customerName: string | null
  readonly locale: string | null
  readonly timeZone: string | null
}

/** The order its facts describe. Paid beats a late failure, a refund comes after paid, an order's end does not unpay it. */
export function viewOrder(facts: OrderFacts): OrderView {
  const words = wordsOf(facts)
  const paidFact = trustedFirst(facts.p)
  const paidAt = paidFact?.[2] ?? null
  const reopenedAt = reopenedSince(facts)
  const over = (end: Fact<Ended> | null) => (end !== null && endedBefore(end, reopenedAt) ? null : end)
  const cancel = over(trustedFirst(facts.c))
  const expiry = over(trustedFirst(facts.x))
  const toldTotal = words.total === undefined ? null : money(words.total)
  const sums = moneyOf(facts, paidAt, toldTotal)
  const asked = words.asked === undefined ? null : money(words.asked)
  const total = toldTotal ?? (paidAt !== null && sums.paid.length === 1 ? sums.paid[0]! : asked)
  const failures = failuresIn(facts).filter(trusted)
  const underWay = paidAt === null && isUnderWay(facts, failures)
  const deliveries = (facts.d ?? []).filter(trusted)
  return {
    no: words.no ?? null,
    ref: words.ref ?? null,
    status: statusOf(facts, { sums, paidAt, deliveries, cancel, expiry, underWay }),
    paidAt,
    paidAfterExpiry: paidAt !== null && expiry !== null && expiry[2] < paidAt,
    paidAfterCancel: paidAt !== null && cancel !== null && cancel[2] < paidAt,
    paidClaimedAt: facts.p?.find((fact) => !trusted(fact))?.[2] ?? null,
    total,
    toldTotal,
    paid: sums.paid,
    received: receivedOf(facts.p),
    refunded: sums.refunded,
    refundedAt: latest(facts.r?.filter(trusted)),
    title: words.title ?? null,
    items: words.items ?? [],
    placedAt: words.placedAt ?? trustedFirst(facts.n)?.[2] ?? null,
    expiresAt: expiryOf(words.expiresAt, reopenedAt),
    reservedUntil: words.reservedUntil ?? null,
    reopenedAt,
    payUrl: words.payUrl ?? null,
    alternatives: words.alternatives ?? [],
    pageUrl: words.pageUrl ?? null,
    cancelledAt: cancel?.[2] ?? null,
    expiredAt: expiry?.[2] ?? null,
    endReason: cancel?.[4].y ?? expiry?.[4].y ?? null,
    lastFailure: underWay ? null : lastFailureOf(failures.length > 0 ? failures : facts.f),
    underWay,
    attempts: failures.length,
    failedAttempts: failures.toSorted(latestFirst).map(([paymentId]) => paymentId),
    unauthorised: (facts.b ?? []).filter(trusted).toSorted(latestFirst).map(unauthorisedOf),
    healing: paidAt === null && isHealing(facts),
    startedAt: latest(facts.s),
    deliveryCount: deliveryIds(deliveries).size,
    deliveredAt: earliest(deliveries.filter(complete)),
    hasKeys: deliveries.some(([, , , , { k }]) => k.length > 0),
    keysLeftOut: deliveries.reduce((sum, [, , , , { cut }]) => sum + (cut ?? 0), 0),
    aftersaleOpen: aftersaleOpen(facts),
    customerName: words.customer ?? null,
    locale: words.locale ?? null,
    timeZone: words.timeZone ?? null,
  }
}

/** Every card key of the order, in order of delivery, each once. Secret: for the order page after a code, nothing else. */
export function deliveredKeys(facts: OrderFacts): readonly string[] {
  const deliveries = (facts.d ?? []).filter(trusted).sort((a, b) => a[2] - b[2] || (a[0] < b[0] ? -1 : 1))
  return [...new Set(deliveries.flatMap(([, , , , { k }]) => k))]
}

interface Sums {
  readonly paid: readonly Money[]
  readonly refunded: readonly Money[]
  /** What a full refund amounts to: what was paid, else the total. */
  readonly due: readonly Money[]
  readonly whole: boolean
}

/** Money that came and went back. Where nobody named an amount, paid means the total and a whole refund means all of it. */
function moneyOf(facts: OrderFacts, paidAt: Instant | null, total: Money | null): Sums {
  const named = sumMoney(facts.p)
  const due = named.length === 0 && total !== null ? [total] : named
  const paid = paidAt === null ? named : due
  const refunded = sumMoney(facts.r)
  const whole = facts.r?.some((fact) => trusted(fact) && fact[4].a === null) ?? false
  return { due, paid, refunded: whole ? greaterOf(refunded, due) : refunded, whole }
}

interface Course {
  readonly sums: Sums
  readonly paidAt: Instant | null
  readonly deliveries: readonly Fact<Delivery>[]
  readonly cancel: Fact<Ended> | null
  readonly expiry: Fact<Ended> | null
  readonly underWay: boolean
}

function statusOf(facts: OrderFacts, course: Course): OrderStatus {
  const { sums, paidAt, deliveries, cancel, expiry, underWay } = course
  const { due, refunded, whole } = sums
  if (whole) return 'refunded'
  if (refunded.some(({ minor }) => minor > 0)) {
    return due.length > 0 && covers(refunded, due) ? 'refunded' : 'partly_refunded'
  }
  if (deliveries.some(complete)) return 'delivered'
  if (deliveries.length > 0) return 'partly_delivered'
  if (paidAt !== null) return 'paid'
  if (cancel !== null) return 'cancelled'
  if (expiry !== null) return 'expired'
  return facts.f === undefined || underWay ? 'open' : 'payment_failed'
}

/** What was said before a reopening about an end that is now past holds no longer. */
function expiryOf(said: Instant | undefined, reopenedAt: Instant | null): Instant | null {
  if (said === undefined) return null
  return reopenedAt !== null && said <= reopenedAt ? null : said
}

/** The latest reopening, when no end of the order is known to be later; two at one moment leave it ended. */
function reopenedSince(facts: OrderFacts): Instant | null {
  const reopened = latest(facts.u?.filter(trusted))
  if (reopened === null) return null
  return (latest(facts.e?.filter(trusted)) ?? 0) < reopened ? reopened : null
}

const endedBefore = (end: Fact<Ended>, reopenedAt: Instant | null) =>
  reopenedAt !== null && end[2] < reopenedAt

/** The latest failure; the list is best first, so of two at one moment the better known. */
function lastFailureOf(failures: readonly Fact<Attempt & Failure>[] | undefined): LastFailure | null {
  const first = failures?.[0]
  if (failures === undefined || first === undefined) return null
  const [paymentId, trust, at, , said] = failures.reduce((a, b) => (b[2] > a[2] ? b : a), first)
  return {
    paymentId,
    ...codesOf(said),
    method: said.m ?? null,
    card: said.k ?? null,
    amount: said.a === undefined ? null : money(said.a),
    at,
    trust: TRUST[trust] ?? 'browser',
  }
}

/** An inference ends nothing: that no money has come yet is known of such a payment. */
function isUnderWay({ m }: OrderFacts, failures: readonly Fact<Attempt & Failure>[]): boolean {
  const since = latest(m?.filter(trusted))
  if (since === null) return false
  return (latest(failures.filter(([, trust]) => trust < INFERRED)) ?? 0) < since
}

const unauthorisedOf = ([paymentId, , at, , said]: Fact<Attempt>): Unauthorised => ({
  paymentId,
  rail: said.r ?? null,
  amount: said.a === undefined ? null : money(said.a),
  at,
})

/** A case is open while its latest opening is later than its latest closing. */
function aftersaleOpen(facts: OrderFacts): boolean {
  return (facts.o ?? []).some((opened) => {
    const closed = facts.l?.find((fact) => fact[0] === opened[0] && trusted(fact))
    return trusted(opened) && (closed === undefined || closed[2] < opened[2])
  })
}

/** A healing that was begun and of whose end nothing was told. */
function isHealing(facts: OrderFacts): boolean {
  return (facts.h ?? []).some(([payment]) => !facts.g?.some(([ended]) => ended === payment))
}

function wordsOf(facts: OrderFacts): Description {
  const words: Record<string, unknown> = {}
  for (const fact of facts.w ?? []) words[fact[0]] = fact[4]
  return words as Description
}

function trusted(fact: Fact<unknown>): boolean {
  return fact[1] < BROWSER
}

/** The best fact of a kind, unless all there is comes from a browser. */
function trustedFirst<P>(facts: readonly Fact<P>[] | undefined): Fact<P> | null {
  const first = facts?.[0]
  return first !== undefined && trusted(first) ? first : null
}

/** See `Payloads.d`: `=` delivers the order, `~` a part of it. */
function complete(fact: Fact<Delivery>): boolean {
  return fact[0].startsWith('=')
}

function deliveryIds(deliveries: readonly Fact<Delivery>[]): ReadonlySet<string> {
  return new Set(deliveries.map(([key]) => key.slice(1)))
}

function latest(facts: readonly Fact<unknown>[] | undefined): Instant | null {
  return (
    facts?.reduce<Instant | null>((at, fact) => (at === null || fact[2] > at ? fact[2] : at), null) ?? null
  )
}

function earliest(facts: readonly Fact<unknown>[]): Instant | null {
  return facts.reduce<Instant | null>((at, fact) => (at === null || fact[2] < at ? fact[2] : at), null)
}

function latestFirst(a: Fact<unknown>, b: Fact<unknown>): number {
  return b[2] - a[2] || (a[0] < b[0] ? -1 : 1)
}

function money([minor, currency]: MoneyPair): Money {
  return { minor, currency }
}
