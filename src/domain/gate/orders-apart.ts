import * as z from 'zod'
import { parseDuration } from '../flow/duration.ts'
import type { OrderId } from '../ids.ts'
import type { Channel, Purpose } from '../message.ts'
import { DAY, type Instant, MINUTE, type Millis } from '../time.ts'
import type { GateTold } from './input.ts'
import { roadOf } from './road.ts'

const inBounds = (length: Millis | null) => length !== null && length >= MINUTE && length <= DAY

const LENGTH =
  'expected a length of time from 1m to 1d, such as 10m, or never, which lets none wait for another'

/** How long after a reminder or promotion about one order those of its category about the same buyer's others wait. */
export const ordersApart = z
  .string(LENGTH)
  .refine((text) => text === 'never' || inBounds(parseDuration(text)), LENGTH)
  .default('10m')

/** `null`: none waits for another. */
export const apartLength = (setting: string): Millis | null =>
  setting === 'never' ? null : parseDuration(setting)

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

/** What asks something of the buyer. What tells them of an order what they cannot know waits for nothing. */
export const isKeptApart = ({ purpose, channel, audience }: About): boolean =>
  (purpose === 'reminder' || purpose === 'promotion') && audience === 'buyer' && roadOf(channel) !== 'machine'

/** What that means at `now` for a message of another order; `null`: nothing. */
export function toldBefore(told: LastTold | null, within: Millis | null, now: Instant): GateTold | null {
  if (told === null || within === null || told.at + within <= now) return null
  return { ...told, until: told.at + within }
}
