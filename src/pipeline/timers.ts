import { type Tx, transaction } from '../db/connect.ts'
import { readContacts, readCustomers } from '../db/contacts.ts'
import { fatesOfRuns } from '../db/messages.ts'
import { lockOrderRows, type OrderRow } from '../db/orders.ts'
import { claimDueRuns, peekDueRuns, type RunRow, saveRuns } from '../db/runs.ts'
import { readSwitches } from '../db/switches.ts'
import { readEvents } from '../db/todo.ts'
import type { Event } from '../domain/event.ts'
import type { Cause, End } from '../domain/flow/run.ts'
import type { OrderId, RunId, ShopId } from '../domain/ids.ts'
import { type Channel, isUndelivered, type MessageState } from '../domain/message.ts'
import type { OrderFacts } from '../domain/order/facts.ts'
import { viewOrder } from '../domain/order/view.ts'
import type { Instant } from '../domain/time.ts'
import type { DecideDeps } from './batch.ts'
import { type Decided, mustWait, wasInterrupted } from './decide.ts'
import { openEvent } from './open-event.ts'
import { reachOfAll } from './people.ts'
import { type FlowScene, flowEvent, moveRun, noWrites, type Subject } from './run-flows.ts'
import type { LoadedFlow } from './shop-config.ts'
import { write } from './write-flows.ts'

/**
 * Moves on up to `limit` runs of one shop whose timer has come, in one transaction. Orders are locked before
 * runs, as everywhere, so that a payment and a timer can not block each other for good.
 */
export async function runTimers(deps: DecideDeps, shop: ShopId, limit: number): Promise<Decided> {
  const now = deps.clock.now()
  const due = await peekDueRuns(deps.db, shop, now, limit)
  if (due.length === 0) return NOTHING
  try {
    return await moveTogether(deps, shop, due, now)
  } catch (error) {
    if (mustWait(error)) throw error
    deps.log.warn({ err: error, shop }, 'a batch of runs could not be moved on; trying them one by one')
    return moveOneByOne(deps, shop, due, now)
  }
}

const NOTHING: Decided = { applied: 0, channels: new Set() }

type DueRun = Pick<RunRow, 'id' | 'order_id'>

function moveTogether(
  deps: DecideDeps,
  shop: ShopId,
  due: readonly DueRun[],
  now: Instant,
): Promise<Decided> {
  const orderIds = [...new Set(due.flatMap((run) => run.order_id ?? []))]
  return transaction(deps.db, async (tx) => {
    const locked = await lockOrderRows(tx, shop, orderIds)
    const orders = new Map(locked.map((row) => [row.id, row]))
    const ids = due.map((run) => run.id)
    const claimed = await claimDueRuns(tx, shop, ids, now)
    // A merge between the peek and the locks moved its run to an order that is not ours: it stays due.
    const runs = claimed.filter((run) => run.order_id === null || orders.has(run.order_id))
    return moveDue(deps, tx, shop, orders, runs, now, due.length)
  })
}

/** Finds the run that breaks a batch and stops it; the others go on. */
async function moveOneByOne(
  deps: DecideDeps,
  shop: ShopId,
  due: readonly DueRun[],
  now: Instant,
): Promise<Decided> {
  let applied = 0
  const channels = new Set<Channel>()
  for (const run of due) {
    try {
      const moved = await moveTogether(deps, shop, [run], now)
      applied += moved.applied
      for (const channel of moved.channels) channels.add(channel)
    } catch (error) {
      if (mustWait(error)) throw error
      if (wasInterrupted(error)) {
        deps.log.warn({ err: error, shop, run: run.id }, 'moving a run on was interrupted; it stays due')
        continue
      }
      deps.log.error({ err: error, shop, run: run.id }, 'a run cannot be moved on and is stopped')
      await transaction(deps.db, async (tx) => {
        const claimed = await claimDueRuns(tx, shop, [run.id], now)
        await saveRuns(tx, shop, claimed.map(broken), now)
      })
      applied++
    }
  }
  return { applied, channels }
}

const ended = (run: RunRow, reason: End): RunRow => ({
  ...run,
  status: 'stopped',
  step: null,
  due_at: null,
  waiting_for: null,
  stop_reason: reason,
})
const broken = (run: RunRow) => ended(run, 'broken')

