import type * as z from 'zod'
import type { Purpose } from '../../message.ts'
import type { Instant, Millis } from '../../time.ts'
import type { Expression, Facts, Gives } from '../condition.ts'
import type { LeftOut } from '../left-out.ts'
import type { Effect, FlowContext, FlowEvent, RunState, StopReason } from '../run.ts'
import type { StepCost } from '../step-cost.ts'
import type { AfterExpiry, StopFact } from '../words.ts'

/** What every step shares. */
export interface AnyStep {
  readonly id: string
  readonly kind: string
}

/** A step made ready: its expressions parsed and its lengths of time in ms, by field name. */
export interface ReadyStep<S extends AnyStep = AnyStep> {
  readonly step: S
  readonly kind: StepKind<S>
  readonly expressions: Readonly<Record<string, Expression>>
  readonly lengths: Readonly<Record<string, Millis>>
  /** Where it goes on when it names no step; `null` is the end of the flow. */
  readonly next: string | null
}

/** What a step may look at while it runs. */
export interface Scene {
  readonly flow: {
    readonly key: string
    readonly category: string
    readonly purpose: Purpose
    readonly afterExpiry: AfterExpiry
    readonly stops: ReadonlySet<StopFact>
  }
  readonly run: RunState
  readonly context: FlowContext
  readonly now: Instant
  /** What expressions read; built once per advance, when first asked for. */
  readonly facts: () => Facts
}

export type Outcome =
  /** Go on to `to`, or to the step's `next` when it is left out. */
  | {
      readonly go: 'on'
      readonly code: string
      readonly detail?: string
      readonly effects?: readonly Effect[]
      readonly to?: string | undefined
      /** Kept with the run: the arm drawn, by experiment. */
      readonly arms?: RunState['arms']
      readonly leftOut?: readonly LeftOut[]
    }
  | {
      readonly go: 'pause'
      readonly code: string
      readonly dueAt: Instant
      readonly waitingFor: readonly string[] | null
      /** The event is right, but comes too soon: it is to come again when the pause is over. */
      readonly keeps?: true
      readonly effects?: readonly Effect[]
      /** Kept with the run, so that what is decided once stays so and can be told. */
      readonly costs?: readonly StepCost[]
      readonly leftOut?: readonly LeftOut[]
    }
  | { readonly go: 'end'; readonly code: string; readonly reason: StopReason; readonly detail?: string }

/** A way out of a step. `immediate` is false when time must pass or an event must come before it is taken. */
export interface Exit {
  /** A field of the step, or where in the step it is. */
  readonly field: string | readonly (string | number)[]
  /** `null`: the next step of the list. */
  readonly to: string | null
  readonly immediate: boolean
}

/** Contract of a step kind: one file each, one line in registry.ts. */
export interface StepKind<S extends AnyStep> {
  readonly kind: S['kind']
  readonly schema: z.ZodType<S>
  /** All ways out, for the checks of circles and unreachable steps. */
  exits(step: S, lengths: Readonly<Record<string, Millis>>): readonly Exit[]
  /** CEL sources by field, with the type each must give. */
  expressions(step: S): readonly { readonly field: string; readonly source: string; readonly gives: Gives }[]
  /** Lengths of time by field, as written (`1h` or `params.after`). */
  lengths(step: S): readonly { readonly field: string; readonly text: string }[]
  /** The run arrives at the step. */
  enter(ready: ReadyStep<S>, scene: Scene): Outcome
  /**
   * The run waits in the step and something happened: `event` is the event that came, `null` for the timer
   * or a change of the order. `null` keeps the run as it is. Left out by steps that never pause.
   */
  resume?(ready: ReadyStep<S>, scene: Scene, event: FlowEvent | null): Outcome | null
}
