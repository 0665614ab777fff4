import type { InquiryToStart } from '../db/inquiries.ts'
import type { Event } from '../domain/event.ts'
import { clockOf } from '../domain/healing/clocks.ts'
import type { OrderId } from '../domain/ids.ts'
import { healingOf, paymentKey } from '../domain/order/event-facts.ts'
import { BROWSER, joinFacts, type OrderFacts } from '../domain/order/facts.ts'
import { type OrderView, takesNoPayment, viewOrder } from '../domain/order/view.ts'
import { DAY, type Instant, SECOND } from '../domain/time.ts'
import type { AskedConnection } from './asked-connections.ts'
import type { CountedTries } from './card-tries.ts'
import { canAskShop, canRetry, failureOf, triesSoFar } from './failures.ts'
import type { FlowScene } from './run-flows.ts'
import type { ShopConfig } from './shop-config.ts'

/** However often somebody's word comes, one order is not asked about more often. */
export const LEAST_GAP = 5 * SECOND

/** Older news are history: an import of last year's orders is no reason to ask about them. */
const NEWS = DAY

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
    const healed = toHeal(config, retrying, group.id, event, facts, { now, restoredAt })
    if (healed) {
      if (healed.kind === 'platform') facts = joinFacts(facts, healingOf(event))
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

/** Words of those who know, as opposed to what we inferred ourselves. */
const TELLS: ReadonlySet<string> = new Set(['signed', 'authenticated', 'queried'])

/** The healing of the failure that `event` tells, where it is a platform's and somebody may do something about it. */
function toHeal(
  config: ShopConfig,
  retrying: CountedTries,
  order: OrderId,
  event: Event,
  facts: OrderFacts,
  { now, restoredAt }: Pick<FlowScene, 'now' | 'restoredAt'>,
): (InquiryToStart & { readonly kind: 'platform' | 'unknown' }) | null {
  if (event.type !== 'payment.failed' || !TELLS.has(event.trust)) return null
  const connection = config.asked.find(({ id }) => id === event.connection)
  // Once an order: a second failure of the kind is the buyer's to look at.
  if (!connection || facts.h !== undefined) return null
  const payment = paymentKey(event)
  const failure = failureOf(facts, payment)
  // The buyer of yesterday may have paid elsewhere, or changed his mind: nothing is charged for him out of the blue.
  if (!failure || failure.at < now - NEWS) return null
  const canAct = canRetry(retrying, connection) || canAskShop(config)
  const clock = clockOf(retrying.rules.classOf(failure), canAct)
  if (clock === 'customer') return null
  if (clock === 'platform') {
    // The system that was backed up may have tried it, or asked the shop to: then nobody may a second time.
    if (restoredAt !== null && event.receivedAt <= restoredAt) return null
    const tries = triesSoFar(retrying, connection, facts, failure, retrying.onCard(failure.card))
    const verdict = retrying.rules.mayRetry(tries, now)
    if (verdict.kind === 'never') return null
  }
  // Told after the fact (a rail that was away): the clock runs from when we heard of it.
  return { order, connection: connection.id, kind: clock, startedAt: now, dueAt: now, payment }
}
