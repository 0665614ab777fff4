import type { FieldProblem } from '../errors.ts'
import { LADDER_WAITS } from '../healing/clocks.ts'
import { DAY, MINUTE, type Millis, SECOND } from '../time.ts'
import { compileWithProblems } from './compile.ts'
import { misspeltEvents } from './event-names.ts'
import { paramOf } from './fields.ts'
import { type Flow, flowSchema } from './flow.ts'
import { graphProblems } from './graph.ts'
import { HOLDOUT, nudgesBuyer } from './holdout.ts'
import { LASTS, NEWS } from './news.ts'
import { currencyProblems } from './param-currencies.ts'
import type { Language, RawProblem } from './problems.ts'
import type { Validated } from './run.ts'
import { problemText, readShape, type SchemaProblem } from './schema-problems.ts'
import { type Step, stepKind } from './steps/registry.ts'

/**
 * A flow, or everything that is wrong with it at once: first its shape; when that is right, its ids, ways,
 * expressions and rules. `problem` is a sentence in `language`.
 */
export function validateFlow(input: unknown, language: Language = 'en'): Validated<Flow> {
  const checked = checkFlow(input, language)
  if (checked.ok) return checked
  return { ok: false, problems: checked.problems.map((problem) => inWords(problem, language)) }
}

/** The same with the problems' paths as lists, for callers that know where in a text a path is. */
export function checkFlow(
  input: unknown,
  language: Language,
):
  | { readonly ok: true; readonly value: Flow }
  | { readonly ok: false; readonly problems: readonly SchemaProblem[] } {
  const shape = readShape(flowSchema, input, language)
  if ('problems' in shape) return { ok: false, problems: shape.problems }
  const flow = shape.value
  const { problems: faults, compiled } = compileWithProblems(flow)
  const steps = flow.steps.map((step) => ({
    step,
    kind: stepKind(step.kind),
    lengths: compiled.steps.get(step.id)?.lengths ?? {},
  }))
  const problems = [
    ...faults,
    ...currencyProblems(flow.params),
    ...graphProblems(steps),
    ...ruleProblems(flow, compiled.steps),
  ]
  return problems.length === 0 ? { ok: true, value: flow } : { ok: false, problems }
}

function inWords(problem: SchemaProblem, language: Language): FieldProblem {
  return { path: pathText(problem.path), problem: problemText(problem, language) }
}

/** `steps[2].until`; the whole thing is `whole`. */
export function pathText(path: readonly (string | number)[], whole = 'flow'): string {
  let text = ''
  for (const part of path) text += typeof part === 'number' ? `[${part}]` : text === '' ? part : `.${part}`
  return text === '' ? whole : text
}

/** No unpaid order waits longer for its buyer: a reminder behind a longer wait would never be sent, and nobody would notice. */
const LONGEST_LIFE: Millis = 90 * DAY

/** Rules that need the whole flow. */
function ruleProblems(
  flow: Flow,
  ready: ReadonlyMap<string, { readonly lengths: Readonly<Record<string, number>> }>,
): RawProblem[] {
  const problems: RawProblem[] = []
  const add = (path: RawProblem['path'], code: RawProblem['code']) =>
    problems.push({ path, code, params: {} })
  const nudges = nudgesBuyer(flow)
  if (flow.holdout > 0 && !nudges) add(['holdout'], 'holdout_needs_reminder')
  if (flow.once.rest !== undefined && flow.once.per !== 'burst') add(['once', 'rest'], 'rest_needs_burst')
  if (flow.subject === 'order') {
    // No reminder leaves after the payment is known.
    if (nudges && !flow.stopWhen.includes('paid')) add(['stopWhen'], 'reminder_needs_paid')
  } else {
    if (flow.stopWhen.length > 0) add(['stopWhen'], 'event_subject_stop')
    if (flow.once.per !== 'event' && flow.once.per !== 'burst') add(['once', 'per'], 'event_subject_once')
  }
  problems.push(...misspeltEvents(['trigger', 'on'], flow.trigger.on))
  for (const [at, step] of flow.steps.entries()) {
    if (step.kind === 'waitFor') problems.push(...misspeltEvents(['steps', at, 'event'], step.event))
    for (const [field, length] of Object.entries(ready.get(step.id)?.lengths ?? {}))
      if (flow.subject === 'order' && nudges && length > LONGEST_LIFE)
        problems.push({
          path: lengthPath(step, at, field),
          code: 'outlives_orders',
          params: { known: '90d' },
        })
    if (step.kind === 'act' && flow.subject === 'event') add(['steps', at], 'event_subject_act')
    if (step.kind === 'cascade' && flow.subject === 'event') add(['steps', at], 'event_subject_cascade')
    if (step.kind === 'waitFor') {
      const { timeout, atLeast } = ready.get(step.id)?.lengths ?? {}
      problems.push(...timeoutProblems(step, at, timeout), ...newsProblems(step, at, atLeast))
    }
  }
  problems.push(...splitProblems(flow))
  return problems
}

/** Arms that could not be told apart, or not be drawn as written. */
function splitProblems({ steps }: Flow): RawProblem[] {
  const problems: RawProblem[] = []
  const experiments = new Set<string>()
  for (const [at, step] of steps.entries()) {
    if (step.kind !== 'split') continue
    const { experiment, arms } = step
    const add = (path: RawProblem['path'], code: RawProblem['code'], params: RawProblem['params']) =>
      problems.push({ path: ['steps', at, ...path], code, params })
    if (experiment === HOLDOUT) add(['experiment'], 'holdout_is_taken', {})
    if (experiments.has(experiment)) add(['experiment'], 'experiment_twice', { name: experiment })
    experiments.add(experiment)
    const sum = arms.reduce((total, { share }) => total + share, 0)
    if (sum !== 100) add(['arms'], 'shares_sum', { came: sum })
    for (const [nr, { name }] of arms.entries()) {
      if (name === HOLDOUT) add(['arms', nr, 'name'], 'holdout_is_taken', {})
      if (arms.findIndex((arm) => arm.name === name) < nr) add(['arms', nr, 'name'], 'arm_twice', { name })
    }
  }
  return problems
}

function timeoutProblems(
  step: Extract<Step, { readonly kind: 'waitFor' }>,
  at: number,
  timeout: Millis | undefined,
): RawProblem[] {
  if (timeout === undefined) return []
  const path = lengthPath(step, at, 'timeout')
  if (timeout === 0) return [{ path, code: 'timeout_zero', params: {} }]
  if (!step.event.includes('payment.heal_failed') || timeout >= LADDER_WAITS) return []
  const params = { known: shortText(LADDER_WAITS), came: shortText(timeout) }
  return [{ path, code: 'healing_short', params }]
}

function newsProblems(
  step: Extract<Step, { readonly kind: 'waitFor' }>,
  at: number,
  atLeast: Millis = 0,
): RawProblem[] {
  if (atLeast <= LASTS || !step.event.some((type) => NEWS.has(type))) return []
  const params = { known: shortText(LASTS), came: shortText(atLeast) }
  return [{ path: lengthPath(step, at, 'atLeast'), code: 'news_lapses', params }]
}

const shortText = (length: Millis) => (length % MINUTE === 0 ? `${length / MINUTE}m` : `${length / SECOND}s`)

/** Where a length of time is set: the parameter that a step takes it from, else the step itself. */
function lengthPath(step: Step, at: number, field: string): RawProblem['path'] {
  const text = (step as Readonly<Record<string, unknown>>)[field]
  const name = typeof text === 'string' ? paramOf(text) : null
  return name === null ? ['steps', at, field] : ['params', name]
}
