import { type Answer, allow, never, type Policy, wait } from '../answer.ts'
import type { GateInput, GateMessage } from '../input.ts'
import { roadOf } from '../road.ts'

/** What the receiver switched off stays off, and a pause holds until it ends; essential messages pass both. */
export const preferencesKept: Policy = (input, t) => {
  if (roadOf(input.message.channel) === 'machine') return allow(t)
  const answer = chosen(input, t)
  const objects = answer.never !== null || answer.at > t
  return objects && input.message.purpose === 'essential' ? allow(t, 'essential') : answer
}

function chosen(input: GateInput, t: number): Answer {
  const { off, pausedUntil } = input.preferences
  for (const entry of off) if (covers(entry, input.message)) return never('turned_off')
  return pausedUntil !== null && pausedUntil > t ? wait(pausedUntil, 'pref_paused') : allow(t)
}

/** Does a word of the receiver's choices switch this message off? */
export function covers(
  entry: string,
  { channel, purpose, category }: Pick<GateMessage, 'channel' | 'purpose' | 'category'>,
): boolean {
  if (entry === 'everything' || entry === channel || entry === purpose || entry === category) return true
  if (!entry.startsWith(`${channel}:`)) return false
  const what = entry.slice(channel.length + 1)
  return what === purpose || what === category
}
