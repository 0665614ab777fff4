import { type Instant, MINUTE } from '../../time.ts'
import { allow, never, type Policy, wait } from '../answer.ts'
import type { GateInput } from '../input.ts'
import { nextOpening } from '../quiet-windows.ts'
import { roadOf } from '../road.ts'
import type { ReasonCode } from '../verdict.ts'

/** How long after the buyer's own act an answer still counts as part of the conversation. */
const SESSION = 10 * MINUTE

/**
 * Nobody is woken. Email and inbox carry essential and service messages at any hour, and any answer to the
 * buyer's own act of the last ten minutes that is not promotion. SMS and push are quiet at night even then,
 * except for essential security codes and keys.
 */
export const quietHours: Policy = (input, t) => {
  const { purpose, channel } = input.message
  const road = roadOf(channel)
  if (input.quiet.length === 0 || road === 'machine') return allow(t)
  if (road === 'silent' && (purpose === 'essential' || purpose === 'service')) return allow(t)
  const opening = nextOpening(input, t)
  if (opening === t) return allow(t)
  const pass = exemption(input, t)
  if (pass !== null) return allow(t, pass)
  if (opening === 'never') return never('quiet_all_day')
  if (opening === 'unreadable') return never('quiet_unreadable')
  return wait(opening, 'quiet_hours')
}

function exemption({ message, now }: GateInput, t: Instant): ReasonCode | null {
  if (roadOf(message.channel) === 'loud') {
    return message.purpose === 'essential' && message.anyHour ? 'essential' : null
  }
  if (message.purpose === 'promotion' || message.inSessionUntil === null) return null
  // A session that ends later than ten minutes from now would stem from an act in the future.
  return t < Math.min(message.inSessionUntil, now + SESSION) ? 'in_session' : null
}
