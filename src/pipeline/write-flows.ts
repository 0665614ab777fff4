import type { Tx } from '../db/connect.ts'
import { collapseMessages, planMessages, stopMessagesOfRuns } from '../db/messages.ts'
import { addRuns, type RunRow, saveRuns } from '../db/runs.ts'
import type { OrderId, ShopId } from '../domain/ids.ts'
import type { Channel } from '../domain/message.ts'
import type { FlowWrites } from './run-flows.ts'

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
  const gone = writes.changed.filter((run) => run.stop_reason === 'moved_on')
  const ofOrders = gone.flatMap((run) => (run.order_id === null ? [] : [{ id: run.id, order: run.order_id }]))
  await stopMessagesOfRuns(tx, shop, ofOrders, now)
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
