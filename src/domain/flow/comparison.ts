import type { Channel } from '../message.ts'
import { type Estimate, newcombe, type Share, wilson } from './interval.ts'

/**
 * What is known of one arm. A person counts once, in the arm of their first run, whatever arms later runs had: that is
 * what was drawn at random. `counted` are those whose outcome is known (see `comparison`), `paid` those of them who
 * paid the order of that first run after it began and did not get all of it back.
 */
export interface ArmCounts {
  readonly arm: string
  readonly persons: number
  /** Persons of whom a later run had another arm. */
  readonly moved: number
  readonly counted: number
  readonly paid: number
  readonly runs: number
  readonly running: number
  readonly orders: number
  /** After a run about them had begun. */
  readonly ordersPaid: number
  /** Persons of whom an address was unsubscribed after their first run had begun, and still is. */
  readonly unsubscribed: number
  readonly messages: Readonly<Partial<Record<Channel, number>>>
}

/** `first`: what the others are compared with. `unknown`: too few. `open`: the interval holds 0, either may be better. */
export const VERDICTS = ['first', 'unknown', 'open', 'higher', 'lower'] as const
export type ArmVerdict = (typeof VERDICTS)[number]

export interface ComparedArm extends ArmCounts {
  /** Share of `counted` that paid; `null`: not yet known. */
  readonly share: Estimate | null
  /** How much larger that share is than the first arm's; `null`: not yet known, or the first arm itself. */
  readonly difference: Estimate | null
  readonly verdict: ArmVerdict
}

/**
 * Persons whose outcome is known that an arm needs before a share is told of it. At 100 against 100 and a half that
 * pay, the difference is known to ±14 points: with fewer, a number would only tempt.
 */
export const LEAST_COUNTED = 100

/** The arms named first in their order, then whatever else was drawn, all against the first. */
export function compareArms(names: readonly string[], counts: readonly ArmCounts[]): readonly ComparedArm[] {
  const others = counts.map(({ arm }) => arm).filter((arm) => !names.includes(arm))
  const all = [...names, ...others.sort()].map(
    (arm) => counts.find((each) => each.arm === arm) ?? nobody(arm),
  )
  return all.map((arm, at) => {
    const share = isKnown(arm) ? wilson(shareOf(arm)) : null
    if (at === 0) return { ...arm, share, difference: null, verdict: 'first' }
    const first = all[0]!
    if (share === null || !isKnown(first)) return { ...arm, share, difference: null, verdict: 'unknown' }
    const difference = newcombe(shareOf(arm), shareOf(first))
    return { ...arm, share, difference, verdict: verdictOf(difference) }
  })
}

const isKnown = ({ counted }: ArmCounts) => counted >= LEAST_COUNTED
const shareOf = ({ paid, counted }: ArmCounts): Share => ({ with: paid, of: counted })

function verdictOf({ low, high }: Estimate): ArmVerdict {
  if (low > 0) return 'higher'
  return high < 0 ? 'lower' : 'open'
}

const nobody = (arm: string): ArmCounts => ({
  arm,
  persons: 0,
  moved: 0,
  counted: 0,
  paid: 0,
  runs: 0,
  running: 0,
  orders: 0,
  ordersPaid: 0,
  unsubscribed: 0,
  messages: {},
})
