import type { Policy } from './answer.ts'
import { accountReady } from './policies/account-ready.ts'
import { capRules } from './policies/cap-rules.ts'
import { closedOrder } from './policies/closed-order.ts'
import { consentGiven } from './policies/consent-given.ts'
import { contactUsable } from './policies/contact-usable.ts'
import { dailyCap } from './policies/daily-cap.ts'
import { dueTime } from './policies/due-time.ts'
import { expiry } from './policies/expiry.ts'
import { killSwitch } from './policies/kill-switch.ts'
import { lawHours } from './policies/law-hours.ts'
import { lawKept } from './policies/law-kept.ts'
import { lowPriority } from './policies/low-priority.ts'
import { orderLife } from './policies/order-life.ts'
import { otherOrderTold } from './policies/other-order-told.ts'
import { paidOrder } from './policies/paid-order.ts'
import { preferencesKept } from './policies/preferences-kept.ts'
import { quietHours } from './policies/quiet-hours.ts'
import { sendWindow } from './policies/send-window.ts'
import { underReview } from './policies/under-review.ts'

/** Every rule of the gate. The order decides only which reason is named first: what is final before what passes. */
export const POLICIES = {
  killSwitch,
  paidOrder,
  closedOrder,
  orderLife,
  expiry,
  contactUsable,
  consentGiven,
  preferencesKept,
  lowPriority,
  accountReady,
  lawKept,
  underReview,
  otherOrderTold,
  dueTime,
  dailyCap,
  capRules,
  quietHours,
  lawHours,
  sendWindow,
} as const satisfies Readonly<Record<string, Policy>>

export type PolicyName = keyof typeof POLICIES
