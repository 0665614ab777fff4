import type { RunRow } from '../db/runs.ts'
import { hearEvent } from '../db/runs.ts'
import type { Event, EventData } from '../domain/event.ts'
import { NEWS } from '../domain/flow/news.ts'
import type { OrderView } from '../domain/order/view.ts'
import type { Batch } from './batch.ts'
import type { ShopVault } from './keyring.ts'
import type { LoadedFlow } from './shop-config.ts'

/** By what a run that is to hear news of goods can be found; `null` when it hears none. */
export function topicsOf(
  vault: ShopVault,
  hears: ReadonlySet<string>,
  view: OrderView | null,
): RunRow['topics'] {
  if (view === null || hears.size === 0) return null
  const names = view.items.flatMap(({ name, sku }) => [name, ...(sku == null ? [] : [sku])])
  const topics = hashed(vault, view.items.length === 0 && view.title !== null ? [view.title] : names)
  return topics.length === 0 ? null : topics
}

/** Lets events about goods reach the runs of orders that hold them: the timers of those that wait for them come at once. */
export async function spreadNews(
  { tx, shop, vault, config, now }: Batch,
  events: readonly Event[],
): Promise<void> {
  for (const event of events) {
    // Anybody can say in a browser that something runs out.
    if (!NEWS.has(event.type) || event.trust === 'browser') continue
    const topics = hashed(vault, namesIn(event.subject, event.data.extra))
    if (topics.length === 0) continue
    const exact = config.flows.filter((flow) => asksOf(flow, event.type)).map(({ key }) => key)
    const deaf = config.flows.flatMap(({ key, version, compiled }) =>
      compiled.hears.has(event.type) ? [] : [`${key}@${version}`],
    )
    await hearEvent(tx, shop, { event: event.key, type: event.type, topics, exact, deaf }, now)
  }
}

/** Whether a flow waits for such news only where it says something particular. */
const asksOf = ({ compiled }: LoadedFlow, type: string): boolean =>
  compiled.flow.steps.some(
    (step) => step.kind === 'waitFor' && step.when !== undefined && step.event.includes(type),
  )

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
