import { type Db, isRetryable, isUnavailable, sqlState, type Tx, transaction } from '../db/connect.ts'
import { readContacts, readCustomers } from '../db/contacts.ts'
import { collapseMessages, planMessages, stopMessages } from '../db/messages.ts'
import { type OrderToSave, saveOrders } from '../db/orders.ts'
import { addRuns, lockRunsOf, type RunRow, saveRuns } from '../db/runs.ts'
import { claimTodo, claimTodoOne, peekTodo, readEvents, setEventAside } from '../db/todo.ts'
import { readSwitches } from '../db/work.ts'
import type { Event } from '../domain/event.ts'
import type { Cause } from '../domain/flow/run.ts'
import { encodeVerdict, type ReasonCode } from '../domain/gate/verdict.ts'
import {
  type ContactId,
  type CustomerId,
  type EventId,
  type OrderId,
  type Random,
  type ShopId,
  uuidText,
} from '../domain/ids.ts'
import type { Channel } from '../domain/message.ts'
import { factsOf } from '../domain/order/event-facts.ts'
import { emptyFacts, joinFacts, type OrderFacts } from '../domain/order/facts.ts'
import { type OrderView, viewOrder } from '../domain/order/view.ts'
import type { Clock } from '../domain/time.ts'
import { applyRules, endMootReviews, type Watched, watchOrder } from './apply-rules.ts'
import { applyFeedback } from './feedback.ts'
import type { Keyring, ShopVault } from './keyring.ts'
import { openEvent } from './open-event.ts'
import { groupByOrder, type OrderGroup } from './order-groups.ts'
import { findPeople, type Person } from './people.ts'
import type { ReviewedOrder } from './review-events.ts'
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

export interface DecideDeps {
  readonly db: Db
  readonly keyring: Keyring
  readonly configs: ShopConfigs
  readonly clock: Clock
  readonly random: Random
  readonly log: { warn(fields: object, text: string): void; error(fields: object, text: string): void }
}

export interface Decided {
  /** Events applied. Fewer than the limit: nothing more was waiting. */
  readonly applied: number
  /** Channels with new messages. */
  readonly channels: ReadonlySet<Channel>
}

const NOTHING: Decided = { applied: 0, channels: new Set() }

/**
 * Applies up to `limit` waiting events of one shop in one transaction: orders, customers, runs, messages. An
 * event that cannot be applied is found by applying one at a time and set aside; the others go on.
 */
export async function decide(deps: DecideDeps, shop: ShopId, limit: number): Promise<Decided> {
  try {
    return await transaction(deps.db, async (tx) =>
      applyEvents(deps, tx, shop, await claimTodo(tx, shop, limit)),
    )
  } catch (error) {
    if (mustWait(error)) throw error
    deps.log.warn({ err: error, shop }, 'a batch of events could not be applied; trying them one by one')
    return decideOneByOne(deps, shop, limit)
  }
}

async function decideOneByOne(deps: DecideDeps, shop: ShopId, limit: number): Promise<Decided> {
  let applied = 0
  const channels = new Set<Channel>()
  for (const id of await peekTodo(deps.db, shop, limit)) {
    const one = await decideOne(deps, shop, id)
    applied += one.applied
    for (const channel of one.channels) channels.add(channel)
  }
  return { applied, channels }
}

