import * as z from 'zod'
import type { Channel, Purpose } from '../message.ts'
import { type ShopSettings, shopSettings } from '../shop.ts'
import type { Instant } from '../time.ts'
import { type CapRule, isCounted, reasonOf, windowOf } from './cap-rules.ts'
import type { GateCapRule, GateInput } from './input.ts'
import { levelOf } from './level.ts'
import { apartLength, type LastTold, toldBefore } from './orders-apart.ts'

/** What a shop has set that a verdict depends on, as it stood when the verdict was given: kept by content. */
export const gatePolicy = shopSettings
  .pick({
    capPerDay: true,
    caps: true,
    ordersApart: true,
    windows: true,
    levels: true,
    dropBelow: true,
    quiet: true,
  })
  .extend({ timeZone: z.string() })
export type GatePolicy = Readonly<z.infer<typeof gatePolicy>>

/** The part of a shop's settings that the gate heeds. */
export function policyOf(settings: ShopSettings, timeZone: string): GatePolicy {
  const { capPerDay, caps, ordersApart, windows, levels, dropBelow, quiet } = settings
  return {
    timeZone,
    capPerDay,
    caps,
    ordersApart,
    windows,
    levels,
    quiet,
    ...(dropBelow ? { dropBelow } : {}),
  }
}

/** What is known of a message from the day it was planned, and never changes. */
export interface MessageFacts {
  readonly purpose: Purpose
  readonly channel: Channel
  readonly category: string
  readonly template: string
  readonly audience: 'buyer' | 'member'
  /** `paid`, `closed`, `any_hour`. */
  readonly stops: readonly string[]
  readonly inSessionUntil: Instant | null
  readonly expiresAt: Instant
}

/** What one counter said, by the name of its rule. */
export type CounterState = Pick<GateCapRule, 'taken' | 'usedByDay'>

/** What was so at the moment of a verdict, beyond the policy and the message. */
export interface Moment
  extends Pick<
    GateInput,
    'now' | 'killed' | 'order' | 'contact' | 'preferences' | 'consent' | 'account' | 'law'
  > {
  readonly dueAt: Instant
  /** The receiver's; `null`: unknown, the shop's holds. */
  readonly timeZone: string | null
  readonly segment: string | null
  readonly usedByDay: Readonly<Record<string, number>>
  readonly counters: ReadonlyMap<string, CounterState>
  /** The last message of the kind that left about another order; `null`: none for as long as it matters. */
  readonly told: LastTold | null
}

const EMPTY: CounterState = { taken: [], usedByDay: {} }

/** Puts policy, message and moment together: the one place where a verdict's input is made, live and in a replay. */
export function buildInput(policy: GatePolicy, message: MessageFacts, moment: Moment): GateInput {
  const { dueAt, segment, usedByDay, counters, told, timeZone, ...rest } = moment
  const { purpose, channel, category, audience, stops, inSessionUntil, expiresAt } = message
  const within = apartLength(policy.ordersApart)
  return {
    ...rest,
    message: {
      purpose,
      channel,
      category,
      dueAt,
      expiresAt,
      stopsWhenPaid: stops.includes('paid'),
      stopsWhenClosed: stops.includes('closed'),
      inSessionUntil,
      audience,
      level: levelOf(message, policy.levels),
      anyHour: stops.includes('any_hour'),
    },
    timeZone: timeZone ?? policy.timeZone,
    shopTimeZone: policy.timeZone,
    quiet: policy.quiet[channel] ?? [],
    windows: segment === null ? [] : (policy.windows[segment] ?? []),
    dropBelow: policy.dropBelow ?? null,
    caps: { perDay: policy.capPerDay, usedByDay, rules: rulesFor(policy.caps, message, counters) },
    told: toldBefore(told, within, rest.now),
  }
}

const NO_RULES: readonly GateCapRule[] = []

function rulesFor(
  caps: readonly CapRule[],
  message: MessageFacts,
  counters: Moment['counters'],
): readonly GateCapRule[] {
  if (caps.length === 0) return NO_RULES
  return caps
    .filter((cap) => isCounted(cap, message))
    .map((cap) => ({
      name: cap.name,
      max: cap.max,
      within: windowOf(cap),
      because: reasonOf(cap),
      ...(counters.get(cap.name) ?? EMPTY),
    }))
}
