import type { Instant } from '../domain/time.ts'

/** One thing that reached a simulator, accepted or refused, in the order of arrival. */
export interface Delivery<Content> {
  /** 1, 2, 3 … over the simulator's whole life. */
  readonly sequence: number
  readonly at: Instant
  /** The sender's stable id (`Message-ID`, `webhook-id`, the gateway's idempotency id), where it gave one. */
  readonly id: string | null
  readonly to: string
  readonly accepted: boolean
  /** Why it was refused, in the simulator's own code. */
  readonly refusal: string | null
  /** Something with this id had been accepted before. */
  readonly repeat: boolean
  /** Scripted faults that befell it. */
  readonly faults: readonly string[]
  readonly content: Content
}

export type NewDelivery<Content> = Omit<Delivery<Content>, 'sequence' | 'repeat'>

export interface Received<Content> {
  /** The newest ones, oldest first; as many as the log keeps. */
  list(): readonly Delivery<Content>[]
  /** Totals since the start, whatever is still kept. */
  counts(): { readonly accepted: number; readonly refused: number; readonly repeats: number }
  /** Hears every later delivery; the returned function ends it. */
  onMessage(listener: (delivery: Delivery<Content>) => void): () => void
  /** The first delivery, kept or yet to come, for which `wanted` is true. */
  waitFor(wanted: (delivery: Delivery<Content>) => boolean): Promise<Delivery<Content>>
  /** Every accepted id in order, when the log was made with `everyId`; for tests that count duplicates. */
  ids(): readonly string[]
}

export interface DeliveryLog<Content> extends Received<Content> {
  add(delivery: NewDelivery<Content>): Delivery<Content>
}

export interface LogLimits {
  /** Deliveries kept whole (default 500). */
  readonly keep?: number | undefined
  /** Keep every accepted id for ever: exact counts over millions, at about 100 bytes each. */
  readonly everyId?: boolean | undefined
}

/** Ids remembered for the `repeat` mark when `everyId` is off. */
const REMEMBERED = 20_000

/** What a simulator has received: bounded in memory, exact in its counts. */
export function createDeliveryLog<Content>(limits: LogLimits = {}): DeliveryLog<Content> {
  const keep = limits.keep ?? 500
  const kept: Delivery<Content>[] = []
  const listeners = new Set<(delivery: Delivery<Content>) => void>()
  const known = new Set<string>()
  const ids: string[] = []
  const counts = { accepted: 0, refused: 0, repeats: 0 }

  const isRepeat = (id: string): boolean => {
    if (known.has(id)) return true
    known.add(id)
    if (!limits.everyId && known.size > REMEMBERED) known.delete(known.values().next().value!)
    return false
  }

  return {
    add(delivery) {
      const repeat = delivery.accepted && delivery.id !== null && isRepeat(delivery.id)
      counts[delivery.accepted ? 'accepted' : 'refused']++
      if (repeat) counts.repeats++
      if (limits.everyId && delivery.accepted && delivery.id !== null) ids.push(delivery.id)
      const whole = { ...delivery, repeat, sequence: counts.accepted + counts.refused }
      kept.push(whole)
      if (kept.length > keep) kept.shift()
      for (const listener of listeners) listener(whole)
      return whole
    },
    list: () => [...kept],
    counts: () => ({ ...counts }),
    onMessage(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    waitFor(wanted) {
      const found = kept.find(wanted)
      if (found) return Promise.resolve(found)
      return new Promise((resolve) => {
        const listener = (delivery: Delivery<Content>) => {
          if (!wanted(delivery)) return
          listeners.delete(listener)
          resolve(delivery)
        }
        listeners.add(listener)
      })
    },
    ids: () => ids,
  }
}
