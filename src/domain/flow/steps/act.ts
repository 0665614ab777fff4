import * as z from 'zod'
import { HOUR, type Millis } from '../../time.ts'
import { durationOrParam, stepId } from '../fields.ts'
import { COMMANDS } from '../words.ts'
import type { StepKind } from './step.ts'

const schema = z.strictObject({
  id: stepId,
  kind: z.literal('act'),
  command: z.enum(COMMANDS),
  expiresIn: durationOrParam.optional(),
  next: stepId.optional(),
})
export type ActStep = z.infer<typeof schema>

/** A shop that was away for longer has moved on by itself. */
const COMMAND_EXPIRY: Millis = HOUR

/** A signed command to the shop, such as cancelling an order or opening it again. */
export const act: StepKind<ActStep> = {
  kind: 'act',
  schema,
  exits: (step) => [{ field: 'next', to: step.next ?? null, immediate: true }],
  expressions: () => [],
  lengths: (step) => (step.expiresIn === undefined ? [] : [{ field: 'expiresIn', text: step.expiresIn }]),
  enter: ({ step, lengths }, { flow, run, now }) => ({
    go: 'on',
    code: 'planned',
    effects: [
      {
        kind: 'act',
        stepId: step.id,
        command: step.command,
        stopsWhenPaid: flow.stops.has('paid'),
        // An order that has run out is what is to be reopened.
        stopsWhenClosed: flow.stops.has('closed') && step.command !== 'reopen_order',
        expiresAt: now + (lengths.expiresIn ?? COMMAND_EXPIRY),
        dedupe: {
          origin: `flow:${flow.key}`,
          iteration: run.iteration,
          step: step.id,
          visit: (run.visits[step.id] ?? 0) + 1,
        },
      },
    ],
  }),
}
