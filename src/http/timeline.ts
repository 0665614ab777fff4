import type * as z from 'zod'
import { listAccounts } from '../db/accounts.ts'
import { type ConnectionRow, everyConnection } from '../db/connections.ts'
import { readContacts } from '../db/contacts.ts'
import { type InquiryRow, inquiriesOf } from '../db/inquiries.ts'
import { attemptsOf, type MessageRow, messagesOfOrder } from '../db/messages.ts'
import { reviewsOfOrder } from '../db/reviews.ts'
import { type RunRow, runsOf } from '../db/runs.ts'
import { earlierVerdicts } from '../db/shown.ts'
import { readEvents } from '../db/todo.ts'
import type { Event } from '../domain/event.ts'
import { explain } from '../domain/failure/explain.ts'
import { explainWhyNot, whatWouldStart } from '../domain/flow/why-not-texts.ts'
import { type ConnectionId, type EventId, formatId, type ShopId } from '../domain/ids.ts'
import { logicalPlace } from '../domain/order/event-order.ts'
import { eventsIn } from '../domain/order/facts.ts'
import { differenceOf, differenceText } from '../domain/order/received.ts'
import { failureTold } from '../domain/order/tries.ts'
import { type NotHealed, notHealed } from '../pipeline/not-healed.ts'
import { type NotStartedRun, notStarted } from '../pipeline/not-started.ts'
import { othersOf } from '../pipeline/noted-events.ts'
import { openEvent } from '../pipeline/open-event.ts'
import { readPolicies } from '../pipeline/recorded.ts'
import { failureClassOf, type ShopConfig } from '../pipeline/shop-config.ts'
import { currentConfig } from './current-config.ts'
import type { HttpDeps } from './deps.ts'
import { eventWarnings, type WarningScene } from './event-warnings.ts'
import { seeExplanation } from './failure-explained.ts'
import type { Language } from './language.ts'
import { lawDrops } from './law-drops.ts'
import { messageNotes } from './message-notes.ts'
import { type MessageScene, seeMessage, whyOf } from './message-seen.ts'
import { seeNotHealed } from './not-healed-seen.ts'
import { maskedContacts, type SeenOrder } from './order-seen.ts'
import { ownStops } from './own-stops.ts'
import { reviewEntries } from './review-seen.ts'
import { awaitedReviews } from './reviews-awaited.ts'
import { type RunTold, tellRun } from './run-told.ts'
import type { messageStoryShape, timelineShape } from './timeline-shape.ts'
import { toldFirst } from './told-first.ts'

type Entry = z.output<typeof timelineShape>['entries'][number]

