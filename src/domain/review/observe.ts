import { type Answer, holds } from '../flow/condition.ts'
import { buildFacts, type Facts } from '../flow/facts.ts'
import type { FlowContext, FlowEvent } from '../flow/run.ts'
import { networkOf } from '../network.ts'
import type { Item } from '../order/facts.ts'
import { differenceOf } from '../order/received.ts'
import type { Instant } from '../time.ts'
import type { CompiledRule } from './compile.ts'
import type { Named } from './judge.ts'
import { limitIn } from './limit.ts'
import type { Shared } from './rule.ts'

/** One event about one order, as a rule looks at it. */
export interface Looked {
  readonly event: FlowEvent
  /** When it happened, but not after we heard of it. */
  readonly at: Instant
  readonly orderId: string
  readonly items: readonly Item[]
  readonly customerId: string | null
  readonly context: FlowContext
}

/** What a rule wants remembered of an event. Values are in clear here; only their keyed hash is stored. */
export interface Observation {
  /** What it is counted under: the rule and what its events must share. */
  readonly shared: readonly string[]
  /** What is counted, each once. */
  readonly item: string
  readonly at: Instant
  /** Meets the rule's condition. */
  readonly mark: boolean
}

/** `currency`: the rule has no amount in the order's. */
export type WhyNot = 'other_event' | 'condition' | 'currency' | 'unknown'

export type Observed =
  /** Nothing to remember; `detail` says what was missing. */
  | { readonly kind: 'no'; readonly why: WhyNot; readonly detail?: string }
  /** Matches by its condition alone. */
  | { readonly kind: 'match'; readonly named: Named }
  | { readonly kind: 'count'; readonly named: Named; readonly observation: Observation }

/** What one rule makes of one event, before anything is counted. Pure. */
export function observe(compiled: CompiledRule, looked: Looked, now: Instant): Observed {
  const { rule, when, count, params } = compiled
  if (!compiled.events.has(looked.event.type)) return { kind: 'no', why: 'other_event' }
  const named = namedIn(compiled, looked)
  // Breaks no row, either: nobody has said what is much in this currency.
  if (compiled.from !== null && named.total !== null && named.limit === null)
    return { kind: 'no', why: 'currency', detail: named.total.currency }
  const reached = reachesLimit(compiled, named)
  const answer = when === null || !reached.value ? reached : holds(when, factsOf(looked, params, now))
  if (!answer.value && !count?.inARow) return { kind: 'no', why: 'condition', ...detailOf(answer) }
  if (count === null || count.of === 'failure') return { kind: 'match', named }
  const shared: string[] = [rule.key]
  for (const what of count.by) {
    const value = sharedValue(what, looked)
    if (value === null) return { kind: 'no', why: 'unknown', detail: what }
    shared.push(what, value)
  }
  const item = count.of === 'order' ? looked.orderId : (looked.event.data.payment?.id ?? looked.event.key)
  return { kind: 'count', named, observation: { shared, item, at: looked.at, mark: answer.value } }
}

/** Whether an event that came to be judged at `now` had happened too long ago to open a review. */
export const isTooOld = ({ startWithin }: CompiledRule, { at }: Pick<Looked, 'at'>, now: Instant): boolean =>
  now - at > startWithin

function namedIn(compiled: CompiledRule, { event, context }: Looked): Named {
  const total = context.order?.total ?? null
  const difference = context.order && differenceOf(context.order)
  const { payment } = event.data
  return {
    ...(difference && { difference }),
    total,
    limit: total && limitIn(compiled, total.currency),
    payment: { id: payment?.id ?? null, rail: payment?.rail ?? null, amount: payment?.amount ?? null },
  }
}

function reachesLimit({ from }: CompiledRule, { total, limit }: Named): Answer {
  if (from === null) return { value: true }
  if (total === null) return { value: false, detail: 'no order.total' }
  return { value: limit !== null && total.minor >= limit.minor }
}

const detailOf = ({ detail }: { readonly detail?: string }) => (detail === undefined ? {} : { detail })

/** What the rule's condition reads. */
export const factsOf = (looked: Looked, params: CompiledRule['params'], now: Instant): Facts =>
  buildFacts({ ...looked.context, event: looked.event }, params, now)

/** What the event has in common with others; `null` when it does not say. */
function sharedValue(what: Shared, { event, items, customerId, context }: Looked): string | null {
  switch (what) {
    case 'ip':
      return networkOf(event.data.client?.ip ?? '')
    case 'buyer':
      return customerId
    case 'card':
      return event.data.payment?.card ?? null
    case 'items':
      return items.length > 0 ? itemsText(items) : (context.order?.title ?? null)
    case 'amount': {
      const amount = event.data.payment?.amount ?? context.order?.total
      return amount ? `${amount.minor} ${amount.currency}` : null
    }
  }
}

/** The same basket, in whatever order it is listed. */
function itemsText(items: readonly Item[]): string {
  return JSON.stringify(items.map(({ name, quantity, sku }) => [sku ?? '', name, quantity]).sort(byText))
}

const byText = (a: readonly unknown[], b: readonly unknown[]) => {
  const [left, right] = [JSON.stringify(a), JSON.stringify(b)]
  return left < right ? -1 : left > right ? 1 : 0
}
