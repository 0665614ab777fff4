import { KNOWN_TYPES } from '../event.ts'
import type { Flow } from './flow.ts'

interface Listening {
  readonly trigger: { readonly on: readonly string[] }
}

/** The event types that something is done about: ours, and those that a shop's flows and rules name, switched on or not. */
export function heardTypes(
  flows: readonly (Listening & Pick<Flow, 'steps'>)[],
  rules: readonly Listening[],
): ReadonlySet<string> {
  const waited = flows.flatMap(({ steps }) =>
    steps.flatMap((step) => (step.kind === 'waitFor' ? step.event : [])),
  )
  return new Set([...KNOWN_TYPES, ...[...flows, ...rules].flatMap(({ trigger }) => trigger.on), ...waited])
}
