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
import { apartLength, isKeptApart, type LastTold } from '../domain/gate/orders-apart.ts'
import type { CounterState } from '../domain/gate/policy.ts'
import { type Entry, ofOrder, orderIn } from '../domain/gate/slot-entry.ts'
import type { MessageId, OrderId, ShopId } from '../domain/ids.ts'
import type { Channel } from '../domain/message.ts'
import type { ShopSettings } from '../domain/shop.ts'
import type { Instant, Millis } from '../domain/time.ts'

/** One counter under one name, with its days apart: entry → when it took its slot. */
interface Counter {
  readonly rolling: Map<Entry, Instant>
  readonly days: Map<string, Map<Entry, Instant>>
}

type Because = GateCapRule['because'] | 'other_order_told'

/**
 * The counters of a shop's caps for one batch: what the database says, with what the batch itself takes. A batch that
 * none of them counts gets one that says nothing and asks nothing.
 */
export interface CapCounters {
  /** What the counters of each cap say, without this message; one that has none yet is missing. */
  read(message: DueMessage): ReadonlyMap<string, CounterState>
  /** The last message of the kind that left about another order of the person's. */
  told(message: DueMessage): LastTold | null
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
  ): Promise<ReadonlyMap<MessageId, Because>>
}

const NONE: ReadonlyMap<string, CounterState> = new Map()
const SAYS_NOTHING: CapCounters = {
  read: () => NONE,
  told: () => null,
  take: () => {},
  holds: () => false,
  taken: () => [],
  commit: () => Promise.resolve(new Map()),
}

type CountedBy = Pick<ShopSettings, 'caps' | 'ordersApart'>

export async function openCounters(
  tx: Tx,
  shop: ShopId,
  settings: CountedBy,
  channel: Channel,
  batch: readonly DueMessage[],
  now: Instant,
): Promise<CapCounters> {
  const rules = rulesOf(settings, channel)
  const counted = batch.filter((message) => isCountedBy(rules, message))
  if (counted.length === 0) return SAYS_NOTHING
  const rows = await readCounters(tx, shop, [...new Set(counted.flatMap(holdersOf))])
  return countersOf(rows, shop, settings, channel, counted, now)
}

