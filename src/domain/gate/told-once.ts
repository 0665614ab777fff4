import * as z from 'zod'
import { parseDuration } from '../flow/duration.ts'
import type { OrderId } from '../ids.ts'
import type { Channel, Purpose } from '../message.ts'
import { DAY, type Instant, MINUTE, type Millis } from '../time.ts'
import type { GateTold } from './input.ts'
import { roadOf } from './road.ts'

const inBounds = (length: Millis | null) => length !== null && length >= MINUTE && length <= DAY

/** How long after a reminder or promotion about one order nothing of its category goes to the same buyer about others. */
export const tellOnceWithin = z
  .string()
  .refine(
    (text) => text === 'never' || inBounds(parseDuration(text)),
    'expected a length of time from 1m to 1d, such as 10m, or never, which lets each order speak for itself',
  )
  .default('10m')

/** `null`: each order speaks for itself. */
export const tellOnceLength = (setting: string): Millis | null =>
  setting === 'never' ? null : parseDuration(setting)

/** What is planned so shortly after another message has left came of the same moment: a worker was only quicker. */
const AT_ONCE: Millis = MINUTE

/** Another order's message, as its counter knows it. */
export interface LastTold {
  readonly order: OrderId
  readonly at: Instant
}

interface About {
  readonly purpose: Purpose
  readonly channel: Channel
  readonly audience: 'buyer' | 'member'
}

/** What asks something of the buyer. What tells them of an order what they cannot know is told for each. */
export const isToldOnce = ({ purpose, channel, audience }: About): boolean =>
  (purpose === 'reminder' || purpose === 'promotion') && audience === 'buyer' && roadOf(channel) !== 'machine'

interface Meanwhile {
  readonly within: Millis | null
  readonly now: Instant
  readonly createdAt: Instant
}

/** What that means for a message of another order; `null`: nothing. */
export function toldBefore(told: LastTold | null, { within, now, createdAt }: Meanwhile): GateTold | null {
  if (told === null || within === null || told.at + within <= now) return null
  return { ...told, until: told.at + within, together: createdAt <= told.at + AT_ONCE }
}
