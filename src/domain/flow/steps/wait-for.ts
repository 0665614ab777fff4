import * as z from 'zod'
import { evaluateInstant, holds } from '../condition.ts'
import { cel, durationOrParam, eventType, stepId } from '../fields.ts'
import type { Outcome, ReadyStep, Scene, StepKind } from './step.ts'

const schema = z
  .strictObject({
    id: stepId,
    kind: z.literal('waitFor'),
    /** Any of these. */
    event: z.array(eventType).min(1).max(10),
    /** And this holds; `event` is the event that came. */
    when: cel.optional(),
    /** A length of time from the moment the run gets here. */
    timeout: durationOrParam.optional(),
    /** A CEL timestamp instead; followed when the order's facts change. */
    until: cel.optional(),
    onTimeout: stepId,
    next: stepId.optional(),
  })
  .refine((step) => (step.timeout === undefined) !== (step.until === undefined), 'timeout_or_until')
export type WaitForStep = z.infer<typeof schema>

function enter(ready: ReadyStep<WaitForStep>, scene: Scene): Outcome {
  const { step, lengths, expressions } = ready
  if (lengths.timeout !== undefined) return pause(step, scene.now + lengths.timeout)
  const until = evaluateInstant(expressions.until!, scene.facts())
  if (until.instant === null)
    return { go: 'end', code: 'until_failed', reason: 'until_failed', detail: until.detail }
  return until.instant <= scene.now ? timedOut(step) : pause(step, until.instant)
}

const pause = (step: WaitForStep, dueAt: number): Outcome => ({
  go: 'pause',
  code: 'waiting',
  dueAt,
  waitingFor: step.event,
})
const timedOut = (step: WaitForStep): Outcome => ({ go: 'on', code: 'timed_out', to: step.onTimeout })

/** Pauses until one of the events comes, or the time is over. */
export const waitFor: StepKind<WaitForStep> = {
  kind: 'waitFor',
  schema,
  exits: (step) => [
    { field: 'next', to: step.next ?? null, immediate: false },
    // A moment may already be past, so only a length of time breaks a circle.
    { field: 'onTimeout', to: step.onTimeout, immediate: step.timeout === undefined },
  ],
  expressions: (step) => [
    ...(step.when === undefined ? [] : [{ field: 'when', source: step.when, gives: 'bool' as const }]),
    ...(step.until === undefined
      ? []
      : [{ field: 'until', source: step.until, gives: 'timestamp' as const }]),
  ],
  lengths: (step) => (step.timeout === undefined ? [] : [{ field: 'timeout', text: step.timeout }]),
  enter,
  resume(ready, scene, event) {
    const { step, expressions, lengths } = ready
    if (event !== null && step.event.includes(event.type)) {
      if (expressions.when === undefined || holds(expressions.when, scene.facts()).value)
        return { go: 'on', code: 'came', detail: event.type }
    }
    if (lengths.timeout === undefined) return enter(ready, scene)
    if (scene.run.dueAt !== null && scene.now < scene.run.dueAt) return null
    return timedOut(step)
  },
}
