import { readCounters } from '../db/cap-slots.ts'
import { readCaps } from '../db/caps.ts'
import type { Db } from '../db/connect.ts'
import { type ContactRow, findContact, readContacts, readCustomers } from '../db/contacts.ts'
import { type MessageRow, messagesOfOrder } from '../db/messages.ts'
import { findOrder, type OrderRow, readOrderRows } from '../db/orders.ts'
import { type RunRow, runsOf, type ToldRun } from '../db/runs.ts'
import { readSwitches } from '../db/switches.ts'
import { readEvents } from '../db/todo.ts'
import type { Event } from '../domain/event.ts'
import { decodeVerdict, plainVerdict } from '../domain/gate/verdict.ts'
import type { CustomerId, OrderId, ShopId } from '../domain/ids.ts'
import { maskAddress, maskName } from '../domain/mask.ts'
import { countryOfPhone } from '../domain/order/contact.ts'
import { customerOf } from '../domain/order/customer.ts'
import { eventsIn, type OrderFacts } from '../domain/order/facts.ts'
import { refsOf } from '../domain/order/refs.ts'
import { type Chapter, storyOf } from '../domain/order/story.ts'
import { DAY, toIso } from '../domain/time.ts'
import { subjectId } from './apply-loose.ts'
import type { ShopVault } from './keyring.ts'
import { openEvent } from './open-event.ts'
import { reachOfAll } from './people.ts'
import type { Subject } from './run-flows.ts'
import type { LoadedFlow, ShopConfig } from './shop-config.ts'
import type { TrialCase, TrialContact } from './trial-case.ts'

export interface CaseScene {
  readonly db: Db
  readonly shop: ShopId
  readonly config: ShopConfig
  readonly vault: ShopVault
}

/** The order with every event of it that a flow can be tried on, oldest first. */
export interface OrderStory {
  readonly row: OrderRow
  readonly runs: readonly ToldRun[]
  readonly chapters: readonly Chapter[]
}

/** An order's story; `event`: one that decide may not have applied yet. */
export async function openStory(scene: CaseScene, id: OrderId, event?: Event): Promise<OrderStory | null> {
  const { db, shop, vault } = scene
  let [row] = await readOrderRows(db, shop, [id])
  for (let hops = 0; row?.merged_into && hops < 10; hops++)
    [row] = await readOrderRows(db, shop, [row.merged_into])
  if (!row) return null
  const text = vault.sealer.openText(row.facts, { shop, column: 'orders.facts', row: row.id })
  const known = JSON.parse(text) as OrderFacts
  const runs = await runsOf(db, shop, row.id)
  const ids = new Set([...eventsIn(known), ...runs.map(({ event_id }) => event_id)])
  if (event) ids.add(event.key)
  const events = (await readEvents(db, shop, [...ids])).map((each) => openEvent(shop, each, vault))
  return { row, runs, chapters: storyOf(known, events) }
}

/** The story of the order that an event speaks of. */
export async function storyOfEvent(scene: CaseScene, event: Event): Promise<OrderStory | null> {
  for (const ref of refsOf(event)) {
    const id = await findOrder(scene.db, scene.shop, ref)
    const story = id && (await openStory(scene, id, event))
    if (story) return story
  }
  return null
}

/** A flow tried on one event of an order, with the order as it was known then. */
export async function caseOfOrder(
  scene: CaseScene,
  flow: LoadedFlow,
  { row, runs }: OrderStory,
  { event, view }: Chapter,
): Promise<TrialCase> {
  const { db, shop, config, vault } = scene
  const [rows, messages, customer] = await Promise.all([
    row.contact_ids.length > 0 ? readContacts(db, shop, row.contact_ids) : [],
    messagesOfOrder(db, shop, row.id),
    findCustomer(scene, row.customer_id),
  ])
  const reach = reachOfAll({ shop, config, vault }, rows)
  const subject: Subject = {
    id: row.id,
    orderId: row.id,
    view,
    customerId: row.customer_id,
    locale: customer?.locale ?? view.locale,
    timeZone: customer?.time_zone ?? view.timeZone,
    contacts: row.contact_ids.flatMap((id) => reach.get(id) ?? []),
  }
  const own = new Set(
    runs.filter((run) => run.flow === flow.key && run.event_id === event.key).map(({ id }) => id),
  )
  const caused = messages.filter(({ run_id }) => run_id !== null && own.has(run_id))
  return {
    event,
    subject,
    earlier: earlierRuns(flow, runs, event),
    heldByReview: row.held_by_review,
    ...(await peopleOf(scene, event, { customer, rows, caused })),
  }
}

