import { findOrder } from '../db/orders.ts'
import { readEvents } from '../db/todo.ts'
import { Fault } from '../domain/errors.ts'
import type { Event } from '../domain/event.ts'
import { parseId, type ShopId } from '../domain/ids.ts'
import { eventsIn } from '../domain/order/facts.ts'
import { refsOf } from '../domain/order/refs.ts'
import { openEvent } from '../pipeline/open-event.ts'
import type { TrialOrder } from '../pipeline/try-rule.ts'
import type { HttpDeps } from './deps.ts'
import type { Language } from './language.ts'
import { orderNotFound } from './not-found.ts'
import { findOrderBy, openOrder, type SeenOrder } from './order-seen.ts'

interface Tried {
  readonly order: TrialOrder
  readonly events: readonly Event[]
}

/** The order, or the one event, that a rule is to be tried on. */
export async function findTried(
  deps: HttpDeps,
  shop: ShopId,
  asked: { readonly order?: string | undefined; readonly event?: string | undefined },
  language: Language,
): Promise<Tried> {
  if (asked.event !== undefined) return findEvent(deps, shop, asked.event)
  if (asked.order === undefined) {
    const fields = [{ path: 'order', problem: 'expected the number of an order, or an event' }]
    throw new Fault('FIELD_INVALID', {}, { fields })
  }
  const seen = await findOrderBy(deps, shop, asked.order)
  if (!seen) throw await orderNotFound(deps, shop, asked.order, language)
  const vault = await deps.keyring.open(shop)
  const rows = await readEvents(deps.db, shop, [...new Set(eventsIn(seen.facts))])
  return { order: trialOf(seen), events: rows.map((row) => openEvent(shop, row, vault)) }
}

async function findEvent(deps: HttpDeps, shop: ShopId, text: string): Promise<Tried> {
  const id = parseId('evt', text)
  const [row] = id ? await readEvents(deps.db, shop, [id]) : []
  if (!row) throw new Fault('NOT_FOUND')
  const event = openEvent(shop, row, await deps.keyring.open(shop))
  for (const ref of refsOf(event)) {
    const order = await findOrder(deps.db, shop, ref)
    const seen = order && (await openOrder(deps, shop, order))
    if (seen) return { order: trialOf(seen), events: [event] }
  }
  throw new Fault('NOT_FOUND')
}

const trialOf = ({ row, view }: SeenOrder): TrialOrder => ({
  id: row.id,
  view,
  customerId: row.customer_id,
})