/** The same of what was read before. */
export function countersOf(
  rows: readonly CounterRow[],
  shop: ShopId,
  settings: CountedBy,
  channel: Channel,
  counted: readonly DueMessage[],
  now: Instant,
): CapCounters {
  const rules = rulesOf(settings, channel)
  const { counters, held } = load(rows, counted)
  const wanted = new Map<string, Wanted>()
  const taking = new Set<MessageId>()
  const told = (message: DueMessage) => {
    const turn = apartOf(rules, message)
    return turn && lastOf(counterAt(counters, turn.holder, turn.name), turn.order, now - turn.within)
  }

  return {
    read: (message) =>
      new Map(
        [...capsOf(rules, message)].map(({ cap, holder, name }) => [
          cap.name,
          stateOf(counterAt(counters, holder, name), message.id),
        ]),
      ),
    told,
    take(message, [own, fallback], at) {
      const day = localDay(offsetSpan(own, fallback, at), at)
      // Allowed although another order has spoken, as it could not wait: it takes no turn.
      const turnless = told(message) !== null
      for (const slot of slotsOf(rules, message)) {
        if (turnless && orderIn(slot.entry) !== null) continue
        const counter = counterAt(counters, slot.holder, slot.name)
        const slots = slot.within === null ? dayOf(counter, day) : counter.rolling
        slots.set(slot.entry, at)
        taking.add(message.id)
        const name = slot.within === null ? `${slot.name}@${day}` : slot.name
        want(wanted, `${slot.holder} ${name}`, { ...slot, name }, message.id, at)
      }
    },
    holds: (message) => isHeld(held, message) || taking.has(message.id),
    taken: () => [...wanted.values()],
    async commit(tx, keep, without) {
      const owners = counted.filter((message) => isHeld(held, message) && !keep.has(message.id))
      await release(tx, shop, owners)
      for (const [key, { taken, entries }] of wanted) {
        for (const id of without.keys()) {
          const entry = entries.get(id as MessageId)
          if (entry === undefined) continue
          delete taken[entry]
          entries.delete(id as MessageId)
        }
        if (entries.size === 0) wanted.delete(key)
      }
      if (wanted.size === 0) return new Map()
      const got = await reserveSlots(tx, shop, [...wanted.values()], now)
      const refused = new Map(wanted)
      for (const { holder, counter } of got) refused.delete(`${holder} ${counter}`)
      const late = new Map<MessageId, Because>()
      for (const { entries, because } of refused.values())
        for (const id of entries.keys()) late.set(id, because)
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
  const held = new Set<Entry>()
  for (const row of rows) {
    const [name = '', day] = row.counter.split('@')
    const entries = Object.entries(row.taken) as [Entry, Instant][]
    const counter = counterAt(counters, row.holder, name)
    if (day === undefined) for (const [id, at] of entries) counter.rolling.set(id, at)
    else counter.days.set(day, new Map(entries))
    for (const [entry] of entries) held.add(entry)
  }
  // Allowed before: also when a merge has taken the counters away between that statement and this.
  for (const { id, work_verdict } of counted) if (work_verdict?.startsWith('send')) held.add(id)
  return { counters, held }
}

const isHeld = (held: ReadonlySet<Entry>, { id, order_id: order }: DueMessage): boolean =>
  held.has(id) || (order !== null && held.has(ofOrder(order, id)))

interface Wanted extends SlotsToTake {
  readonly taken: Record<Entry, Instant>
  /** By message, what it takes. */
  readonly entries: Map<MessageId, Entry>
  readonly because: Because
}

function want(
  wanted: Map<string, Wanted>,
  key: string,
  { holder, name, entry, most, within, because }: Slot,
  message: MessageId,
  at: Instant,
): void {
  let slots = wanted.get(key)
  if (slots === undefined) {
    const since = within === null ? 0 : at - within
    slots = { holder, counter: name, taken: {}, entries: new Map(), most, since, because }
    wanted.set(key, slots)
  }
  slots.taken[entry] = at
  slots.entries.set(message, entry)
}

const holdersOf = ({ customer_id, contact_id }: DueMessage): readonly Holder[] =>
  [customer_id, contact_id].filter((holder) => holder !== null)

const release = (tx: Tx, shop: ShopId, messages: readonly DueMessage[]) =>
  releaseSlots(
    tx,
    shop,
    messages.map((message) => ({ id: message.id, order: message.order_id, holders: holdersOf(message) })),
  )

interface Rules {
  readonly caps: readonly CapRule[]
  readonly apart: Millis | null
  readonly channel: Channel
}

const rulesOf = ({ caps, ordersApart }: CountedBy, channel: Channel): Rules => ({
  caps,
  apart: apartLength(ordersApart),
  channel,
})

/** One slot that a message takes when it leaves. */
interface Slot {
  readonly holder: Holder
  readonly name: string
  readonly entry: Entry
  readonly most: number
  /** `null`: of the receiver's local day. */
  readonly within: Millis | null
  readonly because: Because
}

const isCountedBy = (rules: Rules, message: DueMessage): boolean =>
  rules.caps.some((cap) => isCounted(cap, { ...message, channel: rules.channel })) ||
  apartOf(rules, message) !== null

/** A message of somebody unknown is counted by the caps of its address alone. */
function* capsOf({ caps, channel }: Rules, message: DueMessage) {
  for (const cap of caps) {
    const about = { ...message, channel }
    const holder = cap.to === 'person' ? message.customer_id : message.contact_id
    if (holder !== null && isCounted(cap, about)) yield { cap, holder, name: counterOf(cap, about) }
  }
}

function* slotsOf(rules: Rules, message: DueMessage): Generator<Slot> {
  for (const { cap, holder, name } of capsOf(rules, message))
    yield {
      ...{ holder, name, entry: message.id, most: cap.max },
      within: windowOf(cap),
      because: reasonOf(cap),
    }
  const turn = apartOf(rules, message)
  if (turn !== null) yield { ...turn, most: 1, because: 'other_order_told' }
}

/**
 * The counter that lets one order of a person's speak at a time: all messages of an order share one slot, so that one
 * that has spoken may go on. No name of a shop's own cap begins like this one.
 */
function apartOf({ apart, channel }: Rules, message: DueMessage) {
  const { id, customer_id: holder, order_id: order, category } = message
  if (apart === null || holder === null || order === null) return null
  if (!isKeptApart({ ...message, channel })) return null
  return { holder, order, entry: ofOrder(order, id), name: `=told/${category}`, within: apart }
}

/** Of the other orders, the one that spoke last. */
function lastOf({ rolling }: Counter, own: OrderId, since: Instant): LastTold | null {
  let last: LastTold | null = null
  for (const [entry, at] of rolling) {
    const order = orderIn(entry)
    if (order === null || order === own || at <= since) continue
    if (last === null || at > last.at) last = { order, at }
  }
  return last
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

function dayOf({ days }: Counter, day: string): Map<Entry, Instant> {
  let slots = days.get(day)
  if (slots === undefined) {
    slots = new Map()
    days.set(day, slots)
  }
  return slots
}

function stateOf(counter: Counter, own: Entry): CounterState {
  const others = (slots: ReadonlyMap<Entry, Instant>) => slots.size - (slots.has(own) ? 1 : 0)
  return {
    taken: [...counter.rolling].flatMap(([id, at]) => (id === own ? [] : [at])),
    usedByDay: Object.fromEntries([...counter.days].map(([day, slots]) => [day, others(slots)])),
  }
}

/** Of what is kept apart, the newest order's first: it is what the buyer wants now. All else keeps its place. */
export function newestOrderFirst(channel: Channel, due: readonly DueMessage[]): readonly DueMessage[] {
  const places = Map.groupBy(due.keys(), (at) => {
    const { order_id, purpose, audience, customer_id, category } = due[at]!
    return order_id !== null && isKeptApart({ purpose, audience, channel })
      ? `${customer_id} ${category}`
      : ''
  })
  const sorted = [...due]
  for (const [key, own] of places) {
    if (key === '' || own.length === 1) continue
    const newest = own.map((at) => due[at]!).sort((a, b) => (a.order_id! < b.order_id! ? 1 : -1))
    for (const [nth, at] of own.entries()) sorted[at] = newest[nth]!
  }
  return sorted
}
