import type * as z from 'zod'
import { act } from './act.ts'
import { branch } from './branch.ts'
import { cascade } from './cascade.ts'
import { send } from './send.ts'
import { split } from './split.ts'
import type { AnyStep, StepKind } from './step.ts'
import { stop } from './stop.ts'
import { wait } from './wait.ts'
import { waitFor } from './wait-for.ts'

/** Every step kind: one line each. */
export const STEP_KINDS = [send, cascade, wait, waitFor, branch, split, stop, act] as const

export type Step = z.infer<(typeof STEP_KINDS)[number]['schema']>

/** The kind called `name`. Its functions take the steps its own schema accepted. */
export function stepKind(name: string): StepKind<AnyStep> {
  const kind = STEP_KINDS.find((each) => each.kind === name)
  if (kind === undefined) throw new Error(`no step kind "${name}"`)
  return kind as unknown as StepKind<AnyStep>
}
