import * as z from 'zod'
import { cel, durationOrParam, eventType, key, param, paramName, paramRef, words } from '../flow/fields.ts'
import { ROLES } from '../flow/words.ts'

/** What two events must share to be counted together. */
export const SHARED = ['ip', 'buyer', 'card', 'items', 'amount'] as const
export type Shared = (typeof SHARED)[number]

/** What is counted: different orders, different payments, or the failed attempts on the order itself. */
const COUNTED = ['order', 'payment', 'failure'] as const

/** Facts about the order that leave a person nothing to decide. */
export const ENDS = ['paid', 'paid_in_full', 'closed'] as const
export type End = (typeof ENDS)[number]

export const ACTIONS = ['flag', 'hold'] as const
export type Action = (typeof ACTIONS)[number]

export const SEVERITIES = ['low', 'medium', 'high'] as const
export type Severity = (typeof SEVERITIES)[number]

/** Most that is remembered under one key; a rule can therefore ask for at most this many. */
export const MOST_SEEN = 64

const reach = z.union([z.int().min(1).max(MOST_SEEN), paramRef], 'how_many')

const counts = z.strictObject({
  /** Left out for `failure`, which the order itself knows. */
  by: z.array(z.enum(SHARED)).min(1).max(4).optional(),
  of: z.enum(COUNTED),
  within: durationOrParam.optional(),
  reach,
  /** One that does not meet `when` breaks the row, instead of not being looked at. */
  inARow: z.boolean().default(false),
})

/** What looks wrong, and what follows from it: data, stored versioned, plain JSON. */
export const ruleSchema = z.strictObject({
  key,
  title: words,
  description: words,
  /** Whether a new shop has it on. */
  enabled: z.boolean().default(true),
  trigger: z.strictObject({
    on: z.array(eventType).min(1).max(20),
    /** The order's total is this amount or more: a parameter with one for each currency that is judged. */
    totalFrom: paramRef.optional(),
    when: cel.optional(),
  }),
  counts: counts.optional(),
  /** What happened longer ago opens nothing; rules that count remember it all the same. */
  startWithin: durationOrParam.default('1d'),
  /** `flag`: tell somebody. `hold`: a person must decide, and reminders about the order wait for it. */
  does: z.enum(ACTIONS),
  /** What `hold` comes down to where nobody with one of these roles works for the shop. */
  ifNobody: z.enum(ACTIONS).default('flag'),
  /** Ask the shop's system, too, to hold the order, and to release or cancel it afterwards. */
  holdsShop: z.boolean().default(false),
  severity: z.enum(SEVERITIES),
  /** Who is told first and, when nobody answers in time, next. The same people may decide. */
  tell: z.array(z.enum(ROLES)).min(1).max(ROLES.length),
  answerWithin: durationOrParam.default('4h'),
  /** What leaves nothing to decide. */
  endsWhen: z.array(z.enum(ENDS)).default(['closed']),
  /** A rejection is told to the buyer, in neutral words. */
  tellsBuyer: z.union([z.boolean(), paramRef]).default(false),
  params: z.record(paramName, param).default({}),
})

export type Rule = Readonly<z.infer<typeof ruleSchema>>
