import * as z from 'zod'
import type { Explanation } from '../domain/failure/explain.ts'
import { FAILURE_FIELDS } from '../domain/failure/table.ts'
import { FAILURE_CLASSES, RETRY_ADVICE } from '../domain/failure-class.ts'

const instant = z.number().nullable().describe('Epoch milliseconds')
export const failureClass = z.enum(FAILURE_CLASSES)
export const retryAdvice = z.enum(RETRY_ADVICE)

const explainedCode = z.object({
  field: z.enum(FAILURE_FIELDS),
  rail: z.string(),
  code: z.string(),
  class: failureClass,
  advice: retryAdvice,
  knownBy: z.enum(['table', 'shop', 'nobody']),
  generic: z.boolean().describe('Says that it failed, not why'),
  meaning: z.string().nullable(),
  list: z.string().nullable(),
  source: z.string().nullable(),
  asOf: z.string().nullable(),
  note: z.string().nullable(),
  unverified: z.boolean().describe('From general knowledge: no public document was found that says so'),
  validFrom: instant,
  validTo: instant,
})

/** Why a failure has its class, as `explain` says it. */
export const explanationShape = z.object({
  at: z.number(),
  class: failureClass,
  classText: z.string(),
  firstMove: z.string(),
  advice: retryAdvice,
  adviceText: z.string(),
  classForBuyer: failureClass.describe('What words for buyers are chosen by: never risk_block'),
  buyerIsTold: z.boolean(),
  decidedBy: explainedCode.nullable(),
  adviceFrom: explainedCode.nullable(),
  codes: z.array(explainedCode),
  nearRail: z.string().nullable(),
  nearCode: z.string().nullable(),
})

export const seeExplanation = (said: Explanation): z.output<typeof explanationShape> => ({
  ...said,
  codes: [...said.codes],
})
