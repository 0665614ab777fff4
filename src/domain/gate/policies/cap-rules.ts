import { DAY, type Instant } from '../../time.ts'
import { allow, type Policy, wait } from '../answer.ts'
import type { GateCapRule, GateInput } from '../input.ts'
import { localDay, offsetSpan, wallClock } from '../local-time.ts'

/** The shop's own caps. Each counter names the first instant at which it has room; the latest of them holds. */
export const capRules: Policy = (input, t) => {
  let at = t
  let because: GateCapRule['because'] | null = null
  for (let settled = false; !settled; ) {
    settled = true
    for (const rule of input.caps.rules) {
      const next = rule.within === null ? nextDay(rule, input, at) : nextRoom(rule, rule.within, at)
      if (next <= at) continue
      at = next
      because = rule.because
      settled = false
    }
    // Past the expiry nothing matters any more, which also bounds the walk.
    if (at >= input.message.expiresAt) break
  }
  return because === null ? allow(t) : wait(at, because)
}

/**
 * Any stretch `[s, s + within)` holds at most `max`: the window has room again as soon as the last `max` slots before
 * `at` no longer all lie within it. Slots of a clock that runs ahead count as well.
 */
function nextRoom({ max, taken }: GateCapRule, within: number, at: Instant): Instant {
  if (taken.length < max) return at
  const nth = taken.toSorted((a, b) => b - a)[max - 1]!
  return Math.max(at, nth + within)
}

function nextDay({ max, usedByDay }: GateCapRule, input: GateInput, from: Instant): Instant {
  let at = from
  while (at < input.message.expiresAt) {
    const span = offsetSpan(input.timeZone, input.shopTimeZone, at)
    if ((usedByDay[localDay(span, at)] ?? 0) < max) break
    at = Math.min(at + DAY - wallClock(span, at), span.to)
  }
  return at
}
