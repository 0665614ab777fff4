/** As one leads to the next. A source that tells of a sale in one callback gives all its events one instant. */
const LOGICAL: readonly string[] = [
  'order.created',
  'payment.started',
  'payment.failed',
  'payment.retry_wanted',
  'payment.heal_failed',
  'payment.healed',
  'order.paid',
  'order.partly_delivered',
  'order.delivered',
  'order.cancelled',
  'order.expired',
  'order.reopened',
  'order.refunded',
]

/** Where an event stands among those of its instant; what is not of an order's own life comes last. */
export function logicalPlace(type: string): number {
  const at = LOGICAL.indexOf(type)
  return at < 0 ? LOGICAL.length : at
}
