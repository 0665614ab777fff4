import * as z from 'zod'
import { amounts, isAmounts } from '../amounts.ts'
import { parseDuration } from './duration.ts'

/** `params.after`: a parameter of the flow used as a length of time. */
const PARAM = /^params\.([a-z][a-zA-Z0-9_]{0,39})$/

// The messages are codes of problems.ts, so that every sentence exists in both languages.
export const stepId = z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, 'step_id')
export const key = z.string().regex(/^[a-z][a-z0-9-]{0,47}$/, 'key')
export const paramName = z.string().regex(/^[a-z][a-zA-Z0-9_]{0,39}$/, 'step_id')
export const eventType = z.string().regex(/^[a-z][a-z0-9_.-]{0,79}$/, 'event_type')
// A bare number is no text, and is told the same.
export const duration = z.string('how_long').refine((text) => parseDuration(text) !== null, 'how_long')
export const durationOrParam = z
  .string('how_long_or_param')
  .refine((text) => parseDuration(text) !== null || PARAM.test(text), 'how_long_or_param')
export const paramRef = z.string().regex(PARAM, 'param_ref')
/** CEL source. `validateFlow` checks what is inside, because it knows the names. */
export const cel = z.string().trim().min(1).max(1_000)
export const words = z.strictObject({
  zh: z.string().trim().min(1).max(300),
  en: z.string().trim().min(1).max(300),
})

/**
 * What one may tune without touching the rest. Conditions read `params.<name>`; `30m` is a duration there, and an amount
 * by currency is the money in the order's own.
 */
export const param = z.strictObject({
  title: words,
  value: z.union([z.number(), z.string().max(200), z.boolean(), amounts], 'param_value'),
})

/** What a parameter is, as a refusal quotes it. */
export const cameText = (value: z.infer<typeof param>['value']): string =>
  (isAmounts(value) ? JSON.stringify(value) : String(value)).slice(0, 60)

/** The name inside `params.name`, or `null` when the text is not such a reference. */
export function paramOf(text: string): string | null {
  return PARAM.exec(text)?.[1] ?? null
}