async function moveDue(
  deps: DecideDeps,
  tx: Tx,
  shop: ShopId,
  orders: ReadonlyMap<OrderId, OrderRow>,
  runs: readonly RunRow[],
  now: Instant,
  seen: number,
): Promise<Decided> {
  if (runs.length === 0) return NOTHING
  const [vault, switches, events] = await Promise.all([
    deps.keyring.open(shop),
    readSwitches(tx, shop),
    readEvents(
      tx,
      shop,
      runs.flatMap((run) => (run.heard === null ? [run.event_id] : [run.event_id, run.heard])),
    ),
  ])
  const config = await deps.configs.get(shop, switches.config_version)
  const { random, smsCost, smsBar } = deps
  const scene: FlowScene = { config, vault, random, now, restoredAt: switches.restored_at, smsCost, smsBar }
  const causes = new Map(events.map((row) => [row.id, openEvent(shop, row, vault)]))
  const subjects = await subjectsOf(tx, shop, runs, orders, causes, scene)
  const flows = new Map<RunRow, LoadedFlow | null>()
  for (const run of runs) flows.set(run, await deps.configs.flowAt(shop, run.flow, run.version))
  const fates = await fatesOf(tx, shop, flows)
  const writes = noWrites()
  for (const run of runs) {
    const about = { shop, run: run.id, flow: run.flow, version: run.version }
    const flow = flows.get(run)
    if (!flow) {
      deps.log.error(about, 'a run’s flow version is gone')
      writes.changed.push(ended(run, 'flow_version_gone'))
      continue
    }
    const cause = causes.get(run.event_id) ?? null
    const subject: Subject = { ...subjects.get(run.subject_id)!, fates: fates.get(run.id) }
    const news = run.heard === null ? undefined : causes.get(run.heard)
    const heard = news && run.waiting_for?.includes(news.type) ? news : undefined
    const why: Cause = heard ? { kind: 'event', event: flowEvent(heard) } : { kind: 'timer' }
    // What can no longer be read is forgotten.
    const listening: RunRow = news ? run : { ...run, heard: null }
    const moved = moveRun(scene, subject, flow, listening, why, heard ?? cause, writes)
    if (moved !== listening) continue
    // It was only its news that was to be looked at.
    if (run.heard !== null) {
      const { due, ...progress } = run.progress
      writes.changed.push({ ...listening, heard: null, due_at: due ?? run.due_at, progress })
      continue
    }
    // Left due, it would be found due again at once, and for ever.
    deps.log.error(about, 'a run’s timer came, but nothing followed from it')
    writes.changed.push(run.status === 'active' ? broken(run) : { ...run, due_at: null })
  }
  return { applied: seen, channels: await write({ tx, shop, now }, writes) }
}

/** What became of the messages of runs that wait in a cascade; nobody else asks. */
async function fatesOf(
  tx: Tx,
  shop: ShopId,
  flows: ReadonlyMap<RunRow, LoadedFlow | null>,
): Promise<ReadonlyMap<RunId, Record<string, MessageState>>> {
  const asking = [...flows].flatMap(([run, flow]) => {
    const step = run.step === null ? undefined : flow?.compiled.steps.get(run.step)
    if (step?.kind.kind !== 'cascade' || run.order_id === null) return []
    return [{ id: run.id, order: run.order_id, step: run.step! }]
  })
  const found = new Map(asking.map(({ id }) => [id, {} as Record<string, MessageState>]))
  // Oldest first: of a channel's turns in several laps the last one stands.
  for (const fate of await fatesOfRuns(tx, shop, asking))
    found.get(fate.run_id)![`${fate.step}.${fate.channel}`] = isUndelivered(fate) ? 'failed' : fate.state
  return found
}

/** Orders, people and addresses as they stand, for runs that go on by themselves. */
async function subjectsOf(
  tx: Tx,
  shop: ShopId,
  runs: readonly RunRow[],
  orders: ReadonlyMap<OrderId, OrderRow>,
  causes: ReadonlyMap<string, Event>,
  { config, vault }: FlowScene,
): Promise<ReadonlyMap<string, Subject>> {
  const contactIds = [...orders.values()].flatMap((row) => row.contact_ids)
  const customerIds = [...new Set([...orders.values()].flatMap((row) => row.customer_id ?? []))]
  const [contacts, customers] = await Promise.all([
    contactIds.length > 0 ? readContacts(tx, shop, contactIds) : [],
    customerIds.length > 0 ? readCustomers(tx, shop, customerIds) : [],
  ])
  const reach = reachOfAll({ shop, config, vault }, contacts)
  const customerOf = new Map(customers.map((row) => [row.id, row]))
  const subjects = new Map<string, Subject>()
  for (const run of runs) {
    if (subjects.has(run.subject_id)) continue
    const row = run.order_id === null ? undefined : orders.get(run.order_id)
    const facts = row && vault.sealer.openText(row.facts, { shop, column: 'orders.facts', row: row.id })
    const view = facts === undefined ? null : viewOrder(JSON.parse(facts) as OrderFacts)
    const customer = row?.customer_id ? customerOf.get(row.customer_id) : undefined
    const said = causes.get(run.event_id)?.data.customer
    subjects.set(run.subject_id, {
      id: run.subject_id,
      orderId: row?.id ?? null,
      view,
      customerId: row?.customer_id ?? run.customer_id,
      locale: customer?.locale ?? said?.locale ?? view?.locale ?? null,
      timeZone: customer?.time_zone ?? said?.timeZone ?? view?.timeZone ?? null,
      contacts: (row?.contact_ids ?? []).flatMap((id) => reach.get(id) ?? []),
    })
  }
  return subjects
}
