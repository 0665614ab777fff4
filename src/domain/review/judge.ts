import type { Money } from '../money.ts'
import type { Difference } from '../order/received.ts'
import type { Instant, Millis } from '../time.ts'
import type { CompiledRule } from './compile.ts'

/** One thing seen under a key: an order or a payment. */
export interface Seen {
  readonly item: string
  readonly order: string
  readonly at: Instant
  readonly mark: boolean
}

/** Why a rule matched, in numbers: kept sealed with the review, and told to those who decide. */
export interface Evidence {
  /** How many there were, how many are too many, within how long; `null` for a rule that only has a condition. */
  readonly count: number | null
  readonly reach: number | null
  readonly within: Millis | null
  /** The other orders it saw, at most ten, newest first. */
  readonly orders: readonly string[]
  /** The event that made it match. */
  readonly event: string
  readonly type: string
  /** What reviews that were opened before it was kept lack. */
  readonly named?: Named
  /** Of a row of orders each, by time; the last eleven. */
  readonly row?: readonly RowOrder[]
  /** Everything that made up the number, by what it is remembered as. */
  readonly counted?: readonly string[]
}

/** The figures of the order and its event, as the rule saw them. */
export interface Named {
  readonly total: Money | null
  /** What the total reached; `null` for a rule that looks at no amount. */
  readonly limit: Money | null
  readonly payment: {
    readonly id: string | null
    readonly rail: string | null
    readonly amount: Money | null
  }
  /** Where another sum came than the order's total. */
  readonly difference?: Difference
}

export interface RowOrder {
  readonly no: string
  readonly total: Money | null
}

export interface Match {
  readonly evidence: Evidence
  /** Orders of a row, this one's own included, by time; empty for rules that ask for none. */
  readonly row: readonly string[]
  /** Which time it asks about this order. */
  readonly iteration: number
  /** One more of a burst that has been told already. */
  readonly again: boolean
  /** What was counted, and the other orders it is about; of rules that count. */
  readonly group?: { readonly item: string; readonly orders: readonly string[] }
}

interface About {
  readonly orderId: string
  readonly event: { readonly key: string; readonly type: string }
  /** Payment attempts on the order that failed. */
  readonly attempts: number
  readonly named?: Named
}

const OTHER_ORDERS = 10

/** A rule whose condition alone decides, or which counts the order's own failures. */
export function matchOrder({ count }: CompiledRule, about: About): Match | null {
  const { attempts } = about
  const evidence = { orders: [], within: null, ...toldBy(about) }
  const first = { iteration: 1, again: false, row: [] }
  if (count === null) return { ...first, evidence: { ...evidence, count: null, reach: null } }
  if (attempts < count.reach) return null
  // Once a person has let it go on, the next as many failures ask again.
  const iteration = Math.floor(attempts / count.reach)
  return { ...first, iteration, evidence: { ...evidence, count: attempts, reach: count.reach } }
}

const toldBy = ({ event, named }: About) => ({
  event: event.key,
  type: event.type,
  ...(named && { named }),
})

/**
 * A rule that counts, given all that is known under its key, this event's own included. Only what was seen decides,
 * not the order in which it came: whichever comes last completes the number.
 */
export function matchSeen(
  { count }: CompiledRule,
  about: About,
  item: string,
  seen: readonly Seen[],
): Match | null {
  if (count === null) return null
  const group = count.inARow ? rowOf(seen, item, count.within) : burstOf(seen, item, count.within)
  if (group.length < count.reach) return null
  const seenOrders = group.map((each) => each.order).filter((order) => order !== about.orderId)
  const orders = [...new Set(seenOrders.reverse())]
  return {
    group: { item, orders },
    iteration: 1,
    again: group.length > count.reach,
    row: count.inARow ? [...new Set(group.map((each) => each.order))].slice(-OTHER_ORDERS - 1) : [],
    evidence: {
      count: group.length,
      reach: count.reach,
      within: count.within,
      orders: orders.slice(0, OTHER_ORDERS),
      counted: group.map((each) => each.item),
      ...toldBy(about),
    },
  }
}

/**
 * Whether a match tells what a review of another order has told already: it counted the same thing then. So later
 * events of what belongs to a burst stay as quiet as what comes on top of it.
 */
export const isToldIn = ({ group }: Match, { counted = [] }: Pick<Evidence, 'counted'>): boolean =>
  group !== undefined && counted.includes(group.item)

/**
 * What was known when this one came, had those that came `together` come one by one in the order of their times. So a
 * burst is told once, and by the one that completes it, however its events are handed over.
 */
export function knownAt(item: string, seen: readonly Seen[], together: ReadonlySet<string>): readonly Seen[] {
  const all = seen.toSorted(inOrder)
  const own = all.findIndex((each) => each.item === item)
  return all.filter((each, at) => at <= own || !together.has(each.item))
}

const inOrder = (a: Seen, b: Seen) => a.at - b.at || (a.item < b.item ? -1 : 1)

/** The most that any window of this length holds which also holds the item. */
function burstOf(seen: readonly Seen[], item: string, within: Millis): readonly Seen[] {
  const all = seen.toSorted(inOrder)
  const own = all.findIndex((each) => each.item === item)
  let best: readonly Seen[] = []
  if (own < 0) return best
  for (let from = 0; from <= own; from++) {
    const start = all[from]!.at
    if (all[own]!.at - start > within) continue
    let to = own
    while (to + 1 < all.length && all[to + 1]!.at - start <= within) to++
    if (to - from + 1 > best.length) best = all.slice(from, to + 1)
  }
  return best
}

/** The unbroken row of marked things round the item, as far as it fits the window that ends with the row. */
function rowOf(seen: readonly Seen[], item: string, within: Millis): readonly Seen[] {
  const all = seen.toSorted(inOrder)
  const own = all.findIndex((each) => each.item === item)
  if (own < 0 || !all[own]!.mark) return []
  let to = own
  while (to + 1 < all.length && all[to + 1]!.mark) to++
  let from = own
  while (from > 0 && all[from - 1]!.mark) from--
  const row = all.slice(from, to + 1)
  const recent = row.filter((each) => row.at(-1)!.at - each.at <= within)
  return recent.some((each) => each.item === item) ? recent : []
}
