import { type Tx, transaction } from '../db/connect.ts'
import { readContacts, readCustomers } from '../db/contacts.ts'
import { lockOrderRows, type OrderRow } from '../db/orders.ts'
import { claimDueRuns, peekDueRuns, type RunRow } from '../db/runs.ts'
import { readEvents } from '../db/todo.ts'
import { readSwitches } from '../db/work.ts'
import type { Event } from '../domain/event.ts'
import type { OrderId, ShopId } from '../domain/ids.ts'
import type { Channel } from '../domain/message.ts'
import type { OrderFacts } from '../domain/order/facts.ts'
import { viewOrder } from '../domain/order/view.ts'
import type { Instant } from '../domain/time.ts'
import { type DecideDeps, type Decided, write } from './decide.ts'
import { openEvent } from './open-event.ts'
import { type FlowScene, moveRun, noWrites, type Subject } from './run-flows.ts'

/**
 * Moves on up to `limit` runs of one shop whose timer has come, in one transaction. Orders are locked before
 * runs, as everywhere, so that a payment and a timer can not block each other for good.
 */
export async function runTimers(deps: DecideDeps, shop: ShopId, limit: number): Promise<Decided> {
  const now = deps.clock.now()
  const due = await peekDueRuns(deps.db, shop, now, limit)
  if (due.length === 0) return { applied: 0, channels: new Set<Channel>() }
  const orderIds = [...new Set(due.flatMap((run) => run.order_id ?? []))]
  return transaction(deps.db, async (tx) => {
    const orders = await lockOrderRows(tx, shop, orderIds)
    const runs = await claimDueRuns(
      tx,
      shop,
      due.map((run) => run.id),
      now,
    )
    return moveDue(deps, tx, shop, new Map(orders.map((row) => [row.id, row])), runs, now, due.length)
  })
}

async function moveDue(
  deps: DecideDeps,
  tx: Tx,
  shop: ShopId,
  orders: ReadonlyMap<OrderId, OrderRow>,
  runs: readonly RunRow[],
  now: Instant,
  seen: number,
): Promise<Decided> {
  if (runs.length === 0) return { applied: seen, channels: new Set() }
  const [vault, switches, events] = await Promise.all([
    deps.keyring.open(shop),
    readSwitches(tx, shop),
    readEvents(
      tx,
      shop,
      runs.map((run) => run.event_id),
    ),
  ])
  const config = await deps.configs.get(shop, switches.config_version)
  const scene: FlowScene = { config, vault, random: deps.random, now }
  const causes = new Map(events.map((row) => [row.id, openEvent(shop, row, vault)]))
  const subjects = await subjectsOf(tx, shop, runs, orders, causes, vault)
  const writes = noWrites()
  for (const run of runs) {
    const flow = await deps.configs.flowAt(shop, run.flow, run.version)
    const subject = subjects.get(run.subject_id)!
    if (flow) {
      moveRun(scene, subject, flow, run, { kind: 'timer' }, causes.get(run.event_id) ?? null, writes)
      continue
    }
    deps.log.error(
      { shop, run: run.id, flow: run.flow, version: run.version },
      'a run’s flow version is gone',
    )
    writes.changed.push({
      ...run,
      status: 'stopped',
      step: null,
      due_at: null,
      stop_reason: 'flow_version_gone',
    })
  }
  return { applied: seen, channels: await write({ tx, shop, now }, writes) }
}

/** Orders, people and addresses as they stand, for runs that go on by themselves. */
async function subjectsOf(
  tx: Tx,
  shop: ShopId,
  runs: readonly RunRow[],
  orders: ReadonlyMap<OrderId, OrderRow>,
  causes: ReadonlyMap<string, Event>,
  vault: {
    readonly sealer: {
      openText(sealed: Buffer, place: { shop: ShopId; column: string; row: string }): string
    }
  },
): Promise<ReadonlyMap<string, Subject>> {
  const contactIds = [...orders.values()].flatMap((row) => row.contact_ids)
  const customerIds = [...new Set([...orders.values()].flatMap((row) => row.customer_id ?? []))]
  const [contacts, customers] = await Promise.all([
    contactIds.length > 0 ? readContacts(tx, shop, contactIds) : [],
    customerIds.length > 0 ? readCustomers(tx, shop, customerIds) : [],
  ])
  const channelOf = new Map(contacts.map((row) => [row.id, row.channel]))
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
      contacts: (row?.contact_ids ?? []).flatMap((id) => {
        const channel = channelOf.get(id)
        return channel ? [{ id, channel }] : []
      }),
    })
  }
  return subjects
}
