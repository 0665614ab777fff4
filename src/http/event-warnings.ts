import * as z from 'zod'
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

/** What an event says of its buyer and nobody can use; what it says is not repeated. */
export function eventWarnings(
  event: Pick<Event, 'data' | 'connection' | 'trust'>,
  country: string,
  language: Language,
): z.output<typeof eventWarning>[] {
  const { customer } = event.data
  const problems = customerOf(event, { country })?.problems ?? []
  return problems.map((problem) => ({
    ...problem,
    problem: explainClaim(problem, customer!, country, language),
  }))
}
