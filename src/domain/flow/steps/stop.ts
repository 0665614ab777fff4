import * as z from 'zod'
import { stepId } from '../fields.ts'
import type { OwnWord } from '../run.ts'
import type { StepKind } from './step.ts'

const schema = z.strictObject({ id: stepId, kind: z.literal('stop'), reason: stepId.optional() })
export type StopStep = z.infer<typeof schema>

/** Ends the run, with a reason that the order's timeline shows. */
export const stop: StepKind<StopStep> = {
  kind: 'stop',
  schema,
  exits: () => [],
  expressions: () => [],
  lengths: () => [],
  enter: ({ step }) => ({ go: 'end', code: 'stopped', reason: (step.reason ?? 'stopped') as OwnWord }),
}
