import { isTrueOf } from '../flow/life.ts'
import type { FlowOrder } from '../flow/run.ts'
import { isPaidInFull } from '../order/received.ts'
import { DAY, type Instant, type Millis } from '../time.ts'
import type { End } from './rule.ts'

/** A flag that nobody has looked at is put away after this; it holds nothing up. */
export const FLAG_LIFE: Millis = 7 * DAY
/** A decision can be taken back so long. */
export const UNDO: Millis = DAY
/** Put to everybody there is, it is told again at most once a day, and never let go. */
const TOLD_AGAIN: Millis = DAY

/** Whether the order is so by now that a review which ends with `fact` has nothing to decide. */
export function leavesNothing(fact: End, order: FlowOrder): boolean {
  return fact === 'paid_in_full' ? isPaidInFull(order) : isTrueOf(fact, order)
}

/** The first role from `from` on that somebody has; where nobody has any, the first of all. */
export function roleFrom(roles: readonly string[], from: number, staffed: ReadonlySet<string>): number {
  const found = roles.findIndex((role, at) => at >= from && staffed.has(role))
  return found >= 0 ? found : Math.min(from, roles.length - 1)
}

export interface Waiting {
  readonly roles: readonly string[]
  readonly level: number
  readonly answer_within: Millis
}

/**
 * Roles of people who have not been asked yet: somebody who has two of the roles is not somebody else. `people`: the
 * roles of each.
 */
export function rolesOfOthers(
  { roles, level }: Pick<Waiting, 'roles' | 'level'>,
  people: readonly (readonly string[])[],
): ReadonlySet<string> {
  const asked = new Set(roles.slice(0, level + 1))
  return new Set(people.filter((each) => !each.some((role) => asked.has(role))).flat())
}

/** Whom a review goes to next, and until when they have. The last role is told again. */
export function nextLevel(
  { roles, level, answer_within }: Waiting,
  staffed: ReadonlySet<string>,
  now: Instant,
): { readonly level: number; readonly dueAt: Instant } {
  const further = roles.findIndex((role, at) => at > level && staffed.has(role))
  if (further >= 0) return { level: further, dueAt: now + answer_within }
  return { level, dueAt: now + Math.max(TOLD_AGAIN, answer_within) }
}
