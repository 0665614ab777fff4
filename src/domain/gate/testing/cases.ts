import { describe, expect, test } from 'vitest'
import { gate } from '../gate.ts'
import type { ReasonCode, Verdict } from '../verdict.ts'
import { type Changes, gateInput } from './inputs.ts'

/** The local day of `gateInput()`. */
export const TODAY = '2026-11-22'

export const send = (capDay: string | null = TODAY, ...reasons: ReasonCode[]): Verdict => ({
  kind: 'send',
  capDay,
  reasons,
})
export const hold = (until: number, ...reasons: ReasonCode[]): Verdict => ({ kind: 'hold', until, reasons })
export const drop = (...reasons: ReasonCode[]): Verdict => ({ kind: 'drop', reasons })

type Case = readonly [title: string, changes: Changes, verdict: Verdict]

/** A table of worked cases: what is changed on `gateInput()` and the whole verdict that must follow. */
export function cases(title: string, table: readonly Case[]): void {
  describe(title, () => {
    test.each(table)('%s', (_title, changes, verdict) => {
      expect(gate(gateInput(changes))).toEqual(verdict)
    })
  })
}
