import { type Db, isRetryable, isUnavailable, sqlState, type Tx, transaction } from '../db/connect.ts'
import { readContacts, readCustomers } from '../db/contacts.ts'
import { countUnknownCodes } from '../db/failure-codes.ts'
import { hurryInquiries, type InquiryToStart, startInquiries } from '../db/inquiries.ts'
import { stopMessages } from '../db/messages.ts'
import { type OrderToSave, saveOrders } from '../db/orders.ts'
import { lockRunsOf, type RunRow } from '../db/runs.ts'
import { claimTodo, claimTodoOne, peekTodo, readEvents, setEventAside } from '../db/todo.ts'
import { readSwitches } from '../db/work.ts'
import type { Event } from '../domain/event.ts'
import type { Cause } from '../domain/flow/run.ts'
import { encodeVerdict, type ReasonCode } from '../domain/gate/verdict.ts'
import type { RetryRules } from '../domain/healing/rules.ts'
import {
  type ContactId,
  type CustomerId,
  type EventId,
  type Random,
  type ShopId,
  uuidText,
} from '../domain/ids.ts'
import type { Channel } from '../domain/message.ts'
import { factsOf } from '../domain/order/event-facts.ts'
import { emptyFacts, joinFacts, type OrderFacts } from '../domain/order/facts.ts'
import { type OrderView, viewOrder } from '../domain/order/view.ts'
import type { Clock } from '../domain/time.ts'
import { beginInquiries, LEAST_GAP } from './begin-inquiries.ts'
import { countTries } from './card-tries.ts'
import { applyFeedback } from './feedback.ts'
import type { Keyring, ShopVault } from './keyring.ts'
import { openEvent } from './open-event.ts'
import { groupByOrder, type OrderGroup } from './order-groups.ts'
import { findPeople, type Person, type Reach, reachOf } from './people.ts'
import { keepRecalled, type Recall, type Recalled } from './recall.ts'
import {
  type FlowScene,
  type FlowWrites,
  flowEvent,
  moveRun,
  noWrites,
  type Subject,
  startFlows,
} from './run-flows.ts'
import type { ShopConfig, ShopConfigs } from './shop-config.ts'
import { spreadNews } from './topics.ts'
import { unknownCodesIn } from './unknown-codes.ts'
import { write } from './write-flows.ts'

export interface DecideDeps {
  readonly db: Db
  readonly recall: Recall
  readonly keyring: Keyring
  readonly configs: ShopConfigs
  readonly clock: Clock
  readonly random: Random
  /** What a shop's failures mean, and what may be retried by itself. */
  readonly retries: (config: ShopConfig) => RetryRules
  readonly log: { warn(fields: object, text: string): void; error(fields: object, text: string): void }
}

export interface Decided {
  /** Events applied. Fewer than the limit: nothing more was waiting. */
  readonly applied: number
  /** Channels with new messages. */
  readonly channels: ReadonlySet<Channel>
}

/** What applying events came to. */
export interface Applied extends Decided {
  /** How often a failure code came that nobody knows. */
  readonly unknownCodes: number
}

const NOTHING: Applied & { readonly recalled: Recalled } = {
  applied: 0,
  channels: new Set(),
  unknownCodes: 0,
  recalled: { orders: [], people: { addresses: new Map(), names: new Map() } },
}

/**
 * Applies up to `limit` waiting events of one shop in one transaction: orders, customers, runs, messages. An
 * event that cannot be applied is found by applying one at a time and set aside; the others go on.
 */
export async function decide(deps: DecideDeps, shop: ShopId, limit: number): Promise<Applied> {
  try {
    const { recalled, ...decided } = await transaction(deps.db, async (tx) =>
      applyEvents(deps, tx, shop, await claimTodo(tx, shop, limit)),
    )
    // Only now is it true.
    keepRecalled(deps.recall, recalled)
    return decided
  } catch (error) {
    if (mustWait(error)) throw error
    deps.log.warn({ err: error, shop }, 'a batch of events could not be applied; trying them one by one')
    return decideOneByOne(deps, shop, limit)
  }
}

