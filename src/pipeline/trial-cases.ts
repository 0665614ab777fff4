import { readContacts } from '../db/contacts.ts'
import { messagesOfOrder } from '../db/messages.ts'
import { findOrder, type OrderRow, readOrderRows } from '../db/orders.ts'
import { type RunRow, runsOf, type ToldRun } from '../db/runs.ts'
import { readEvents } from '../db/todo.ts'
import type { Event } from '../domain/event.ts'
import type { OrderId } from '../domain/ids.ts'
import { eventsIn, type OrderFacts } from '../domain/order/facts.ts'
import { refsOf } from '../domain/order/refs.ts'
import { type Chapter, storyOf } from '../domain/order/story.ts'
import { subjectId } from './apply-loose.ts'
import { openEvent } from './open-event.ts'
import type { Subject } from './run-flows.ts'
import type { LoadedFlow } from './shop-config.ts'
import type { CaseScene, TrialCase } from './trial-case.ts'
import { findCustomer, peopleOf, reachedBy } from './trial-people.ts'

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
  return { row, runs, chapters: togetherOf(storyOf(known, events)) }
}

/** What comes at one moment is known together: keys of one millisecond are in no order. */
function togetherOf(chapters: readonly Chapter[]): readonly Chapter[] {
  const last = new Map(chapters.map(({ event, view }) => [event.receivedAt, view]))
  return chapters.map((chapter) => ({ ...chapter, view: last.get(chapter.event.receivedAt)! }))
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
  { event, view, gaveBack }: Chapter,
): Promise<TrialCase> {
  const { db, shop } = scene
  const [rows, messages, customer] = await Promise.all([
    row.contact_ids.length > 0 ? readContacts(db, shop, row.contact_ids) : [],
    messagesOfOrder(db, shop, row.id),
    findCustomer(scene, row.customer_id),
  ])
  const reached = await reachedBy(
    scene,
    event,
    customer,
    row.contact_ids.flatMap((id) => rows.find((each) => each.id === id) ?? []),
  )
  const subject: Subject = {
    id: row.id,
    orderId: row.id,
    view,
    customerId: reached.person,
    locale: reached.customer?.locale ?? view.locale,
    timeZone: reached.customer?.time_zone ?? view.timeZone,
    contacts: reached.reach,
    ...(gaveBack && { gaveBack: new Map([[event.key, gaveBack]]) }),
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
    ...(await peopleOf(scene, event, reached, caused)),
  }
}

/** A flow tried on an event about no order. */
export async function caseOfLoose(scene: CaseScene, flow: LoadedFlow, event: Event): Promise<TrialCase> {
  const { db, shop } = scene
  const id = subjectId(scene, event)
  const reached = await reachedBy(scene, event, null, [])
  const subject: Subject = {
    id,
    orderId: null,
    view: null,
    customerId: reached.person,
    locale: reached.customer?.locale ?? null,
    timeZone: reached.customer?.time_zone ?? null,
    contacts: reached.reach,
  }
  return {
    event,
    subject,
    earlier: earlierRuns(flow, await runsOf(db, shop, id), event),
    heldByReview: false,
    ...(await peopleOf(scene, event, reached, [])),
  }
}

/** Runs of the flow that were there when the event came, as they stood then. */
function earlierRuns(flow: LoadedFlow, runs: readonly ToldRun[], event: Event): readonly RunRow[] {
  return runs
    .filter((run) => run.flow === flow.key && run.event_id < event.key && run.started_at <= event.receivedAt)
    .map((run) => (run.updated_at > event.receivedAt ? { ...run, status: 'active' } : run))
}
