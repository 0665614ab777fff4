import { allow, never, type Policy } from '../answer.ts'

/**
 * A message about a living order fits inside the order's remaining life. Payment ends the countdown; an order
 * that was reopened comes with a new end.
 */
export const orderLife: Policy = (input, t) => {
  const { order, message } = input
  if (!message.stopsWhenClosed || order === null || order.paid || order.expiresAt === null) return allow(t)
  return t >= order.expiresAt ? never('order_life_over') : allow(t)
}
