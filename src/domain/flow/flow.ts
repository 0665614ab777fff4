import * as z from 'zod'
import { PURPOSES } from '../message.ts'
import { cel, duration, eventType, key, param, paramName, words } from './fields.ts'
import { STEP_KINDS, type Step } from './steps/registry.ts'
import { AFTER_EXPIRY, ONCE_PER, STOP_FACTS } from './words.ts'

const stepSchemas = STEP_KINDS.map((kind) => kind.schema)

/** Any step; the schema of its kind decides. */
const stepSchema = z.discriminatedUnion(
  'kind',
  stepSchemas as unknown as [z.ZodObject<{ kind: z.ZodLiteral<Step['kind']> }>],
) as unknown as z.ZodType<Step>

/**
 * What to do when something happens: data, stored versioned, plain JSON. Step ids are stable over versions:
 * dedupe keys, statistics and timelines name them.
 */
export const flowSchema = z.strictObject({
  key,
  /** Flows of one family share a holdout arm per person. */
  family: key,
  /** What the buyer's preferences call it; the family when left out. */
  category: key.optional(),
  title: words,
  description: words,
  audience: z.enum(['buyer', 'members']),
  /** Of every send that does not say its own. */
  purpose: z.enum(PURPOSES),
  /** `event`: about no order (stock.low); such a flow reads no order and stops on none. */
  subject: z.enum(['order', 'event']).default('order'),
  trigger: z.strictObject({ on: z.array(eventType).min(1).max(20), when: cel.optional() }),
  /**
   * Holds as long as the flow is the right one for its subject: asked before it starts and at every advance. Once it
   * no longer holds the run ends as `moved_on`, and what it planned and has not said stays unsaid.
   */
  while: cel.optional(),
  /** How often one subject may run it; `rest` is the least time between two bursts' starts. */
  once: z.strictObject({ per: z.enum(ONCE_PER), rest: duration.optional() }).default({ per: 'order' }),
  /**
   * What happened longer ago starts no run: an outage or an import of history is no reason to speak of it as of today.
   * Left out: a week for what is essential, since rails repeat their callbacks for days, else a day.
   */
  startWithin: duration.optional(),
  /** Facts about the order that end a run whatever it is doing. */
  stopWhen: z.array(z.enum(STOP_FACTS)).default([]),
  /**
   * `end`: what would come after an unpaid order's expiry is dropped. `allow`: it is meant to come. `reopen`: it is
   * dropped, but the run goes on beyond, so that it may have the order opened again.
   */
  afterExpiry: z.enum(AFTER_EXPIRY).default('end'),
  /** Percent of people kept without this family's reminders and promotions, to measure what those do. */
  holdout: z.number().min(0).max(50).default(0),
  params: z.record(paramName, param).default({}),
  steps: z.array(stepSchema).min(1).max(100),
})

export type Flow = Readonly<z.infer<typeof flowSchema>>