/** One list of all that happened: events, runs, reviews, messages with their verdicts and tries, receipts, clicks. */
export async function readTimeline(
  deps: HttpDeps,
  shop: ShopId,
  order: SeenOrder,
  language: Language,
): Promise<z.output<typeof timelineShape>> {
  const { db } = deps
  const config = await currentConfig(deps, shop)
  const [connections, inquiries, reviews, runs, messages] = await Promise.all([
    connectionsById(deps, shop),
    inquiriesOf(db, shop, order.row.id),
    reviewsOfOrder(db, shop, order.row.id).then((rows) => reviewEntries(deps, shop, rows)),
    runsOf(db, shop, order.row.id),
    messagesOfOrder(db, shop, order.row.id),
  ])
  const timeZone = order.timeZone ?? config.row.time_zone
  const vault = await deps.keyring.open(shop)
  const numbers = order.names.flatMap(({ kind, value }) => (kind === 'order_no' ? [value] : []))
  const own = new Set<EventId>([...eventsIn(order.facts), ...runs.map((run) => run.event_id)])
  const others = await othersOf(db, shop, vault, numbers)
  const [events, told] = await Promise.all([
    readEvents(db, shop, [...new Set([...own, ...others])]),
    tellMessages(deps, shop, messages, language, timeZone),
  ])
  const opened = events.map((row) => openEvent(shop, row, vault))
  const about = { events: opened, inquiries, facts: order.facts, connections }
  const unhealed = await notHealed(deps, shop, config, about)
  const { locale } = order
  const silent = await notStarted(deps, shop, {
    runs,
    events: opened.filter(({ key }) => own.has(key)),
    locale,
    timeZone: order.timeZone,
    now: deps.clock.now(),
  })
  const messagesBy = Map.groupBy(messages, (row) => row.run_id)
  const arms = new Map(runs.map((run) => [formatId('run', run.id), run.arm]))
  const messageEntries = (message: Told) => {
    const notes = messageNotes(order, config, message, language)
    return entriesOf(message, arms.get(message.run ?? '') ?? null, notes)
  }
  const { lastFailure } = order.view
  const difference = differenceOf(order.view)
  const warned = { config, sources: deps.sources, language }
  const runScene = { currency: config.row.currency, law: deps.law, language }
  return {
    order: formatId('ord', order.row.id),
    no: order.view.no,
    status: order.view.status,
    timeZone,
    failureClass: lastFailure && failureClassOf(config, lastFailure),
    difference: difference && { ...difference, text: differenceText(difference, language) },
    entries: [
      ...opened.map((event) =>
        eventEntry(event, { ...warned, connections, unhealed: unhealed.get(event.key) }),
      ),
      ...runs.map((run) => runEntry(run, tellRun(run, messagesBy.get(run.id) ?? [], runScene))),
      ...inquiries.flatMap((row) => tellInquiry(row, connections.get(row.connection_id)?.source ?? null)),
      ...reviews,
      ...told.flatMap(messageEntries),
    ].toSorted((a, b) => a.at - b.at || placeOf(a) - placeOf(b)),
    notStarted: silent.map((each) => seeNotStarted(each, language)),
  }
}

const seeNotStarted = (each: NotStartedRun, language: Language) => ({
  at: each.at,
  event: formatId('evt', each.event),
  type: each.type,
  flow: each.flow,
  version: each.version,
  reason: each.reason,
  why: [...explainWhyNot(each, language)],
  wouldHelp: [...whatWouldStart(each.reason, each, language)],
})

/** Events of one instant as one leads to the next; all else after them. */
const placeOf = (entry: Entry): number =>
  entry.kind === 'event' ? logicalPlace(entry.type) : logicalPlace('')

async function connectionsById({ db }: HttpDeps, shop: ShopId) {
  return new Map((await everyConnection(db, shop)).map((row) => [row.id, row]))
}

/** What was asked about the order, what was answered and done, and when it is asked again. */
function tellInquiry(row: InquiryRow, source: string | null): readonly Entry[] {
  const entry = (at: number, what: string, code: string | null): Entry => ({
    kind: 'inquiry',
    at,
    connection: formatId('conn', row.connection_id),
    source,
    clock: row.kind,
    what,
    code,
  })
  const next = row.due_at === null ? [] : [entry(row.due_at, 'next', row.outcome)]
  return [...row.log.map(([at, what, code]) => entry(at, what, code)), ...next]
}

interface EventScene extends WarningScene {
  readonly config: ShopConfig
  readonly connections: ReadonlyMap<ConnectionId, ConnectionRow>
  readonly unhealed: NotHealed | undefined
}

function eventEntry(event: Event, scene: EventScene): Entry {
  const { config, connections, unhealed, language } = scene
  const { failures } = config
  const told = failureTold(event)
  const connection = connections.get(event.connection)
  return {
    kind: 'event',
    at: event.time,
    event: formatId('evt', event.key),
    type: event.type,
    trust: event.trust,
    connection: formatId('conn', event.connection),
    source: connection?.source ?? null,
    name: connection?.name ?? null,
    receivedAt: event.receivedAt,
    failure:
      told && seeExplanation(explain(failures.table, told.codes, told.at, language, failures.overrides)),
    notHealed: seeNotHealed(unhealed, language),
    // Whom a browser names is nobody, readable or not.
    warnings: event.trust === 'browser' ? [] : eventWarnings(event, scene),
  }
}

