import type { Instant } from '../time.ts'
import type { FlowOrder } from './run.ts'
import type { AfterExpiry, StopFact } from './words.ts'

/** Words of the order fold for an order whose money is there, wholly or partly given back or delivered. */
const PAID = new Set(['paid', 'delivered', 'partly_delivered', 'refunded', 'partly_refunded'])

/** Is a stop fact true of the order? A known payment instant counts whatever the status says. */
export function isTrueOf(fact: StopFact, order: FlowOrder): boolean {
  switch (fact) {
    case 'paid':
      return order.paidAt !== null || PAID.has(order.status)
    case 'closed':
      return order.status === 'cancelled' || order.status === 'expired' || order.status === 'refunded'
    case 'cancelled':
    case 'expired':
    case 'refunded':
    case 'delivered':
      return order.status === fact
  }
}

/**
 * The moment after which messages about the order make no sense: its expiry while it is unpaid. `null` when
 * it has none, is paid, or the flow is meant to act after expiry. 0 for a flow that goes on although the order has
 * been given up: until it is opened again there is nothing to say.
 */
export function lifeEnds(order: FlowOrder | null, afterExpiry: AfterExpiry): Instant | null {
  if (order === null || afterExpiry === 'allow' || isTrueOf('paid', order)) return null
  return afterExpiry === 'reopen' && isTrueOf('closed', order) ? 0 : order.expiresAt
}
