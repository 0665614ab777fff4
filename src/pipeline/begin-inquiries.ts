import type { InquiryToStart } from '../db/inquiries.ts'
import type { Event } from '../domain/event.ts'
import type { OrderId } from '../domain/ids.ts'
import { healingOf, paymentKey } from '../domain/order/event-facts.ts'
import { BROWSER, joinFacts, type OrderFacts } from '../domain/order/facts.ts'
import { type OrderView, takesNoPayment, viewOrder } from '../domain/order/view.ts'
import { type Instant, SECOND } from '../domain/time.ts'
import type { AskedConnection } from './asked-connections.ts'
import type { CountedTries } from './card-tries.ts'
import { type Cure, cureOf, NEWS } from './heal.ts'
import type { FlowScene } from './run-flows.ts'
import type { ShopConfig } from './shop-config.ts'

/** However often somebody's word comes, one order is not asked about more often. */
export const LEAST_GAP = 5 * SECOND

export interface Begun {
  readonly facts: OrderFacts
  readonly view: OrderView
  readonly start: readonly InquiryToStart[]
  readonly hurry: readonly InquiryToStart[]
}

interface Group {
  readonly id: OrderId
  readonly events: readonly Event[]
}

/**
 * What must be asked about an order now that these events were applied to it: whether a payment came that nobody
 * announces, or whether a failure can be healed. A failure that is being healed is a fact of the order from here on.
 */
export function beginInquiries(
  config: ShopConfig,
  retrying: CountedTries,
  group: Group,
  folded: { readonly facts: OrderFacts; readonly view: OrderView },
  { now, restoredAt }: Pick<FlowScene, 'now' | 'restoredAt'>,
): Begun {
  const nothing = { ...folded, start: [], hurry: [] }
  const { view } = folded
  if (config.asked.length === 0 || view.paidAt !== null || takesNoPayment(view)) return nothing
  const start = new Map<string, InquiryToStart>()
  const hurry = new Map<string, InquiryToStart>()
  let { facts } = folded
  for (const event of group.events) {
    const cure = cureOf({ config, retrying, event, facts, view, scene: { now, restoredAt } })
    if (cure !== null) {
      if (cure === 'platform') facts = joinFacts(facts, healingOf(event))
      const healed = toHeal(group.id, event, cure, now)
      start.set(nameOf(healed), healed)
      continue
    }
    for (const inquiry of toAsk(config, group.id, event, facts, now)) {
      const list = event.trust === 'browser' ? hurry : start
      const before = list.get(nameOf(inquiry))
      if (!before || before.startedAt < inquiry.startedAt) list.set(nameOf(inquiry), inquiry)
    }
  }
  return {
    facts,
    view: facts === folded.facts ? view : viewOrder(facts),
    start: [...start.values()],
    hurry: [...hurry.values()],
  }
}

/** Told after the fact (a rail that was away): the clock runs from when we heard of it. */
const toHeal = (order: OrderId, event: Event, kind: Cure, now: Instant): InquiryToStart => ({
  order,
  connection: event.connection,
  kind,
  startedAt: now,
  dueAt: now,
  payment: paymentKey(event),
})

const nameOf = ({ connection, kind }: InquiryToStart) => `${connection} ${kind}`

/** Begun by somebody who may say so; a browser's "failed" and "paid" are reasons to ask. */
const BEGINS: ReadonlySet<string> = new Set(['order.created', 'payment.started'])
const WORDS: ReadonlySet<string> = new Set(['payment.started', 'payment.failed', 'order.paid'])

function toAsk(
  config: ShopConfig,
  order: OrderId,
  event: Event,
  facts: OrderFacts,
  now: Instant,
): readonly InquiryToStart[] {
  const word = event.trust === 'browser'
  if (!(word ? WORDS : BEGINS).has(event.type)) return []
  // A browser alone makes no order: strangers must not be able to have us ask about thousands.
  if (word && !isKnown(facts)) return []
  // What is told late has begun when it began, but is asked about from now on.
  const startedAt = Math.min(event.time, event.receivedAt)
  if (startedAt < now - NEWS) return []
  return connectionsFor(config, event)
    .filter(({ rules }) => rules.silent || word)
    .map(({ id, rules }) => ({
      order,
      connection: id,
      kind: 'unpaid',
      startedAt,
      dueAt: word ? now : Math.max(now, startedAt + (rules.delays[0] ?? 0)),
      payment: null,
    }))
}

/** Whom to ask: the connection that spoke, those of the rail that it named, and where none was named every silent one. */
function connectionsFor({ asked }: ShopConfig, event: Event): readonly AskedConnection[] {
  const rail = event.data.payment?.rail
  const own = asked.filter(
    ({ id, rules }) => id === event.connection || (rail !== undefined && rules.rail === rail),
  )
  if (own.length > 0 || rail !== undefined) return own
  return event.trust === 'browser' ? asked : asked.filter(({ rules }) => rules.silent)
}

const isKnown = (facts: OrderFacts) =>
  Object.values(facts).some((list) => (list as readonly { 1: number }[]).some((fact) => fact[1] < BROWSER))
