import {
  type CounterRow,
  type Holder,
  readCounters,
  releaseSlots,
  reserveSlots,
  type SlotsToTake,
} from '../db/cap-slots.ts'
import type { Tx } from '../db/connect.ts'
import type { DueMessage } from '../db/due-messages.ts'
import { type CapRule, counterOf, isCounted, reasonOf, windowOf } from '../domain/gate/cap-rules.ts'
import type { GateCapRule } from '../domain/gate/input.ts'
import { localDay, offsetSpan } from '../domain/gate/local-time.ts'
import type { CounterState } from '../domain/gate/policy.ts'
import type { MessageId, ShopId } from '../domain/ids.ts'
import type { Channel } from '../domain/message.ts'
import type { Instant } from '../domain/time.ts'

/** One counter under one name, with its days apart: message id → when it took its slot. */
interface Counter {
  readonly rolling: Map<MessageId, Instant>
  readonly days: Map<string, Map<MessageId, Instant>>
}

/**
 * The counters of a shop's own caps for one batch: what the database says, with what the batch itself takes. A shop
 * without such caps gets one that says nothing and asks nothing.
 */
export interface CapCounters {
  /** What the counters of each cap say, without this message; one that has none yet is missing. */
  read(message: DueMessage): ReadonlyMap<string, CounterState>
  /** Notes that the message leaves at `now`. */
  take(message: DueMessage, timeZones: readonly [own: string, shop: string], now: Instant): void
  /** Whether the message held slots before this batch, or takes some in it. */
  holds(message: DueMessage): boolean
  /** What `take` has noted so far. */
  taken(): readonly SlotsToTake[]
  /**
   * Writes what was taken, giving back first what the batch's messages held; those of `keep` stay as they are and
   * `without` take nothing. Gives the messages that came too late for a slot, with the reason; they hold none then.
   */
  commit(
    tx: Tx,
    keep: ReadonlySet<MessageId>,
    without: ReadonlyMap<MessageId, unknown>,
  ): Promise<ReadonlyMap<MessageId, GateCapRule['because']>>
}

const NONE: ReadonlyMap<string, CounterState> = new Map()
const SAYS_NOTHING: CapCounters = {
  read: () => NONE,
  take: () => {},
  holds: () => false,
  taken: () => [],
  commit: () => Promise.resolve(new Map()),
}

export async function openCounters(
  tx: Tx,
  shop: ShopId,
  caps: readonly CapRule[],
  channel: Channel,
  batch: readonly DueMessage[],
  now: Instant,
): Promise<CapCounters> {
  const counted =
    caps.length === 0
      ? []
      : batch.filter((message) => caps.some((cap) => isCounted(cap, { ...message, channel })))
  if (counted.length === 0) return SAYS_NOTHING
  const rows = await readCounters(tx, shop, [...new Set(counted.flatMap(holdersOf))])
  return countersOf(rows, shop, caps, channel, counted, now)
}

