import { allow, never, type Policy } from '../answer.ts'

/** What speaks of a living order stops when the order is cancelled, expired or refunded. */
export const closedOrder: Policy = (input, t) => {
  if (!input.message.stopsWhenClosed || input.order === null) return allow(t)
  switch (input.order.closed) {
    case null:
      return allow(t)
    case 'cancelled':
      return never('order_cancelled')
    case 'expired':
      return never('order_expired')
    case 'refunded':
      return never('order_refunded')
  }
}
