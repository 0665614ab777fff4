import * as z from 'zod'
import { drawArm } from '../draw.ts'
import { key, stepId } from '../fields.ts'
import type { Outcome, ReadyStep, Scene, StepKind } from './step.ts'

const arm = z.strictObject({
  name: key,
  /** Whole percents; those of all arms sum to 100. */
  share: z.number().refine((share) => Number.isInteger(share) && share >= 1 && share <= 99, 'share'),
  /** Left out: the next step of the list. */
  next: stepId.optional(),
})

const schema = z.strictObject({
  id: stepId,
  kind: z.literal('split'),
  /** As long as it stays, people keep their arms over versions. */
  experiment: key,
  /** The first is what the others are compared with. */
  arms: z.array(arm).min(2).max(5),
})
export type SplitStep = z.infer<typeof schema>

function enter({ step }: ReadyStep<SplitStep>, { run, context }: Scene): Outcome {
  const { experiment, arms } = step
  const before = arms.find(({ name }) => name === run.arms?.[experiment])
  const { draw } = context
  const drawn = before ?? (draw && drawArm(arms, (name) => draw(experiment, name)))
  // Nobody to draw for: the first way, and no part in the comparison.
  if (drawn === undefined) return { go: 'on', code: 'nobody', to: arms[0]!.next }
  return {
    go: 'on',
    code: 'split',
    detail: drawn.name,
    to: drawn.next,
    arms: { [experiment]: drawn.name },
  }
}

/** Goes one of several ways, each person always the same, so that the ways can be compared. */
export const split: StepKind<SplitStep> = {
  kind: 'split',
  schema,
  exits: ({ arms }) =>
    arms.map(({ next }, at) => ({ field: ['arms', at, 'next'], to: next ?? null, immediate: true })),
  expressions: () => [],
  lengths: () => [],
  enter,
}
