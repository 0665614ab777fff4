import type { Trust } from '../event.ts'
import type { Money } from '../money.ts'
import type { Instant } from '../time.ts'
import type { Item, OrderFacts } from './facts.ts'

export type OrderStatus =
  | 'open'
  | 'payment_failed'
  | 'paid'
  | 'partly_delivered'
  | 'delivered'
  | 'cancelled'
  | 'expired'
  | 'partly_refunded'
  | 'refunded'

/** Why the latest known payment attempt failed, in the rail's own codes. */
export interface LastFailure {
  readonly paymentId: string
  readonly code: string | null
  readonly declineCode: string | null
  readonly adviceCode: string | null
  readonly networkCode: string | null
  readonly rail: string | null
  readonly method: string | null
  readonly amount: Money | null
  readonly at: Instant
  readonly trust: Trust
}

/** An order as its facts show it. Derived only: nothing here is stored as truth. */
export interface OrderView {
  readonly no: string | null
  readonly status: OrderStatus
  /** When the money arrived, from a fact stronger than a browser's; `null` while unpaid. */
  readonly paidAt: Instant | null
  /** Money arrived after the order had expired, or was cancelled: the shop must look at it. */
  readonly paidAfterExpiry: boolean
  readonly paidAfterCancel: boolean
  /** A browser says it has paid. Never `paid`; a reason to ask the provider. */
  readonly paidClaimedAt: Instant | null
  readonly total: Money | null
  /** One sum a currency, by currency code. */
  readonly paid: readonly Money[]
  readonly refunded: readonly Money[]
  readonly refundedAt: Instant | null
  readonly title: string | null
  readonly items: readonly Item[]
  readonly placedAt: Instant | null
  readonly expiresAt: Instant | null
  readonly payUrl: string | null
  readonly pageUrl: string | null
  readonly cancelledAt: Instant | null
  readonly expiredAt: Instant | null
  /** What the canceller said, else what the order's end said. */
  readonly endReason: string | null
  readonly lastFailure: LastFailure | null
  /** How many payment attempts failed (a browser's word does not count), and their payment ids, latest first. */
  readonly attempts: number
  readonly failedAttempts: readonly string[]
  /** When the latest known attempt began; a reminder sent while the buyer pays is rude. */
  readonly startedAt: Instant | null
  readonly deliveryCount: number
  readonly deliveredAt: Instant | null
  /** Whether there are card keys to show; the keys themselves only by `deliveredKeys`. */
  readonly hasKeys: boolean
  readonly aftersaleOpen: boolean
  readonly customerName: string | null
  readonly locale: string | null
  readonly timeZone: string | null
}

/** The order its facts describe. Paid beats a late failure, a refund comes after paid, the end of an order does not unpay it. */
export function viewOrder(_facts: OrderFacts): OrderView {
  throw new Error('viewOrder: body follows')
}

/** Every card key of the order, in order of delivery, each once. Secret: for the order page after a code, nothing else. */
export function deliveredKeys(_facts: OrderFacts): readonly string[] {
  throw new Error('deliveredKeys: body follows')
}