function runEntry(run: RunRow, told: RunTold): Entry {
  const costs = Object.entries(run.progress.costs ?? {})
  return {
    kind: 'run',
    at: run.started_at,
    run: formatId('run', run.id),
    flow: run.flow,
    version: run.version,
    status: run.status as 'active' | 'done' | 'stopped',
    step: run.step,
    dueAt: run.due_at,
    waitingFor: run.waiting_for && [...run.waiting_for],
    arm: run.arm,
    arms: run.progress.arms ?? {},
    stopReason: run.stop_reason,
    costs: costs.map(([step, channels]) => ({ step, channels: channels.map((each) => ({ ...each })) })),
    why: [...told.why],
    wouldHelp: [...told.change],
  }
}

type Told = z.output<typeof messageStoryShape>

function entriesOf(message: Told, arm: string | null, notes: readonly string[]): readonly Entry[] {
  const { deliveredAt, clickedAt } = message
  return [
    { kind: 'message', at: message.createdAt, message, arm, notes: [...notes] },
    ...(deliveredAt === null
      ? []
      : [{ kind: 'delivered' as const, at: deliveredAt, message: message.message }]),
    ...(clickedAt === null ? [] : [{ kind: 'click' as const, at: clickedAt, message: message.message }]),
  ]
}

/** Messages with their addresses masked, every try, and what the gate said earlier. */
export async function tellMessages(
  deps: HttpDeps,
  shop: ShopId,
  rows: readonly MessageRow[],
  language: Language,
  timeZone: string,
): Promise<z.output<typeof messageStoryShape>[]> {
  const { db } = deps
  const scene = await messageScene(deps, shop, rows, language, timeZone)
  return Promise.all(
    rows.map(async (row) => {
      const [tries, earlier] = await Promise.all([
        attemptsOf(db, shop, row.id),
        earlierVerdicts(db, shop, row.id),
      ])
      return {
        ...seeMessage(row, scene),
        tries: tries.map((each) => ({
          n: each.n,
          account: formatId('acct', each.account_id),
          startedAt: each.started_at,
          endedAt: each.ended_at,
          fate: each.fate,
          code: each.code,
          providerRef: each.provider_ref,
        })),
        earlier: earlier.map((each) => ({ at: each.at, why: whyOf(each.verdict, language, timeZone) })),
      }
    }),
  )
}

/** What these messages are told with. */
export async function messageScene(
  deps: HttpDeps,
  shop: ShopId,
  rows: readonly MessageRow[],
  language: Language,
  timeZone: string,
): Promise<MessageScene> {
  const [to, policies, stops, laws, reviews, paused] = await Promise.all([
    addressesOf(deps, shop, rows),
    readPolicies(
      deps.db,
      rows.map((row) => row.verdict),
    ),
    ownStops(deps, shop, rows),
    lawDrops(deps, shop, rows, language),
    awaitedReviews(deps, shop, rows),
    pausedAccounts(deps, shop, rows),
  ])
  const told = await toldFirst(deps, shop, rows, policies, language)
  return { language, timeZone, to, policies, stops, laws, reviews, paused, told }
}

/** Only looked up for messages that wait after a try; of a channel with another account that works, none is waited for. */
async function pausedAccounts({ db }: HttpDeps, shop: ShopId, rows: readonly MessageRow[]) {
  if (!rows.some(({ state, attempts }) => state === 'waiting' && attempts > 0)) return []
  const accounts = await listAccounts(db, shop)
  const working = new Set(accounts.flatMap(({ state, channel }) => (state === 'ok' ? [channel] : [])))
  return accounts.filter(({ channel }) => !working.has(channel))
}

/** Masked addresses by contact id. */
async function addressesOf(
  deps: HttpDeps,
  shop: ShopId,
  rows: readonly MessageRow[],
): Promise<ReadonlyMap<string, string>> {
  const ids = [...new Set(rows.flatMap((row) => row.contact_id ?? []))]
  const contacts = ids.length > 0 ? await readContacts(deps.db, shop, ids) : []
  return new Map((await maskedContacts(deps, shop, contacts)).map(({ id, address }) => [id, address]))
}
