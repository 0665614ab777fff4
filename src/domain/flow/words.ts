/** Facts about an order that can end a run. `closed` is cancelled, expired or wholly refunded. */
export const STOP_FACTS = ['paid', 'closed', 'cancelled', 'expired', 'refunded', 'delivered'] as const
export type StopFact = (typeof STOP_FACTS)[number]

/** What a flow about an order does about the order's expiry. */
export const AFTER_EXPIRY = ['end', 'allow', 'reopen'] as const
export type AfterExpiry = (typeof AFTER_EXPIRY)[number]

/** Members a flow can write to. */
export const ROLES = ['operator', 'finance', 'support'] as const
export type Role = (typeof ROLES)[number]

/** What a flow may ask of the shop. */
export const COMMANDS = [
  'cancel_order',
  'reopen_order',
  'retry_payment',
  'hold_order',
  'release_order',
] as const
export type CommandName = (typeof COMMANDS)[number]

/**
 * What makes two runs of a flow on one subject different: `order` = one run ever, `event` = one per event,
 * `payment`, `refund`, `delivery` = one per id of that thing, `burst` = a new one once the last has ended.
 */
export const ONCE_PER = ['order', 'event', 'payment', 'refund', 'delivery', 'burst'] as const
