import type { Queryable } from '../db/connect.ts'
import { notedUnder, noteEvents } from '../db/noted-events.ts'
import { type Event, KNOWN_TYPES } from '../domain/event.ts'
import type { EventId, ShopId } from '../domain/ids.ts'
import { normaliseRef } from '../domain/order/refs.ts'
import type { Batch } from './batch.ts'
import type { ShopVault } from './keyring.ts'

/** Of one order, the newest. */
const MOST_SHOWN = 50

/**
 * Events of types that are not ours are no facts of any order. They are noted under the numbers that they name, so that
 * whoever looks at the order sees them, whichever came first. A browser's are not: anybody may send those.
 */
export async function noteOthers({ tx, shop, vault }: Batch, events: readonly Event[]): Promise<void> {
  const others = events.filter(({ type, trust }) => !KNOWN_TYPES.has(type) && trust !== 'browser')
  if (others.length === 0) return
  const noted = others.flatMap((event) =>
    numbersIn(event).map((no) => ({ name: nameOf(vault, no), event: event.key })),
  )
  if (noted.length > 0) await noteEvents(tx, shop, noted)
}

/** The events noted under these numbers of an order. */
export const othersOf = (
  db: Queryable,
  shop: ShopId,
  vault: ShopVault,
  numbers: readonly string[],
): Promise<readonly EventId[]> =>
  notedUnder(
    db,
    shop,
    numbers.map((no) => nameOf(vault, no)),
    MOST_SHOWN,
  )

/** What may be an order's number: the subject, and what stands where known types have it. */
function numbersIn({ subject, data }: Event): readonly string[] {
  const order = data.extra?.order
  const own = typeof order === 'object' && order !== null && !Array.isArray(order) ? order.no : undefined
  const refs = data.refs.flatMap(({ kind, value }) => (kind === 'order_no' ? [value] : []))
  const said = [subject, data.order?.no, own, ...refs].filter((each) => typeof each === 'string')
  const numbers = new Set(said.map((each) => normaliseRef('order_no', each).value))
  numbers.delete('')
  return [...numbers]
}

const nameOf = (vault: ShopVault, no: string) => vault.hash('event.order_no', no).subarray(0, 16)
