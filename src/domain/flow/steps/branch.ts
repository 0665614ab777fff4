import * as z from 'zod'
import { holds } from '../condition.ts'
import { cel, stepId } from '../fields.ts'
import type { StepKind } from './step.ts'

const schema = z.strictObject({
  id: stepId,
  kind: z.literal('branch'),
  when: cel,
  /** Either may be left out: then the next step of the list. */
  // biome-ignore lint/suspicious/noThenProperty: a step id, never a function; authors expect the word
  then: stepId.optional(),
  else: stepId.optional(),
})
export type BranchStep = z.infer<typeof schema>

/** Goes one way or the other. A condition that cannot be worked out is false, and the trace says so. */
export const branch: StepKind<BranchStep> = {
  kind: 'branch',
  schema,
  exits: (step) => [
    { field: 'then', to: step.then ?? null, immediate: true },
    { field: 'else', to: step.else ?? null, immediate: true },
  ],
  expressions: (step) => [{ field: 'when', source: step.when, gives: 'bool' }],
  lengths: () => [],
  enter({ step, expressions }, scene) {
    const answer = holds(expressions.when!, scene.facts())
    if (answer.value) return { go: 'on', code: 'then', to: step.then }
    return answer.detail === undefined
      ? { go: 'on', code: 'else', to: step.else }
      : { go: 'on', code: 'condition_failed', detail: answer.detail, to: step.else }
  },
}
