import { type ContactRow, readContacts, readCustomers } from '../db/contacts.ts'
import { findOrder, type OrderRow, orderNames, readOrderRows } from '../db/orders.ts'
import { type OrderId, parseId, type ShopId } from '../domain/ids.ts'
import { maskAddress } from '../domain/mask.ts'
import type { Channel } from '../domain/message.ts'
import type { OrderFacts } from '../domain/order/facts.ts'
import { normaliseRef } from '../domain/order/refs.ts'
import { type OrderView, viewOrder } from '../domain/order/view.ts'
import { withPayUrl } from '../domain/payment-methods.ts'
import { currentConfig } from './current-config.ts'
import type { HttpDeps } from './deps.ts'

/** An order opened for a reader: what its facts say, under which names, and who it belongs to. */
export interface SeenOrder {
  readonly row: OrderRow
  /** Holds card keys: only `deliveredKeys` after a code may show those. */
  readonly facts: OrderFacts
  readonly view: OrderView
  readonly names: readonly { readonly kind: string; readonly value: string }[]
  readonly contacts: readonly ContactRow[]
  readonly locale: string | null
  readonly timeZone: string | null
}

/** The order of this id, or the one it was merged into. */
export async function openOrder(deps: HttpDeps, shop: ShopId, id: OrderId): Promise<SeenOrder | null> {
  const { db, keyring } = deps
  let [row] = await readOrderRows(db, shop, [id])
  for (let hops = 0; row?.merged_into && hops < 10; hops++)
    [row] = await readOrderRows(db, shop, [row.merged_into])
  if (!row) return null
  const [vault, config, names, contacts, customers] = await Promise.all([
    keyring.open(shop),
    currentConfig(deps, shop),
    orderNames(db, shop, row.id),
    row.contact_ids.length > 0 ? readContacts(db, shop, row.contact_ids) : [],
    row.customer_id ? readCustomers(db, shop, [row.customer_id]) : [],
  ])
  const facts = JSON.parse(
    vault.sealer.openText(row.facts, { shop, column: 'orders.facts', row: row.id }),
  ) as OrderFacts
  const view = withPayUrl(viewOrder(facts), config.settings.payUrlTemplate)
  const customer = customers[0]
  return {
    row,
    facts,
    view,
    names: names.map(({ kind, value }) => ({ kind, value })),
    contacts,
    locale: customer?.locale ?? view.locale,
    timeZone: customer?.time_zone ?? view.timeZone,
  }
}

/** The order that `text` names: its number as a person writes it, or our id `ord_…`. */
export async function findOrderBy(deps: HttpDeps, shop: ShopId, text: string): Promise<SeenOrder | null> {
  const id = parseId('ord', text) ?? (await findOrder(deps.db, shop, normaliseRef('order_no', text)))
  return id === null ? null : openOrder(deps, shop, id)
}

/** Addresses opened and masked at once: the plain text goes no further. */
export async function maskedContacts(
  deps: HttpDeps,
  shop: ShopId,
  contacts: readonly ContactRow[],
): Promise<
  readonly {
    readonly id: ContactRow['id']
    readonly channel: Channel
    readonly address: string
    readonly state: string
  }[]
> {
  const { sealer } = await deps.keyring.open(shop)
  return contacts.map(({ id, channel, address, state }) => ({
    id,
    channel,
    state,
    address: maskAddress(channel, sealer.openText(address, { shop, column: 'contact.address', row: id })),
  }))
}