/** The same of what was read before. */
export function countersOf(
  rows: readonly CounterRow[],
  shop: ShopId,
  caps: readonly CapRule[],
  channel: Channel,
  counted: readonly DueMessage[],
  now: Instant,
): CapCounters {
  const { counters, held } = load(rows, counted)
  const wanted = new Map<string, Wanted>()
  const taking = new Set<MessageId>()

  return {
    read: (message) =>
      new Map(
        [...rulesOf(caps, channel, message)].map(({ cap, holder, name }) => [
          cap.name,
          stateOf(counterAt(counters, holder, name), message.id),
        ]),
      ),
    take(message, [own, fallback], at) {
      const day = localDay(offsetSpan(own, fallback, at), at)
      for (const { cap, holder, name } of rulesOf(caps, channel, message)) {
        const within = windowOf(cap)
        const counter = counterAt(counters, holder, name)
        const slots = within === null ? dayOf(counter, day) : counter.rolling
        slots.set(message.id, at)
        taking.add(message.id)
        const full = within === null ? `${name}@${day}` : name
        const key = `${holder} ${full}`
        const known = wanted.get(key)
        if (known) known.taken[message.id] = at
        else {
          const since = within === null ? 0 : at - within
          wanted.set(key, {
            holder,
            counter: full,
            taken: { [message.id]: at },
            most: cap.max,
            since,
            because: reasonOf(cap),
          })
        }
      }
    },
    holds: ({ id }) => held.has(id) || taking.has(id),
    taken: () => [...wanted.values()],
    async commit(tx, keep, without) {
      const owners = counted.filter(({ id }) => held.has(id) && !keep.has(id))
      await release(tx, shop, owners)
      for (const [key, { taken }] of wanted) {
        for (const id of without.keys()) delete taken[id as MessageId]
        if (Object.keys(taken).length === 0) wanted.delete(key)
      }
      if (wanted.size === 0) return new Map()
      const got = await reserveSlots(tx, shop, [...wanted.values()], now)
      const refused = new Map(wanted)
      for (const { holder, counter } of got) refused.delete(`${holder} ${counter}`)
      const late = new Map<MessageId, GateCapRule['because']>()
      for (const { taken, because } of refused.values())
        for (const id of Object.keys(taken)) late.set(id as MessageId, because)
      await release(
        tx,
        shop,
        counted.filter(({ id }) => late.has(id)),
      )
      return late
    },
  }
}

/** What the database says of everybody whom these messages go to, and which messages hold slots there. */
function load(rows: readonly CounterRow[], counted: readonly DueMessage[]) {
  const counters = new Map<string, Counter>()
  const held = new Set<MessageId>()
  for (const row of rows) {
    const [name = '', day] = row.counter.split('@')
    const entries = Object.entries(row.taken) as [MessageId, Instant][]
    const counter = counterAt(counters, row.holder, name)
    if (day === undefined) for (const [id, at] of entries) counter.rolling.set(id, at)
    else counter.days.set(day, new Map(entries))
    for (const [id] of entries) held.add(id)
  }
  // Allowed before: also when a merge has taken the counters away between that statement and this.
  for (const { id, work_verdict } of counted) if (work_verdict?.startsWith('send')) held.add(id)
  return { counters, held }
}

interface Wanted extends SlotsToTake {
  readonly taken: Record<MessageId, Instant>
  readonly because: GateCapRule['because']
}

const holdersOf = ({ customer_id, contact_id }: DueMessage): readonly Holder[] =>
  [customer_id, contact_id].filter((holder) => holder !== null)

const release = (tx: Tx, shop: ShopId, messages: readonly DueMessage[]) =>
  releaseSlots(
    tx,
    shop,
    messages.map((message) => ({ id: message.id, holders: holdersOf(message) })),
  )

/** A message of somebody unknown is counted by the caps of its address alone. */
function* rulesOf(caps: readonly CapRule[], channel: Channel, message: DueMessage) {
  for (const cap of caps) {
    const about = { ...message, channel }
    const holder = cap.to === 'person' ? message.customer_id : message.contact_id
    if (holder !== null && isCounted(cap, about)) yield { cap, holder, name: counterOf(cap, about) }
  }
}

function counterAt(counters: Map<string, Counter>, holder: Holder, name: string): Counter {
  const key = `${holder} ${name}`
  let counter = counters.get(key)
  if (counter === undefined) {
    counter = { rolling: new Map(), days: new Map() }
    counters.set(key, counter)
  }
  return counter
}

function dayOf({ days }: Counter, day: string): Map<MessageId, Instant> {
  let slots = days.get(day)
  if (slots === undefined) {
    slots = new Map()
    days.set(day, slots)
  }
  return slots
}

function stateOf(counter: Counter, own: MessageId): CounterState {
  const others = (slots: ReadonlyMap<MessageId, Instant>) => slots.size - (slots.has(own) ? 1 : 0)
  return {
    taken: [...counter.rolling].flatMap(([id, at]) => (id === own ? [] : [at])),
    usedByDay: Object.fromEntries([...counter.days].map(([day, slots]) => [day, others(slots)])),
  }
}
