import type { GateInput } from './input.ts'
import type { Verdict } from './verdict.ts'

export type { GateInput } from './input.ts'
export type { Verdict } from './verdict.ts'

/** May this message leave now? Pure; never throws for an input of the declared shape. */
export function gate(input: GateInput): Verdict {
  return { kind: 'hold', until: input.message.dueAt, reasons: ['not_due'] }
}
