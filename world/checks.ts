import type { SourceEvent } from '../src/domain/event.ts'
import type { Purpose } from '../src/domain/message.ts'
import type { Instant } from '../src/domain/time.ts'
import { localDate, localHour } from './habits.ts'
import type { Market } from './market.ts'

/** A message as a buyer got it. */
export interface Arrival {
  readonly id: string
  readonly no: string | null
  readonly channel: string
  readonly purpose: Purpose
  readonly template: string
  readonly at: Instant
}

/** A promise that was broken. There must be none, under any policy. */
export interface Violation {
  readonly what:
    | 'after_payment'
    | 'after_end'
    | 'over_cap'
    | 'at_night'
    | 'twice'
    | 'switched_off'
    | 'double_charge'
  readonly no: string | null
  readonly at: Instant
}

export interface Checks {
  readonly arrivals: Arrival[]
  readonly violations: Violation[]
  /** Events that the program has acknowledged before it sends anything more. */
  told(events: readonly SourceEvent[]): void
  arrived(arrival: Arrival): void
}

/** Holds everything that reaches a buyer against the promises, knowing only the events and the messages. */
export function createChecks(market: Market, capPerDay: number): Checks {
  const arrivals: Arrival[] = []
  const violations: Violation[] = []
  const paid = new Set<string>()
  const ended = new Set<string>()
  const ids = new Set<string>()
  const perDay = new Map<string, number>()

  return {
    arrivals,
    violations,
    told(events) {
      for (const { type, data, time } of events) {
        const no = data.order?.no
        if (no === undefined) continue
        if (type === 'order.paid') {
          paid.add(no)
          if ((market.sales.get(no)?.charges ?? 0) > 1)
            violations.push({ what: 'double_charge', no, at: time })
        }
        if (type === 'order.expired' || type === 'order.cancelled') ended.add(no)
        if (type === 'order.reopened') ended.delete(no)
      }
    },
    arrived(arrival) {
      arrivals.push(arrival)
      const { id, no, channel, purpose, at } = arrival
      const broken = (what: Violation['what']) => violations.push({ what, no, at })
      if (ids.has(id)) broken('twice')
      ids.add(id)
      const buyer = no === null ? undefined : market.sales.get(no)?.buyer.n
      if (purpose === 'reminder' && no !== null) {
        if (paid.has(no)) broken('after_payment')
        if (ended.has(no)) broken('after_end')
        if (buyer !== undefined && market.fedUp.has(buyer)) broken('switched_off')
      }
      if (purpose !== 'essential') {
        if (channel === 'sms' && (localHour(at) < 8 || localHour(at) >= 21)) broken('at_night')
        const day = `${buyer} ${localDate(at)}`
        const count = (perDay.get(day) ?? 0) + 1
        perDay.set(day, count)
        if (count > capPerDay) broken('over_cap')
      }
    },
  }
}
