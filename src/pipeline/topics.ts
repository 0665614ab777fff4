import type { Tx } from '../db/connect.ts'
import type { RunRow } from '../db/runs.ts'
import { hearEvent } from '../db/runs.ts'
import type { Event, EventData } from '../domain/event.ts'
import type { ShopId } from '../domain/ids.ts'
import type { OrderView } from '../domain/order/view.ts'
import type { Instant } from '../domain/time.ts'
import type { ShopVault } from './keyring.ts'

/** Events about goods. They name no order; runs of orders that hold the goods hear them. */
const ABOUT_GOODS: ReadonlySet<string> = new Set(['stock.low', 'stock.back'])

/** By what a run that waits for news of goods can be found; `null` when it waits for none. */
export function topicsOf(
  vault: ShopVault,
  waitingFor: readonly string[] | null,
  view: OrderView | null,
): RunRow['topics'] {
  if (view === null || !waitingFor?.some((type) => ABOUT_GOODS.has(type))) return null
  const names = view.items.flatMap(({ name, sku }) => [name, ...(sku == null ? [] : [sku])])
  const topics = hashed(vault, view.items.length === 0 && view.title !== null ? [view.title] : names)
  return topics.length === 0 ? null : topics
}

/** Lets events about goods reach the runs of orders that hold them: their timers come at once. */
export async function spreadNews(
  tx: Tx,
  shop: ShopId,
  vault: ShopVault,
  events: readonly Event[],
  now: Instant,
): Promise<void> {
  for (const event of events) {
    // Anybody can say in a browser that something runs out.
    if (!ABOUT_GOODS.has(event.type) || event.trust === 'browser') continue
    const topics = hashed(vault, namesIn(event.subject, event.data.extra))
    if (topics.length > 0) await hearEvent(tx, shop, { event: event.key, type: event.type, topics }, now)
  }
}

/** Senders call the thing by its number or its name, in `subject` or in `extra.stock`. */
function namesIn(subject: string | null, extra: EventData['extra']): readonly string[] {
  const stock = extra?.stock
  const said = typeof stock === 'object' && stock !== null && !Array.isArray(stock) ? stock : {}
  const names = [subject, said.sku, said.name, said.item]
  return names.filter((name): name is string => typeof name === 'string')
}

/** A shop's goods are nobody else's business, and a name may be long. */
function hashed(vault: ShopVault, names: readonly string[]): readonly string[] {
  const plain = names.map((name) => name.normalize('NFKC').trim().toLowerCase()).filter((name) => name !== '')
  return [...new Set(plain)].map((name) => vault.hash('run.topic', name).toString('hex', 0, 12))
}
