import * as z from 'zod'
import { CHANNELS, PURPOSES } from '../message.ts'
import { parseDuration } from './duration.ts'
import { COMMANDS, ONCE_PER, ROLES, STOP_FACTS } from './words.ts'

const HOW_LONG = 'expected a length of time such as 90s, 30m, 1h30m or 7d (at most 400d)'
const KEY = /^[a-z][a-z0-9-]{0,47}$/
const ID = /^[a-z][a-z0-9_]{0,39}$/

const stepId = z.string().regex(ID, 'expected a step id: a small letter, then a-z 0-9 _, at most 40')
const duration = z.string().refine((text) => parseDuration(text) !== null, HOW_LONG)
/** A length of time, or `params.name` of one that the flow shows among its parameters. */
const durationOrParam = z
  .string()
  .refine((text) => parseDuration(text) !== null || PARAM.test(text), `${HOW_LONG}, or params.<name>`)
/** CEL source; checked by `validateFlow`, which knows the names. */
const cel = z.string().trim().min(1).max(1_000)
const words = z.strictObject({ zh: z.string().trim().min(1).max(300), en: z.string().trim().min(1).max(300) })
const eventType = z.string().regex(/^[a-z][a-z0-9_.-]{0,79}$/, 'expected an event type such as order.paid')

/** `params.after` used as a length of time. */
export const PARAM = /^params\.([a-z][a-zA-Z0-9_]{0,39})$/

const base = { id: stepId, next: stepId.optional() }

/** One message: to the buyer or to every member of a role, by the first channel that reaches them. */
export const sendStep = z.strictObject({
  ...base,
  kind: z.literal('send'),
  to: z.union([z.literal('buyer'), z.strictObject({ role: z.enum(ROLES) })]),
  channels: z.array(z.enum(CHANNELS).exclude(['command'])).min(1).max(5),
  template: z.string().regex(ID, 'expected a template name such as order_paid'),
  /** Instead of the flow's purpose. */
  purpose: z.enum(PURPOSES).optional(),
  /** Too late after this; default by purpose (DEFAULT_EXPIRY). A reminder also ends with the order's life. */
  expiresIn: durationOrParam.optional(),
  /** A newer message with this key replaces one that still waits. */
  collapse: z.string().regex(/^[a-z][a-z0-9_.-]{0,63}$/).optional(),
  /** Answers what the buyer just did, so the gate may let it go at any hour. */
  inSession: z.boolean().default(false),
}) // biome-ignore format: one line a field

/** Pauses `for` a length of time from now, or `until` a CEL timestamp. */
export const waitStep = z.strictObject({
  ...base,
  kind: z.literal('wait'),
  for: durationOrParam.optional(),
  until: cel.optional(),
  /** Where to go at once when the wait would end after the order's life; without it the run ends. */
  ifTooLate: stepId.optional(),
})

/** Pauses until one of the events comes (and `when` holds), or the timeout. */
export const waitForStep = z.strictObject({
  ...base,
  kind: z.literal('waitFor'),
  event: z.array(eventType).min(1).max(10),
  when: cel.optional(),
  timeout: durationOrParam,
  onTimeout: stepId,
})

export const branchStep = z.strictObject({
  id: stepId,
  kind: z.literal('branch'),
  when: cel,
  /** Either may be left out: then the next step in the list. */
  then: stepId.optional(),
  else: stepId.optional(),
})

export const stopStep = z.strictObject({ id: stepId, kind: z.literal('stop'), reason: stepId.optional() })

export const actStep = z.strictObject({
  ...base,
  kind: z.literal('act'),
  command: z.enum(COMMANDS),
  expiresIn: durationOrParam.optional(),
})

export const stepSchema = z.discriminatedUnion('kind', [
  sendStep,
  waitStep,
  waitForStep,
  branchStep,
  stopStep,
  actStep,
])

/** A number or text the shop may tune without touching the steps; conditions read it as `params.<name>`. */
const param = z.strictObject({
  title: words,
  value: z.union([z.number(), z.string().max(200), z.boolean()]),
})

/**
 * What to do when something happens: data, stored versioned. Step ids are stable over versions: dedupe keys,
 * statistics and timelines name them.
 */
export const flowSchema = z.strictObject({
  key: z.string().regex(KEY, 'expected a flow key: a small letter, then a-z 0-9 -, at most 48'),
  /** Flows of one family share a holdout arm per person. */
  family: z.string().regex(KEY),
  /** What the buyer's preferences call it; the family when left out. */
  category: z.string().regex(KEY).optional(),
  title: words,
  description: words,
  audience: z.enum(['buyer', 'members']),
  purpose: z.enum(PURPOSES),
  /** `event` flows need no order (stock.low). */
  subject: z.enum(['order', 'event']).default('order'),
  trigger: z.strictObject({ on: z.array(eventType).min(1).max(20), when: cel.optional() }),
  once: z
    .strictObject({ per: z.enum(ONCE_PER), rest: duration.optional() })
    .default({ per: 'order' }),
  stopWhen: z.array(z.enum(STOP_FACTS)).default([]),
  /** `end`: steps that would fall after the order's expiry are dropped. `allow`: they are meant to. */
  afterExpiry: z.enum(['end', 'allow']).default('end'),
  /** Percent of people kept without this family's reminders and promotions, to measure them. */
  holdout: z.number().min(0).max(50).default(0),
  params: z.record(z.string().regex(/^[a-z][a-zA-Z0-9_]{0,39}$/), param).default({}),
  steps: z.array(stepSchema).min(1).max(100),
}) // biome-ignore format: one line a field

export type Flow = Readonly<z.infer<typeof flowSchema>>
export type Step = Readonly<z.infer<typeof stepSchema>>
export type SendStep = Readonly<z.infer<typeof sendStep>>
export type WaitStep = Readonly<z.infer<typeof waitStep>>
export type WaitForStep = Readonly<z.infer<typeof waitForStep>>
export type BranchStep = Readonly<z.infer<typeof branchStep>>
export type StopStep = Readonly<z.infer<typeof stopStep>>
export type ActStep = Readonly<z.infer<typeof actStep>>