async function decideOneByOne(deps: DecideDeps, shop: ShopId, limit: number): Promise<Applied> {
  let applied = 0
  let unknownCodes = 0
  const channels = new Set<Channel>()
  for (const id of await peekTodo(deps.db, shop, limit)) {
    const one = await decideOne(deps, shop, id)
    applied += one.applied
    unknownCodes += one.unknownCodes
    for (const channel of one.channels) channels.add(channel)
  }
  return { applied, channels, unknownCodes }
}

async function decideOne(deps: DecideDeps, shop: ShopId, id: EventId): Promise<Applied> {
  try {
    const { recalled: _, ...decided } = await transaction(deps.db, async (tx) =>
      (await claimTodoOne(tx, shop, id)) ? applyEvents(deps, tx, shop, [id]) : NOTHING,
    )
    return decided
  } catch (error) {
    if (mustWait(error)) throw error
    if (wasInterrupted(error)) {
      deps.log.warn({ err: error, shop, event: id }, 'applying an event was interrupted; it stays due')
      return NOTHING
    }
    deps.log.error({ err: error, shop, event: id }, 'an event cannot be applied and is set aside')
    await transaction(deps.db, async (tx) => {
      if (await claimTodoOne(tx, shop, id))
        await setEventAside(tx, shop, id, reasonOf(error), deps.clock.now())
    })
    return { ...NOTHING, applied: 1 }
  }
}

/** What may be shown of a fault. Texts of the database and of the language quote the value they dislike, so only their kind stays. */
function reasonOf(error: unknown): string {
  const state = sqlState(error)
  if (state !== undefined) return `the database refused it (SQLSTATE ${state})`
  if (error instanceof RangeError || error instanceof SyntaxError || error instanceof TypeError)
    return error.name
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}

/** Cancelled or timed out (57014), not driven for too long (25P03), a lock not got (55P03): says nothing about the event. */
export const wasInterrupted = (error: unknown) => ['57014', '25P03', '55P03'].includes(sqlState(error) ?? '')

/** Neither these events nor any others can be applied at the moment. */
export const mustWait = (error: unknown) =>
  isRetryable(error) || (isUnavailable(error) && !wasInterrupted(error))

/** Everything one transaction works with. */
interface Batch extends FlowScene {
  readonly tx: Tx
  readonly shop: ShopId
  readonly config: ShopConfig
  readonly vault: ShopVault
}

async function applyEvents(
  deps: DecideDeps,
  tx: Tx,
  shop: ShopId,
  ids: readonly EventId[],
): Promise<Applied & { readonly recalled: Recalled }> {
  if (ids.length === 0) return NOTHING
  const inHand = ids.flatMap((id) => deps.recall.events.take(id) ?? [])
  const known = new Set(inHand.map((event) => event.key))
  const unknown = ids.filter((id) => !known.has(id))
  const [rows, vault, switches] = await Promise.all([
    unknown.length === 0 ? [] : readEvents(tx, shop, unknown),
    deps.keyring.open(shop),
    readSwitches(tx, shop),
  ])
  const config = await deps.configs.get(shop, switches.config_version)
  const batch: Batch = { tx, shop, config, vault, random: deps.random, now: deps.clock.now() }
  const events = [...inHand, ...rows.map((row) => openEvent(shop, row, vault))].sort(byKey)
  const writes = noWrites()

  const groups = await groupByOrder(tx, shop, events, batch.now)
  const { found: people, fresh: freshPeople } = await findPeople(
    { ...batch, country: config.row.country },
    events,
  )
  const orders = await applyToOrders(deps, batch, groups, people, writes)
  const grouped = new Set(groups.flatMap((group) => group.events))
  const loose = events.filter((event) => !grouped.has(event))
  await applyLoose(deps, batch, loose, people, writes)
  await spreadNews(tx, shop, vault, loose, batch.now)
  const fresh = new Set(groups.flatMap((group) => (group.rows.length === 0 ? [group.id] : [])))
  const channels = await write(batch, writes, fresh)
  // Late, as it locks messages: orders, runs, work and messages are locked in this order everywhere.
  await applyFeedback(batch, events)
  const strange = unknownCodesIn(config, events)
  if (strange.length > 0) await countUnknownCodes(tx, shop, strange)
  const unknownCodes = strange.reduce((sum, { seen }) => sum + seen, 0)
  return { applied: ids.length, channels, unknownCodes, recalled: { orders, people: freshPeople } }
}

