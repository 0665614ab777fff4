import * as z from 'zod'
import { holds } from '../condition.ts'
import { cel, durationOrParam, eventType, stepId } from '../fields.ts'
import type { StepKind } from './step.ts'

const schema = z.strictObject({
  id: stepId,
  kind: z.literal('waitFor'),
  /** Any of these. */
  event: z.array(eventType).min(1).max(10),
  /** And this holds; `event` is the event that came. */
  when: cel.optional(),
  timeout: durationOrParam,
  onTimeout: stepId,
  next: stepId.optional(),
})
export type WaitForStep = z.infer<typeof schema>

/** Pauses until one of the events comes, or the time is over. */
export const waitFor: StepKind<WaitForStep> = {
  kind: 'waitFor',
  schema,
  exits: (step) => [
    { field: 'next', to: step.next ?? null, immediate: false },
    { field: 'onTimeout', to: step.onTimeout, immediate: false },
  ],
  expressions: (step) =>
    step.when === undefined ? [] : [{ field: 'when', source: step.when, gives: 'bool' }],
  lengths: (step) => [{ field: 'timeout', text: step.timeout }],
  enter: ({ step, lengths }, { now }) => ({
    go: 'pause',
    code: 'waiting',
    dueAt: now + lengths.timeout!,
    waitingFor: step.event,
  }),
  resume({ step, expressions }, scene, event) {
    if (event !== null && step.event.includes(event.type)) {
      if (expressions.when === undefined || holds(expressions.when, scene.facts()).value)
        return { go: 'on', code: 'came', detail: event.type }
    }
    if (scene.run.dueAt !== null && scene.now < scene.run.dueAt) return null
    return { go: 'on', code: 'timed_out', to: step.onTimeout }
  },
}
