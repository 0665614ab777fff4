import { readContacts, readCustomers } from '../db/contacts.ts'
import { hurryInquiries, startInquiries } from '../db/inquiries.ts'
import { stopMessages } from '../db/messages.ts'
import { type OrderToSave, saveOrders } from '../db/orders.ts'
import { lockRunsOf, type RunRow } from '../db/runs.ts'
import { boundAt, type Event } from '../domain/event.ts'
import { encodeVerdict, type ReasonCode } from '../domain/gate/verdict.ts'
import type { ContactId, CustomerId, EventId } from '../domain/ids.ts'
import type { Money } from '../domain/money.ts'
import { factsOf } from '../domain/order/event-facts.ts'
import { emptyFacts, joinFacts, type OrderFacts } from '../domain/order/facts.ts'
import { newlyRefunded } from '../domain/order/refunds.ts'
import { isClosed, type OrderView, viewOrder } from '../domain/order/view.ts'
import { leavesNothing } from '../domain/review/life.ts'
import { ENDS } from '../domain/review/rule.ts'
import { applyRules, type EndedOrder, endMootReviews, type Watched, watchOrder } from './apply-rules.ts'
import type { Batch, DecideDeps } from './batch.ts'
import { type Begun, beginInquiries, LEAST_GAP } from './begin-inquiries.ts'
import { type CountedTries, countTries } from './card-tries.ts'
import type { OrderGroup } from './order-groups.ts'
import { type Person, type Reach, reachOfAll } from './people.ts'
import type { Recalled } from './recall.ts'
import type { FlowWrites, Subject } from './run-flows.ts'
import { earlierFirst, workRuns } from './work-runs.ts'

export async function applyToOrders(
  deps: DecideDeps,
  batch: Batch,
  groups: readonly OrderGroup[],
  people: ReadonlyMap<Event, Person>,
  writes: FlowWrites,
): Promise<Recalled['orders']> {
  const { tx, shop } = batch
  const old = groups.filter((group) => group.rows.length > 0)
  const [known, runs] = await Promise.all([
    knownPeople(batch, old),
    old.length === 0
      ? []
      : lockRunsOf(
          tx,
          shop,
          old.map((group) => group.id),
        ),
  ])
  const runsOf = Map.groupBy(runs, (run) => run.subject_id)
  const told = groups.flatMap((group) => group.events)
  const retrying = await countTries(batch, deps.retries(batch.config), told)
  const applied: AppliedOrder[] = []
  for (const group of groups)
    applied.push(
      await applyGroup(
        deps,
        batch,
        group,
        { people, known, retrying, runs: runsOf.get(group.id) ?? [] },
        writes,
      ),
    )
  await settleOrders(batch, applied)
  return applied.map((order) => order.toSave)
}

/** One order after its events: what is to be written about it, and what follows from it. */
interface AppliedOrder {
  readonly group: OrderGroup
  readonly toSave: OrderToSave & { readonly view: OrderView }
  readonly begun: Pick<Begun, 'start' | 'hurry'>
  readonly watched: readonly Watched[]
  readonly becamePaid: boolean
  readonly becameClosed: boolean
}

interface Around {
  readonly people: ReadonlyMap<Event, Person>
  readonly known: Known
  readonly retrying: CountedTries
  readonly runs: readonly RunRow[]
}

async function applyGroup(
  deps: DecideDeps,
  batch: Batch,
  group: OrderGroup,
  { people, known, retrying, runs }: Around,
  writes: FlowWrites,
): Promise<AppliedOrder> {
  const { shop, config, now, vault } = batch
  const { before, gaveBack, ...folded } = foldGroup(batch, group)
  const { facts, view, ...begun } = beginInquiries(config, retrying, group, folded, batch)
  const subject = { ...subjectOfOrder(group, view, people, known), gaveBack }
  await workRuns(deps, batch, group, subject, runs, writes)
  return {
    group,
    begun,
    watched: watchOrder(config, subject, view, group.events, now),
    becamePaid: view.paidAt !== null && before?.paidAt == null,
    becameClosed: isClosed(view) && !(before && isClosed(before)),
    toSave: {
      id: group.id,
      isNew: group.rows.length === 0,
      // Grows with every write, also within one millisecond: what was opened under it is known to hold.
      updatedAt: Math.max(now, ...group.rows.map((row) => row.updated_at + 1)),
      view,
      no: view.no,
      status: view.status,
      customer: subject.customerId,
      contacts: subject.contacts.map((contact) => contact.id),
      paidAt: view.paidAt,
      expiresAt: view.expiresAt,
      facts: vault.sealer.seal(JSON.stringify(facts), { shop, column: 'orders.facts', row: group.id }),
    },
  }
}

