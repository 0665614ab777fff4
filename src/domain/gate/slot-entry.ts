import type { MessageId, OrderId } from '../ids.ts'

/** A message that takes a slot of its own, or one that shares its order's. */
export type Entry = MessageId | `${OrderId}/${MessageId}`

export const ofOrder = (order: OrderId, message: MessageId): Entry => `${order}/${message}`

/** The order whose slot it shares; `null`: it has its own. */
export function orderIn(entry: Entry): OrderId | null {
  const end = entry.indexOf('/')
  return end === -1 ? null : (entry.slice(0, end) as OrderId)
}

export const messageIn = (entry: Entry): MessageId => entry.slice(entry.indexOf('/') + 1) as MessageId
