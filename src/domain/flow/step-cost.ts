import type { Channel } from '../message.ts'

/** What one message of a step costs on one channel. Prices are thousandths of the shop's currency. */
export interface StepCost {
  readonly channel: Channel
  /** SMS: segments of its longest likely text; elsewhere 1. */
  readonly segments: number
  /** Of one segment; elsewhere of the message. */
  readonly each: number
  /** `segments` × `each`. */
  readonly cost: number
}

export interface Segments {
  readonly segments: number
  readonly each: number
}

/** What a shop pays for one message on these channels; what is left out is free. */
export type ChannelPrices = Readonly<Partial<Record<Channel, number>>>

/**
 * What a step would cost on a channel. `sms`: what is known of its text and its account; without it one segment at
 * the channel's own price.
 */
export function stepCost(channel: Channel, prices: ChannelPrices, sms: Segments | null): StepCost {
  const { segments, each } =
    channel === 'sms' && sms !== null ? sms : { segments: 1, each: prices[channel] ?? 0 }
  return { channel, segments, each, cost: segments * each }
}

/** From cheap to dear. Of equal costs the one that stands first in the list goes first. */
export function cheapestFirst(
  channels: readonly Channel[],
  costOf: (channel: Channel) => StepCost,
): readonly StepCost[] {
  return channels.map(costOf).toSorted((a, b) => a.cost - b.cost)
}
