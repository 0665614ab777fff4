import * as z from 'zod'
import { explainNotHealed } from '../domain/healing/not-healed.ts'
import type { NotHealed } from '../pipeline/not-healed.ts'
import type { Language } from './language.ts'

export const notHealedShape = z
  .object({
    reasons: z.array(z.string()),
    why: z.array(z.string()),
    wouldHelp: z.array(z.string()).describe('What would have to change for the next one to be healed'),
  })
  .nullable()
  .describe(
    'Of a failure that is the platform’s and not the buyer’s, and was neither tried again nor asked about: what stood in the way, as things are set up now',
  )

export function seeNotHealed(
  unhealed: NotHealed | undefined,
  language: Language,
): z.output<typeof notHealedShape> {
  if (unhealed === undefined) return null
  const { why, wouldHelp } = explainNotHealed(unhealed.obstacles, unhealed.sender, language)
  return { reasons: [...unhealed.obstacles], why: [...why], wouldHelp: [...wouldHelp] }
}