/** Writes the orders, then what follows from their new state: questions, reviews that are moot, messages that must not go. */
async function settleOrders(batch: Batch, applied: readonly AppliedOrder[]): Promise<void> {
  const { tx, shop } = batch
  await saveOrders(
    tx,
    shop,
    applied.map((order) => order.toSave),
  )
  const start = applied.flatMap((order) => order.begun.start)
  const hurry = applied.flatMap((order) => order.begun.hurry)
  await startInquiries(tx, shop, start, LEAST_GAP)
  await hurryInquiries(tx, shop, hurry, LEAST_GAP)
  const held = applied.filter(({ group }) => group.rows.some((row) => row.held_by_review))
  for (const fact of ENDS)
    await endMootReviews(
      batch,
      held.filter(({ toSave }) => leavesNothing(fact, toSave.view)).map(ended),
      fact,
    )
  await applyRules(
    batch,
    applied.flatMap((order) => order.watched),
  )
  await stop(batch, applied.filter((order) => order.becamePaid).map(groupOf), 'paid', 'paid')
  await stop(batch, applied.filter((order) => order.becameClosed).map(groupOf), 'closed', 'order_cancelled')
}

const groupOf = ({ group }: AppliedOrder) => group
const ended = ({ group, toSave: { id, view, contacts } }: AppliedOrder): EndedOrder => ({
  id,
  view,
  contacts,
  boundAt: Math.max(...group.events.map(boundAt)),
})

async function stop(
  { tx, shop, now }: Batch,
  groups: readonly OrderGroup[],
  what: 'paid' | 'closed',
  reason: ReasonCode,
): Promise<void> {
  const old = groups.filter((group) => group.rows.length > 0).map((group) => group.id)
  if (old.length === 0) return
  await stopMessages(tx, shop, old, what, encodeVerdict({ kind: 'drop', reasons: [reason] }), now)
}

/** Joins what the batch says with what was known; merged orders bring their facts along. */
function foldGroup({ shop, vault }: Batch, group: OrderGroup) {
  let facts: OrderFacts = emptyFacts()
  for (const row of group.rows) {
    const text = vault.sealer.openText(row.facts, { shop, column: 'orders.facts', row: row.id })
    facts = joinFacts(facts, JSON.parse(text) as OrderFacts)
  }
  const before = group.rows.length > 0 ? viewOrder(facts) : null
  const gaveBack = new Map<EventId, readonly Money[]>()
  // Of two that tell of one refund the first is the one that flows see first.
  for (const event of group.events.toSorted(earlierFirst)) {
    const joined = joinFacts(facts, factsOf(event))
    if (event.type === 'order.refunded') gaveBack.set(event.key, newlyRefunded(facts, joined))
    facts = joined
  }
  return { facts, before, gaveBack, view: viewOrder(facts) }
}

interface Known {
  readonly contacts: ReadonlyMap<ContactId, Reach>
  readonly customers: ReadonlyMap<
    CustomerId,
    { readonly locale: string | null; readonly time_zone: string | null }
  >
}

/** Addresses and customers of orders that were there before. */
async function knownPeople(batch: Batch, groups: readonly OrderGroup[]): Promise<Known> {
  const { tx, shop } = batch
  const contactIds = groups.flatMap((group) => group.rows.flatMap((row) => row.contact_ids))
  const customerIds = groups.flatMap((group) => group.rows.flatMap((row) => row.customer_id ?? []))
  const [contacts, customers] = await Promise.all([
    contactIds.length > 0 ? readContacts(tx, shop, contactIds) : [],
    customerIds.length > 0 ? readCustomers(tx, shop, customerIds) : [],
  ])
  return {
    contacts: reachOfAll(batch, contacts),
    customers: new Map(customers.map((row) => [row.id, row])),
  }
}

function subjectOfOrder(
  group: OrderGroup,
  view: OrderView,
  people: ReadonlyMap<Event, Person>,
  known: Known,
): Subject {
  const named = group.events.flatMap((event) => people.get(event) ?? [])
  const contacts = new Map<ContactId, Reach>()
  for (const row of group.rows) {
    for (const id of row.contact_ids) {
      const reach = known.contacts.get(id)
      if (reach) contacts.set(id, reach)
    }
  }
  for (const person of named) for (const reach of person.contacts) contacts.set(reach.id, reach)
  const before = group.rows.find((row) => row.customer_id !== null)?.customer_id ?? null
  const person = named.at(-1)
  const customer = before === null ? undefined : known.customers.get(before)
  return {
    id: group.id,
    orderId: group.id,
    view,
    customerId: person?.customer ?? before,
    locale: person?.locale ?? customer?.locale ?? view.locale,
    timeZone: person?.timeZone ?? customer?.time_zone ?? view.timeZone,
    contacts: [...contacts.values()],
  }
}
