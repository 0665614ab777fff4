import type { Instant } from '../time.ts'
import type { Answer, Policy } from './answer.ts'
import type { GateInput } from './input.ts'
import { localDay, offsetSpan } from './local-time.ts'
import { takesSlot } from './policies/daily-cap.ts'
import { POLICIES } from './policies.ts'
import { nextInside } from './quiet-windows.ts'
import { MAX_REASONS, type ReasonCode, type Verdict } from './verdict.ts'

export type { GateInput } from './input.ts'
export type { Verdict } from './verdict.ts'

/**
 * How often the instant may be moved on. Due time, pause, review, account and a rolling cap each move it once and are then
 * behind it. A cap walks over all neighbouring full days in one move to a midnight, quiet hours then move it to that
 * day's opening and a send window into the window: three moves for every day that turns out to be full or, twice a
 * year, has its one opening swallowed by a clock change. 32 covers nine such days. A send window that lies wholly in
 * quiet hours would go on for ever: then the window is given up.
 */
export const MAX_MOVES = 32

const ALL: readonly Policy[] = Object.values(POLICIES)

/**
 * May this message leave at `input.now`? The answer is the earliest instant at which all policies agree, found by
 * moving on from objection to objection. Pure: the same input gives the same verdict for ever.
 * `policies` is for tests that take one away.
 */
export function gate(input: GateInput, policies: readonly Policy[] = ALL): Verdict {
  const verdict = settle(input, policies)
  if (verdict.kind !== 'drop' || input.windows.length === 0) return verdict
  // A send window is a wish about the moment: where it would cost the message, the message goes without it.
  const freely = settle({ ...input, windows: [] }, policies)
  if (freely.kind === 'drop' || isInside(input, freely)) return freely
  return { ...freely, reasons: ['window_skipped', ...freely.reasons] }
}

const isInside = (input: GateInput, verdict: Verdict) =>
  verdict.kind === 'send' && nextInside(input.windows, input, input.now) === input.now

function settle(input: GateInput, policies: readonly Policy[]): Verdict {
  const delays: ReasonCode[] = []
  let t = input.now
  for (let moves = 0; moves <= MAX_MOVES; moves++) {
    const exemptions: ReasonCode[] = []
    const objection = firstObjection(input, t, policies, exemptions)
    if (objection === null) return settled(input, t, delays, exemptions)
    if (objection.never !== null) return drop([...delays, ...refusals(input, t, policies)])
    t = objection.at
    if (objection.because !== null) note(delays, objection.because)
  }
  return drop([...delays, 'unsettled'])
}

/** Would every policy let the message out at `t`, as far as `input` knows? A window that `verdict` gave up has no say. */
export function permits(input: GateInput, t: Instant, verdict: Verdict): boolean {
  const rules = verdict.reasons.includes('window_skipped') ? { ...input, windows: [] } : input
  return firstObjection(rules, t, ALL, []) === null
}

function firstObjection(
  input: GateInput,
  t: Instant,
  policies: readonly Policy[],
  exemptions: ReasonCode[],
): Answer | null {
  for (const policy of policies) {
    const answer = policy(input, t)
    if (answer.never !== null || answer.at > t) return answer
    if (answer.because !== null) note(exemptions, answer.because)
  }
  return null
}

function settled(
  input: GateInput,
  t: Instant,
  delays: readonly ReasonCode[],
  exemptions: readonly ReasonCode[],
): Verdict {
  if (t > input.now) return { kind: 'hold', until: t, reasons: delays }
  if (!takesSlot(input)) return { kind: 'send', reasons: exemptions, capDay: null }
  const capDay = localDay(offsetSpan(input.timeZone, input.shopTimeZone, t), t)
  return { kind: 'send', reasons: exemptions, capDay }
}

/** All policies that refuse for ever at `t`: whoever asks why wants to know everything that stands in the way. */
function refusals(input: GateInput, t: Instant, policies: readonly Policy[]): ReasonCode[] {
  return policies.flatMap((policy) => policy(input, t).never ?? [])
}

function drop(reasons: readonly ReasonCode[]): Verdict {
  return { kind: 'drop', reasons: [...new Set(reasons)].slice(0, MAX_REASONS) }
}

function note(reasons: ReasonCode[], reason: ReasonCode): void {
  if (!reasons.includes(reason)) reasons.push(reason)
}