/** A flow tried on an event about no order. */
export async function caseOfLoose(scene: CaseScene, flow: LoadedFlow, event: Event): Promise<TrialCase> {
  const { db, shop, config, vault } = scene
  const id = subjectId(scene, event)
  const claim = customerOf(event, { country: config.row.country })
  const found = await Promise.all(
    (claim?.contacts ?? []).map(({ channel, identity }) =>
      findContact(db, shop, channel, vault.index(`contact.${channel}`, identity)),
    ),
  )
  const rows = found.filter((row) => row !== null)
  const customer = await findCustomer(scene, rows.find(({ customer_id }) => customer_id)?.customer_id ?? null)
  const subject: Subject = {
    id,
    orderId: null,
    view: null,
    customerId: customer?.id ?? null,
    locale: customer?.locale ?? null,
    timeZone: customer?.time_zone ?? null,
    contacts: [...reachOfAll({ shop, config, vault }, rows).values()],
  }
  return {
    event,
    subject,
    earlier: earlierRuns(flow, await runsOf(db, shop, id), event),
    heldByReview: false,
    ...(await peopleOf(scene, event, { customer, rows, caused: [] })),
  }
}

/** The customer, or who they have become part of. */
async function findCustomer({ db, shop }: CaseScene, id: CustomerId | null) {
  if (id === null) return null
  let [row] = await readCustomers(db, shop, [id])
  for (let hops = 0; row?.merged_into && hops < 10; hops++)
    [row] = await readCustomers(db, shop, [row.merged_into])
  return row ?? null
}

/** Runs of the flow that were there when the event came, as they stood then. */
function earlierRuns(flow: LoadedFlow, runs: readonly ToldRun[], event: Event): readonly RunRow[] {
  return runs
    .filter((run) => run.flow === flow.key && run.event_id < event.key && run.started_at <= event.receivedAt)
    .map((run) => (run.updated_at > event.receivedAt ? { ...run, status: 'active' } : run))
}

interface Receivers {
  readonly customer: Awaited<ReturnType<typeof findCustomer>>
  readonly rows: readonly ContactRow[]
  /** What the event has really led to: it is not to stand in the way of its own trial. */
  readonly caused: readonly MessageRow[]
}

/** Addresses, wishes and counts as they stand now. */
async function peopleOf(scene: CaseScene, event: Event, { customer, rows, caused }: Receivers) {
  const { db, shop, config, vault } = scene
  const members = [...new Set(config.members.map(({ contact_id }) => contact_id))]
  const theirs = members.length > 0 ? await readContacts(db, shop, members) : []
  const all = [...rows, ...theirs]
  const sinceDay = toIso(event.receivedAt - DAY).slice(0, 10)
  const holders = [...(customer ? [customer.id] : []), ...all.map(({ id }) => id)]
  const [switches, used, counters] = await Promise.all([
    readSwitches(db, shop),
    customer ? readCaps(db, shop, customer.id, sinceDay) : {},
    config.settings.caps.length > 0 && holders.length > 0 ? readCounters(db, shop, holders) : [],
  ])
  const gone = new Set<string>(caused.map(({ id }) => id))
  return {
    switches,
    customer,
    name: customer && nameOf(vault, shop, customer),
    contacts: new Map(all.map((row) => [row.id, trialContact(vault, shop, row)])),
    used: withoutOwn(used, caused),
    counters: counters.map((row) => ({
      ...row,
      taken: Object.fromEntries(Object.entries(row.taken).filter(([id]) => !gone.has(id))),
    })),
  }
}

function nameOf(vault: ShopVault, shop: ShopId, { id, profile }: NonNullable<Receivers['customer']>) {
  const text = vault.sealer.openText(profile, { shop, column: 'customer.profile', row: id })
  const { name } = JSON.parse(text) as { readonly name?: string | null }
  return name ? maskName(name) : null
}

function trialContact(vault: ShopVault, shop: ShopId, row: ContactRow): TrialContact {
  const { id, channel, address, state, verified, consent } = row
  const plain = vault.sealer.openText(address, { shop, column: 'contact.address', row: id })
  return {
    state,
    verified,
    consent,
    masked: maskAddress(channel, plain),
    whereabouts: channel === 'sms' ? countryOfPhone(plain) : undefined,
  }
}

function withoutOwn(used: Readonly<Record<string, number>>, caused: readonly MessageRow[]) {
  const left = { ...used }
  for (const { state, verdict } of caused) {
    const given = verdict === null ? null : decodeVerdict(plainVerdict(verdict))
    if (state !== 'sent' || given?.kind !== 'send' || given.capDay === null) continue
    if (left[given.capDay]) left[given.capDay]!--
  }
  return left
}

/** Members' contacts alone, for a sample: its buyer is made up. */
export const membersOf = (scene: CaseScene, event: Event) =>
  peopleOf(scene, event, { customer: null, rows: [], caused: [] })