async function decideOne(deps: DecideDeps, shop: ShopId, id: EventId): Promise<Decided> {
  try {
    return await transaction(deps.db, async (tx) =>
      (await claimTodoOne(tx, shop, id)) ? applyEvents(deps, tx, shop, [id]) : NOTHING,
    )
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
): Promise<Decided> {
  if (ids.length === 0) return NOTHING
  const [rows, vault, switches] = await Promise.all([
    readEvents(tx, shop, ids),
    deps.keyring.open(shop),
    readSwitches(tx, shop),
  ])
  const config = await deps.configs.get(shop, switches.config_version)
  const batch: Batch = { tx, shop, config, vault, random: deps.random, now: deps.clock.now() }
  const events = rows.map((row) => openEvent(shop, row, vault))
  const writes = noWrites()

  const groups = await groupByOrder(tx, shop, events, batch.now)
  const people = await findPeople({ ...batch, country: config.row.country }, events)
  await applyToOrders(deps, batch, groups, people, writes)
  const grouped = new Set(groups.flatMap((group) => group.events))
  const loose = events.filter((event) => !grouped.has(event))
  await applyLoose(deps, batch, loose, people, writes)
  const fresh = new Set(groups.flatMap((group) => (group.rows.length === 0 ? [group.id] : [])))
  const channels = await write(batch, writes, fresh)
  // Last, as it locks messages: orders, runs, work and messages are locked in this order everywhere.
  await applyFeedback(batch, events)
  return { applied: ids.length, channels }
}

async function applyToOrders(
  deps: DecideDeps,
  batch: Batch,
  groups: readonly OrderGroup[],
  people: ReadonlyMap<Event, Person>,
  writes: FlowWrites,
): Promise<void> {
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
  const toSave: OrderToSave[] = []
  const paid: OrderGroup[] = []
  const closed: OrderGroup[] = []
  const watched: Watched[] = []
  const held: ReviewedOrder[] = []
  for (const group of groups) {
    const { facts, view, before } = foldGroup(batch, group)
    const subject = subjectOfOrder(group, view, people, known)
    await workRuns(deps, batch, group, subject, runsOf.get(group.id) ?? [], writes)
    watched.push(...watchOrder(batch.config, subject, view, group.events, batch.now))
    if (group.rows.some((row) => row.held_by_review))
      held.push({ id: group.id, view, contacts: subject.contacts.map((contact) => contact.id) })
    if (view.paidAt !== null && before?.paidAt == null) paid.push(group)
    if (isClosed(view) && !(before && isClosed(before))) closed.push(group)
    toSave.push({
      id: group.id,
      no: view.no,
      status: view.status,
      customer: subject.customerId,
      contacts: subject.contacts.map((contact) => contact.id),
      paidAt: view.paidAt,
      expiresAt: view.expiresAt,
      facts: batch.vault.sealer.seal(JSON.stringify(facts), { shop, column: 'orders.facts', row: group.id }),
    })
  }
  await saveOrders(tx, shop, toSave, batch.now)
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
  readonly contacts: ReadonlyMap<ContactId, Channel>
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
    contacts: new Map(contacts.map((row) => [row.id, row.channel])),
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
  const contacts = new Map<ContactId, Channel>()
  for (const row of group.rows) {
    for (const id of row.contact_ids) {
      const channel = known.contacts.get(id)
      if (channel) contacts.set(id, channel)
    }
  }
  for (const person of named) for (const { id, channel } of person.contacts) contacts.set(id, channel)
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
    contacts: [...contacts].map(([id, channel]) => ({ id, channel })),
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

/**
 * Writes runs and messages; gives the channels that have something new to gate. `fresh`: orders that are new, which
 * have no older message to replace.
 */
export async function write(
  { tx, shop, now }: { readonly tx: Tx; readonly shop: ShopId; readonly now: number },
  writes: FlowWrites,
  fresh: ReadonlySet<OrderId> = new Set(),
): Promise<ReadonlySet<Channel>> {
  const [started] = await Promise.all([
    addRuns(tx, shop, writes.started, now),
    saveRuns(tx, shop, writes.changed, now),
  ])
  const changed = new Set<string>(writes.changed.map((run) => run.id))
  const messages = [...writes.messages].flatMap(([run, planned]) =>
    changed.has(run) || started.has(run as RunRow['id']) ? planned : [],
  )
  const planned = new Set(await planMessages(tx, shop, messages, now))
  const newer = messages.flatMap(({ id, orderId: order, collapseKey: key }) =>
    order !== null && key !== null && planned.has(id) && !fresh.has(order) ? [{ id, order, key }] : [],
  )
  if (newer.length > 0) await collapseMessages(tx, shop, newer, now)
  return new Set(messages.filter((message) => planned.has(message.id)).map((message) => message.channel))
}
