import * as z from 'zod'
import { faultText } from '../domain/errors.ts'
import type { Event } from '../domain/event.ts'
import { explainClaim } from '../domain/order/claim-texts.ts'
import { customerOf } from '../domain/order/customer.ts'
import type { Language } from './language.ts'

export const eventWarning = z
  .object({
    path: z.string().describe('`data.customer.phone`'),
    code: z.string().describe('Of the list of errors'),
    problem: z.string(),
  })
  .meta({ id: 'EventWarning' })

const LEFT_OUT = 'FIELD_LEFT_OUT'

/**
 * What an event says of its buyer and nobody can use, and what its source had to leave out; what it says is not
 * repeated.
 */
export function eventWarnings(
  event: Pick<Event, 'data' | 'connection' | 'trust'>,
  country: string,
  language: Language,
): z.output<typeof eventWarning>[] {
  const { customer, extra } = event.data
  const leftOut = Array.isArray(extra?.left_out) ? extra.left_out : []
  const problems = customerOf(event, { country })?.problems ?? []
  return [
    ...problems.map((problem) => ({
      ...problem,
      problem: explainClaim(problem, customer!, country, language),
    })),
    ...leftOut
      .filter((name) => typeof name === 'string')
      .map((name) => {
        const path = `data.${name}`
        return { path, code: LEFT_OUT, problem: faultText(LEFT_OUT, { path }, language) }
      }),
  ]
}