const byKey = (a: Event, b: Event) => (a.key < b.key ? -1 : 1)

async function applyToOrders(
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
  const told = groups.flatMap((group) => group.events)
  const retrying = await countTries(batch, deps.retries(batch.config), told)
  for (const group of groups) {
    const { before, ...folded } = foldGroup(batch, group)
    const { facts, view, start, hurry } = beginInquiries(batch.config, retrying, group, folded, batch.now)
    asks.start.push(...start)
    asks.hurry.push(...hurry)
    const subject = subjectOfOrder(group, view, people, known)
    await workRuns(deps, batch, group, subject, runsOf.get(group.id) ?? [], writes)
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

/** Events about no order: a product that runs low, a membership. Those that name the same thing share its runs. */
async function applyLoose(
  deps: DecideDeps,
  batch: Batch,
  events: readonly Event[],
  people: ReadonlyMap<Event, Person>,
  writes: FlowWrites,
): Promise<void> {
  const heard = batch.config.flows.some((flow) => flow.compiled.flow.subject === 'event')
  if (!heard || events.length === 0) return
  const bySubject = Map.groupBy(events, (event) => subjectId(batch, event))
  const known = await lockRunsOf(batch.tx, batch.shop, [...bySubject.keys()])
  const runsOf = Map.groupBy(known, (run) => run.subject_id)
  for (const [id, own] of bySubject) {
    for (const event of own) {
      const runs = runsOf.get(id) ?? []
      const subject = subjectOfEvent(id, people.get(event))
      runsOf.set(id, await workRuns(deps, batch, { events: [event] }, subject, runs, writes))
    }
  }
}

/** What the sender calls the thing may be a person's address: hashed, it is an id like an order's. */
const subjectId = ({ vault }: Batch, event: Event): string =>
  event.subject === null ? event.key : uuidText(vault.hash('event.subject', event.subject).subarray(0, 16))

const subjectOfEvent = (id: string, person: Person | undefined): Subject => ({
  id,
  orderId: null,
  view: null,
  customerId: person?.customer ?? null,
  locale: person?.locale ?? null,
  timeZone: person?.timeZone ?? null,
  contacts: person?.contacts ?? [],
})

/** Lets each event reach the runs that wait for it, stops the runs the order's new state ends, starts new ones. */
async function workRuns(
  deps: DecideDeps,
  batch: Batch,
  group: Pick<OrderGroup, 'events'>,
  subject: Subject,
  known: readonly RunRow[],
  writes: FlowWrites,
): Promise<RunRow[]> {
  const runs = [...known]
  const move = async (cause: Cause, event: Event | null) => {
    for (const [at, run] of runs.entries()) {
      if (run.status !== 'active') continue
      const flow = await deps.configs.flowAt(batch.shop, run.flow, run.version)
      if (flow) runs[at] = moveRun(batch, subject, flow, run, cause, event, writes)
    }
  }
  await move({ kind: 'recheck' }, null)
  // As it happened, so that a run that one event starts hears the next, as it would in two batches.
  for (const event of group.events.toSorted(earlierFirst)) {
    // A browser may be wrong or lying: what it says never starts anything that costs or asserts.
    const believed = event.trust !== 'browser'
    if (believed || !event.type.startsWith('order.')) {
      await move({ kind: 'event', event: flowEvent(event) }, event)
    }
    if (believed) startFlows(batch, subject, event, runs, writes)
  }
  return runs
}

const earlierFirst = (a: Event, b: Event) => a.time - b.time || (a.key < b.key ? -1 : 1)
