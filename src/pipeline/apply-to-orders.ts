import { readContacts, readCustomers } from '../db/contacts.ts'
import { hurryInquiries, type InquiryToStart, startInquiries } from '../db/inquiries.ts'
import { stopMessages } from '../db/messages.ts'
import { type OrderToSave, saveOrders } from '../db/orders.ts'
import { lockRunsOf } from '../db/runs.ts'
import type { Event } from '../domain/event.ts'
import { encodeVerdict, type ReasonCode } from '../domain/gate/verdict.ts'
import type { ContactId, CustomerId } from '../domain/ids.ts'
import { factsOf } from '../domain/order/event-facts.ts'
import { emptyFacts, joinFacts, type OrderFacts } from '../domain/order/facts.ts'
import { type OrderView, viewOrder } from '../domain/order/view.ts'
import { applyRules, endMootReviews, type Watched, watchOrder } from './apply-rules.ts'
import type { Batch, DecideDeps } from './batch.ts'
import { beginInquiries, LEAST_GAP } from './begin-inquiries.ts'
import type { OrderGroup } from './order-groups.ts'
import { type Person, type Reach, reachOf } from './people.ts'
import type { Recalled } from './recall.ts'
import type { ReviewedOrder } from './review-events.ts'
import type { FlowWrites, Subject } from './run-flows.ts'
import { workRuns } from './work-runs.ts'

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
  const toSave: (OrderToSave & { readonly view: OrderView })[] = []
  const paid: OrderGroup[] = []
  const closed: OrderGroup[] = []
  const asks = { start: [] as InquiryToStart[], hurry: [] as InquiryToStart[] }
  const watched: Watched[] = []
  const held: ReviewedOrder[] = []
  for (const group of groups) {
    const { before, ...folded } = foldGroup(batch, group)
    const { facts, view, start, hurry } = beginInquiries(batch.config, deps.retries, group, folded, batch.now)
    asks.start.push(...start)
    asks.hurry.push(...hurry)
    const subject = subjectOfOrder(group, view, people, known)
    await workRuns(deps, batch, group, subject, runsOf.get(group.id) ?? [], writes)
    watched.push(...watchOrder(batch.config, subject, view, group.events, batch.now))
    if (group.rows.some((row) => row.held_by_review))
      held.push({ id: group.id, view, contacts: subject.contacts.map((contact) => contact.id) })
    if (view.paidAt !== null && before?.paidAt == null) paid.push(group)
    if (isClosed(view) && !(before && isClosed(before))) closed.push(group)
    toSave.push({
      id: group.id,
      isNew: group.rows.length === 0,
      // Grows with every write, also within one millisecond: what was opened under it is known to hold.
      updatedAt: Math.max(batch.now, ...group.rows.map((row) => row.updated_at + 1)),
      view,
      no: view.no,
      status: view.status,
      customer: subject.customerId,
      contacts: subject.contacts.map((contact) => contact.id),
      paidAt: view.paidAt,
      expiresAt: view.expiresAt,
      facts: batch.vault.sealer.seal(JSON.stringify(facts), { shop, column: 'orders.facts', row: group.id }),
    })
  }
  await saveOrders(tx, shop, toSave)
  await startInquiries(tx, shop, asks.start, LEAST_GAP)
  await hurryInquiries(tx, shop, asks.hurry, LEAST_GAP)
  await endMootReviews(
    batch,
    held.filter(({ view }) => view.paidAt !== null),
    'paid',
  )
  await endMootReviews(
    batch,
    held.filter(({ view }) => isClosed(view)),
    'closed',
  )
  await applyRules(batch, watched)
  await stop(batch, paid, 'paid', 'paid')
  await stop(batch, closed, 'closed', 'order_cancelled')
  return toSave
}

const isClosed = (view: OrderView) => ['cancelled', 'expired', 'refunded'].includes(view.status)

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
  for (const event of group.events) facts = joinFacts(facts, factsOf(event))
  return { facts, before, view: viewOrder(facts) }
}

interface Known {
  readonly contacts: ReadonlyMap<ContactId, Reach>
  readonly customers: ReadonlyMap<
    CustomerId,
    { readonly locale: string | null; readonly time_zone: string | null }
  >
}

/** Addresses and customers of orders that were there before. */
async function knownPeople({ tx, shop }: Batch, groups: readonly OrderGroup[]): Promise<Known> {
  const contactIds = groups.flatMap((group) => group.rows.flatMap((row) => row.contact_ids))
  const customerIds = groups.flatMap((group) => group.rows.flatMap((row) => row.customer_id ?? []))
  const [contacts, customers] = await Promise.all([
    contactIds.length > 0 ? readContacts(tx, shop, contactIds) : [],
    customerIds.length > 0 ? readCustomers(tx, shop, customerIds) : [],
  ])
  return {
    contacts: new Map(contacts.map((row) => [row.id, reachOf(row)])),
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
