import type { Instant } from '../../time.ts'
import { allow, type Policy, wait } from '../answer.ts'
import type { GateInput } from '../input.ts'
import { capRules } from './cap-rules.ts'
import { dailyCap } from './daily-cap.ts'
import { expiry } from './expiry.ts'
import { lawHours } from './law-hours.ts'
import { orderLife } from './order-life.ts'
import { quietHours } from './quiet-hours.ts'
import { sendWindow } from './send-window.ts'

/**
 * Reminders about several orders at once would reach a buyer one upon the other: they wait for each other. None is lost
 * for it, and none waits for more than its turn: what could not go then goes now.
 */
export const otherOrderTold: Policy = (input, t) => {
  const { told } = input
  if (!told || t >= told.until || !isFree(input, told.until)) return allow(t)
  return wait(told.until, 'other_order_told')
}

const TIMED: readonly Policy[] = [orderLife, expiry, dailyCap, capRules, quietHours, lawHours, sendWindow]

/** Whether nothing that goes by the clock or the calendar would stand in the way at `t`. */
function isFree(input: GateInput, t: Instant): boolean {
  return TIMED.every((policy) => {
    const answer = policy(input, t)
    return answer.never === null && answer.at <= t
  })
}
