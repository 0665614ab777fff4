import * as z from 'zod'
import { type Instant, parseIso } from './time.ts'

/** The instant at which a day as data files write it (`2026-10-25`) begins in UTC; `null`: there is no such day. */
export const beginOf = (text: string): Instant | null =>
  /^\d{4}-\d\d-\d\d$/.test(text) ? parseIso(`${text}T00:00:00Z`) : null

/** What is wrong with a day of a data file; `rule.ts` of the law and `rails/` say it in both languages. */
const problemOf = (text: string): string | null => {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return 'expected a day such as 2026-10-25'
  return beginOf(text) === null ? `there is no day ${text}` : null
}

/** A day in a data file, kept as it is written. A day that is none would switch a rule off in silence. */
export const dayText = z.string().superRefine((text, context) => {
  const problem = problemOf(text)
  if (problem !== null) context.addIssue(problem)
})

/** The same as the instant at which it begins in UTC. Schemes name days, not moments. */
export const day = dayText.transform((text): Instant => beginOf(text)!)

/** A month in a data file: when its author last looked. */
export const monthText = z.string().superRefine((text, context) => {
  if (!/^\d{4}-\d\d$/.test(text)) context.addIssue('expected a month such as 2026-11')
  else if (beginOf(`${text}-01`) === null) context.addIssue(`there is no month ${text}`)
})
