import { decodeVerdict } from '../domain/gate/verdict.ts'
import type { ContactId, CustomerId, MessageId, OrderId, ShopId } from '../domain/ids.ts'
import { releaseSlots } from './cap-slots.ts'
import { type CapUse, releaseCaps } from './caps.ts'
import type { Tx } from './connect.ts'

/** A message that was dropped while it waited, for which an earlier gate had reserved: it was put back unsent. */
export interface Reserved {
  readonly id: MessageId
  readonly customer_id: CustomerId | null
  readonly contact_id: ContactId | null
  readonly order_id: OrderId | null
  /** `send@2026-11-22:…` names the local day whose slot it held. */
  readonly verdict: string
}

/** Of a message `m` and its work row `gone`: what `freeReserved` asks for. */
export const RESERVED = 'm.id, m.order_id, m.customer_id, m.contact_id, gone.verdict'

/** Gives back the slots of messages that will not leave after all. */
export async function freeReserved(tx: Tx, shop: ShopId, dropped: readonly Reserved[]): Promise<void> {
  if (dropped.length === 0) return
  const uses = new Map<string, CapUse>()
  for (const { customer_id: customer, verdict } of dropped) {
    const said = decodeVerdict(verdict)
    const day = said?.kind === 'send' ? said.capDay : null
    if (customer === null || day === null) continue
    const name = `${customer} ${day}`
    uses.set(name, { customer, day, n: (uses.get(name)?.n ?? 0) + 1 })
  }
  await releaseCaps(tx, shop, [...uses.values()])
  const holders = dropped.map(({ id, order_id, customer_id, contact_id }) => ({
    id,
    order: order_id,
    holders: [customer_id, contact_id],
  }))
  await releaseSlots(tx, shop, holders)
}
