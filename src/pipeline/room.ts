import type { AccountRow } from '../db/accounts.ts'
import type { DueMessage } from '../db/due-messages.ts'
import type { AccountId } from '../domain/ids.ts'
import { type Instant, MINUTE, type Millis, SECOND } from '../domain/time.ts'
import type { Grants } from './grants.ts'
import { priorityFor, type ShopConfig } from './shop-config.ts'

/** Nobody waits longer than this for a turn that is only reckoned: the rate may be changed, or another account resumed. */
const FARTHEST: Millis = 5 * MINUTE

/**
 * Places in the queue of an account that cannot keep up, for messages that would else stand in the way of other
 * accounts': each is looked at again when its turn should have come. Only a reckoning of this process; who comes and
 * finds no room queues anew.
 */
export interface Queues {
  place(account: AccountId, priority: number, perSecond: number, now: Instant): Instant
  /** How much a turn of this shop and channel found due; gives whether it was as much as it could take. */
  note(queue: string, found: number, most: number): boolean
  /**
   * Whether a turn takes the most urgent: every second one while more is due than leaves at once. All of them would
   * take the same rows from under each other.
   */
  urgentNext(queue: string): boolean
}

export function createQueues(): Queues {
  const ends = new Map<string, Instant>()
  /** Turns since each queue fell behind. */
  const behind = new Map<string, number>()
  return {
    note(queue, found, most) {
      if (found >= most && !behind.has(queue)) behind.set(queue, 0)
      // Turns at once take rows from under each other: that one is not full does not yet mean that all is done.
      if (found === 0) behind.delete(queue)
      return found >= most
    },
    urgentNext(queue) {
      const turns = behind.get(queue)
      if (turns === undefined) return false
      behind.set(queue, turns + 1)
      return turns % 2 === 0
    },
    place(account, priority, perSecond, now) {
      const key = `${account} ${priority}`
      const end = Math.min(Math.max(ends.get(key) ?? now, now) + SECOND / perSecond, now + FARTHEST)
      ends.set(key, end)
      return Math.ceil(end)
    },
  }
}

const levelIn = (config: ShopConfig, message: DueMessage) =>
  priorityFor(config, { ...message, inSessionUntil: message.in_session_until })

/** Whatever order the database gave them in. */
export function mostUrgentFirst(config: ShopConfig, due: readonly DueMessage[]) {
  const ranked = due.map((message) => ({ message, level: levelIn(config, message) }))
  ranked.sort((a, b) => a.level - b.level || a.message.due_at - b.message.due_at)
  return ranked.map(({ message }) => message)
}

/**
 * Whether a message's account can still send in this turn; else when to look at the message again, or `left`: it stays
 * due. Only where a turn is full is it put back, so that it does not stand in the way of what goes through others.
 */
export type Room = (account: AccountRow, message: DueMessage) => 'now' | 'left' | Instant

export function roomIn({ queues, config, grants, crowded, wanted, now }: Turn): Room {
  return (account, message) => {
    if (grants.take(account)) return 'now'
    if (!crowded) return 'left'
    // What is wanted is half a second's work.
    const perSecond = account.rate_per_s ?? wanted(account) * 2
    const place = queues.place(account.id, levelIn(config, message), perSecond, now)
    return Math.min(place, message.expires_at)
  }
}

interface Turn {
  readonly queues: Queues
  readonly config: ShopConfig
  readonly grants: Grants
  /** As many were due as the turn takes up: there may be more behind them. */
  readonly crowded: boolean
  readonly wanted: (account: AccountRow | null) => number
  readonly now: Instant
}
