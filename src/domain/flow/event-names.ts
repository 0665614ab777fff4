import { EVENT_TYPES } from '../event.ts'
import { misspelt } from '../template/nearest.ts'
import type { RawProblem } from './problems.ts'

/** Event types that are nearly one we know: what waits for such a type waits for ever. Any other may be the shop's own. */
export function misspeltEvents(path: RawProblem['path'], types: readonly string[]): RawProblem[] {
  return types.flatMap((name, at) => {
    const near = misspelt(name, EVENT_TYPES)
    return near === null
      ? []
      : [{ path: [...path, at], code: 'event_misspelt' as const, params: { name, near } }]
  })
}
