import * as z from 'zod'
import type { Instant } from '../../time.ts'
import { evaluateInstant, holds } from '../condition.ts'
import { cel, durationOrParam, eventType, stepId } from '../fields.ts'
import { lifeEnds } from '../life.ts'
import { NEWS } from '../news.ts'
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
    /** News of goods that comes sooner than this after the run got here is kept until then. */
    atLeast: durationOrParam.optional(),
    /** Where to go at once when the wait would end after the order's life. */
    ifTooLate: stepId.optional(),
    next: stepId.optional(),
  })
  .refine((step) => (step.timeout === undefined) !== (step.until === undefined), 'timeout_or_until')
export type WaitForStep = z.infer<typeof schema>

/** Waits on from `since`; `early`: news has come that may not be told yet. */
function stay(ready: ReadyStep<WaitForStep>, scene: Scene, since: Instant, early = false): Outcome {
  const { step, lengths, expressions } = ready
  const { now, run } = scene
  const until =
    lengths.timeout === undefined
      ? evaluateInstant(expressions.until!, scene.facts())
      : { instant: since + lengths.timeout }
  if (until.instant === null)
    return { go: 'end', code: 'until_failed', reason: 'until_failed', detail: until.detail }
  const over = until.instant
  if (over <= now) return timedOut(step)
  const end = step.ifTooLate === undefined ? null : lifeEnds(scene.context.order, scene.flow.afterExpiry)
  if (end !== null && over >= end) return { go: 'on', code: 'too_late', to: step.ifTooLate }
  const news = early || (run.heard !== undefined && step.event.includes(run.heard.type))
  const dueAt = news ? Math.min(over, Math.max(now, earliest(ready, since))) : over
  return { go: 'pause', code: 'waiting', dueAt, waitingFor: step.event, ...(early ? { keeps: true } : {}) }
}

const earliest = ({ lengths }: ReadyStep<WaitForStep>, since: Instant) => since + (lengths.atLeast ?? 0)

const timedOut = (step: WaitForStep): Outcome => ({ go: 'on', code: 'timed_out', to: step.onTimeout })

/** Pauses until one of the events comes, or the time is over. */
export const waitFor: StepKind<WaitForStep> = {
  kind: 'waitFor',
  schema,
  exits: (step) => [
    { field: 'next', to: step.next ?? null, immediate: false },
    // A moment may already be past, so only a length of time breaks a circle.
    { field: 'onTimeout', to: step.onTimeout, immediate: step.timeout === undefined },
    ...(step.ifTooLate === undefined ? [] : [{ field: 'ifTooLate', to: step.ifTooLate, immediate: true }]),
  ],
  expressions: (step) => [
    ...(step.when === undefined ? [] : [{ field: 'when', source: step.when, gives: 'bool' as const }]),
    ...(step.until === undefined
      ? []
      : [{ field: 'until', source: step.until, gives: 'timestamp' as const }]),
  ],
  lengths: (step) =>
    (['timeout', 'atLeast'] as const).flatMap((field) =>
      step[field] === undefined ? [] : [{ field, text: step[field] }],
    ),
  enter: (ready, scene) => stay(ready, scene, scene.now),
  resume(ready, scene, event) {
    const { step, expressions } = ready
    const since = scene.run.since ?? scene.now
    if (event === null || !step.event.includes(event.type)) return stay(ready, scene, since)
    if (expressions.when !== undefined && !holds(expressions.when, scene.facts()).value)
      return stay(ready, scene, since)
    const early = NEWS.has(event.type) && scene.now < earliest(ready, since)
    return early ? stay(ready, scene, since, true) : { go: 'on', code: 'came', detail: event.type }
  },
}
