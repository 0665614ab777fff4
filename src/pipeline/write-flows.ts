import type { Tx } from '../db/connect.ts'
import { collapseMessages, type MessageToPlan, planMessages, stopMessagesOfRuns } from '../db/messages.ts'
import { addRuns, saveRuns } from '../db/runs.ts'
import type { OrderId, RunId, ShopId } from '../domain/ids.ts'
import type { Channel } from '../domain/message.ts'
import type { FlowWrites } from './run-flows.ts'

interface Place {
  readonly tx: Tx
  readonly shop: ShopId
  readonly now: number
}

/** Writes runs and messages; gives the channels that have something new to gate. */
export async function write(place: Place, writes: FlowWrites): Promise<ReadonlySet<Channel>> {
  return writeMessages(place, writes, await writeRuns(place, writes))
}

/** Gives the runs that were started, and not there already. */
export async function writeRuns({ tx, shop, now }: Place, writes: FlowWrites): Promise<ReadonlySet<RunId>> {
  const [started] = await Promise.all([
    addRuns(tx, shop, writes.started, now),
    saveRuns(tx, shop, writes.changed, now),
  ])
  return started
}

/**
 * Writes the messages of runs that are written; gives the channels that have something new to gate. `fresh`: orders
 * that are new, which have no older message to replace.
 */
export async function writeMessages(
  { tx, shop, now }: Place,
  writes: FlowWrites,
  started: ReadonlySet<RunId>,
  fresh: ReadonlySet<OrderId> = new Set(),
): Promise<ReadonlySet<Channel>> {
  const gone = writes.changed.filter((run) => run.stop_reason === 'moved_on')
  const ofOrders = gone.flatMap((run) => (run.order_id === null ? [] : [{ id: run.id, order: run.order_id }]))
  await stopMessagesOfRuns(tx, shop, ofOrders, now)
  const changed = new Set<string>(writes.changed.map((run) => run.id))
  const messages = [...writes.messages].flatMap(([run, planned]) =>
    changed.has(run) || started.has(run as RunId) ? planned : [],
  )
  const planned = new Set(await planMessages(tx, shop, messages, now))
  const newer = lastSaid(
    messages.filter(({ id }) => planned.has(id)),
    fresh,
  )
  if (newer.length > 0) await collapseMessages(tx, shop, newer, now)
  return new Set(messages.filter((message) => planned.has(message.id)).map((message) => message.channel))
}

/**
 * Of what is planned under a collapse key, what a run's step has said last: to all its receivers. It replaces what was
 * said before it, in the same batch too.
 */
export function lastSaid(messages: readonly MessageToPlan[], fresh: ReadonlySet<OrderId> = new Set()) {
  const keyed = messages.flatMap(({ id, orderId: order, collapseKey: key, runId, step }) =>
    order !== null && key !== null ? [{ id, order, key, said: `${runId} ${step}` }] : [],
  )
  return [...Map.groupBy(keyed, ({ order, key }) => `${order} ${key}`).values()].flatMap((group) => {
    const { order, said } = group.at(-1)!
    const last = group.filter((each) => each.said === said)
    return last.length === group.length && fresh.has(order) ? [] : last
  })
}
