import { allow, never, type Policy, wait } from '../answer.ts'

/**
 * Reminders about several orders at once tell a buyer the same thing several times: one of them speaks, what came along
 * with it does not, and what comes later waits for a while.
 */
export const otherOrderTold: Policy = ({ told }, t) => {
  if (!told) return allow(t)
  if (told.together) return never('other_order_told')
  return t < told.until ? wait(told.until, 'other_order_told') : allow(t)
}
