import { DAY } from '../../time.ts'
import { allow, never, type Policy, wait } from '../answer.ts'
import type { GateInput } from '../input.ts'
import { localDay, offsetSpan, wallClock } from '../local-time.ts'
import { roadOf } from '../road.ts'

/** True when this message takes one of the receiver's daily slots. */
export function takesSlot({ message }: GateInput): boolean {
  return (
    message.purpose !== 'essential' && message.audience === 'buyer' && roadOf(message.channel) !== 'machine'
  )
}

/** So many messages a person and local day, over all channels; a full day passes the message on to the next one. */
export const dailyCap: Policy = (input, t) => {
  const { perDay, usedByDay } = input.caps
  if (!takesSlot(input)) {
    const exempted = input.message.purpose === 'essential' && isFull(input, t)
    return allow(t, exempted ? 'essential' : null)
  }
  if (perDay <= 0) return never('cap_zero')
  let at = t
  // Past the expiry nothing matters any more, which also bounds the walk.
  while (at < input.message.expiresAt) {
    const span = offsetSpan(input.timeZone, input.shopTimeZone, at)
    if ((usedByDay[localDay(span, at)] ?? 0) < perDay) break
    at = Math.min(at + DAY - wallClock(span, at), span.to)
  }
  return at > t ? wait(at, 'cap_reached') : allow(t)
}

function isFull(input: GateInput, t: number): boolean {
  const span = offsetSpan(input.timeZone, input.shopTimeZone, t)
  return (input.caps.usedByDay[localDay(span, t)] ?? 0) >= input.caps.perDay
}
