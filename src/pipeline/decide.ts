import { isRetryable, isUnavailable, sqlState, type Tx, transaction } from '../db/connect.ts'
import { countUnknownCodes } from '../db/failure-codes.ts'
import { stopCancels } from '../db/messages.ts'
import { readSwitches } from '../db/switches.ts'
import { claimTodo, claimTodoOne, peekTodo, readEvents, setEventAside } from '../db/todo.ts'
import type { Event } from '../domain/event.ts'
import type { EventId, ShopId } from '../domain/ids.ts'
import type { Channel } from '../domain/message.ts'
import { applyLoose } from './apply-loose.ts'
import { applyToOrders } from './apply-to-orders.ts'
import type { Batch, DecideDeps } from './batch.ts'
import { applyFeedback } from './feedback.ts'
import { noteOthers } from './noted-events.ts'
import { openEvent } from './open-event.ts'
import { groupByOrder, type OrderGroup } from './order-groups.ts'
import { findPeople } from './people.ts'
import { keepRecalled, type Recalled } from './recall.ts'
import { tellsOfReopening } from './review-events.ts'
import { noWrites } from './run-flows.ts'
import { spreadNews } from './topics.ts'
import { unknownCodesIn } from './unknown-codes.ts'
import { writeMessages, writeRuns } from './write-flows.ts'

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
  const now = deps.clock.now()
  const { random, smsCost, smsBar } = deps
  const batch: Batch = {
    tx,
    shop,
    config,
    vault,
    random,
    now,
    restoredAt: switches.restored_at,
    smsCost,
    smsBar,
  }
  const events = [...inHand, ...rows.map((row) => openEvent(shop, row, vault))].sort(byKey)
  const writes = noWrites()

  const groups = await groupByOrder(tx, shop, events, batch.now)
  const { found: people, fresh: freshPeople } = await findPeople(batch, events)
  const orders = await applyToOrders(deps, batch, groups, people, writes)
  const grouped = new Set(groups.flatMap((group) => group.events))
  const loose = events.filter((event) => !grouped.has(event))
  await applyLoose(deps, batch, loose, people, writes)
  const started = await writeRuns(batch, writes)
  // On runs as they now stand, those of this batch too.
  await spreadNews(batch, loose)
  const fresh = new Set(groups.flatMap((group) => (group.rows.length === 0 ? [group.id] : [])))
  const channels = await writeMessages(batch, writes, started, fresh)
  const reopened = groups.filter((group) => group.events.some(tellsOfReopening))
  await stopCancels(tx, shop, reopened.map(idOf), batch.now)
  // Late, as it locks messages: orders, runs, work and messages are locked in this order everywhere.
  await applyFeedback(batch, events)
  await noteOthers(batch, events)
  const strange = unknownCodesIn(config, events)
  if (strange.length > 0) await countUnknownCodes(tx, shop, strange)
  const unknownCodes = strange.reduce((sum, { seen }) => sum + seen, 0)
  return { applied: ids.length, channels, unknownCodes, recalled: { orders, people: freshPeople } }
}

const idOf = ({ id }: OrderGroup) => id
const byKey = (a: Event, b: Event) => (a.key < b.key ? -1 : 1)
