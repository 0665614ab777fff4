import type { Millis } from '../time.ts'
import { type RawProblem, unknownName } from './problems.ts'
import type { AnyStep, Exit, StepKind } from './steps/step.ts'

/** A step with what the graph needs of it. */
export interface GraphStep {
  readonly step: AnyStep
  readonly kind: StepKind<AnyStep>
  readonly lengths: Readonly<Record<string, Millis>>
}

/** Problems of ids and ways: ids used twice, ways to nowhere, steps never reached, circles without a pause. */
export function graphProblems(steps: readonly GraphStep[]): RawProblem[] {
  const problems: RawProblem[] = []
  const ids = steps.map(({ step }) => step.id)
  for (const [at, id] of ids.entries())
    if (ids.indexOf(id) !== at)
      problems.push({ path: ['steps', at, 'id'], code: 'twice', params: { name: id } })
  const exits = steps.map(({ step, kind, lengths }) => kind.exits(step, lengths))
  for (const [at, ways] of exits.entries())
    for (const { field, to } of ways)
      if (to !== null && !ids.includes(to))
        problems.push(unknownName(['steps', at, ...[field].flat()], 'no_step', to, ids))
  if (problems.length > 0) return problems
  const ways = exits.map((list, at) => list.map((exit) => ({ ...exit, at: target(exit, at, ids) })))
  return [...unreachable(ways), ...circles(ways, ids)]
}

interface Way extends Exit {
  /** Index of the step it leads to; past the last is the end. */
  readonly at: number
}

const target = (exit: Exit, at: number, ids: readonly string[]) =>
  exit.to === null ? at + 1 : ids.indexOf(exit.to)

function unreachable(ways: readonly (readonly Way[])[]): RawProblem[] {
  const seen = new Set([0])
  for (const at of seen) for (const way of ways[at] ?? []) if (way.at < ways.length) seen.add(way.at)
  const [first, ...others] = [...ways.keys()].filter((at) => !seen.has(at))
  if (first === undefined) return []
  // One `stop` too early cuts off all that follow: one line says it.
  const path = ['steps', first]
  return others.length === 0
    ? [{ path, code: 'unreachable', params: {} }]
    : [{ path, code: 'unreachable_more', params: { known: others.length } }]
}

/** Circles of ways that can all be taken at once: each would run until the step limit. */
function circles(ways: readonly (readonly Way[])[], ids: readonly string[]): RawProblem[] {
  const problems: RawProblem[] = []
  const done = new Set<number>()
  const visit = (at: number, trail: readonly number[]): void => {
    if (trail.includes(at)) {
      const name = [...trail.slice(trail.indexOf(at)), at].map((index) => ids[index]).join(' → ')
      // Two ways of a step may lead to the same one: that is one circle.
      if (problems.some(({ params }) => params.name === name)) return
      problems.push({ path: ['steps', at], code: 'circle', params: { name } })
      return
    }
    if (done.has(at)) return
    for (const way of ways[at] ?? []) if (way.immediate) visit(way.at, [...trail, at])
    done.add(at)
  }
  for (const at of ways.keys()) visit(at, [])
  return problems
}
