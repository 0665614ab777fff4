import type { KeptRow } from '../db/todo.ts'
import type { Event, EventData } from '../domain/event.ts'
import type { ShopId } from '../domain/ids.ts'
import { mendKept } from '../domain/storable-text.ts'
import type { ShopVault } from './keyring.ts'

/** A kept row as the event it was: opened and read. Throws SealError when the body is not what was sealed. */
export function openEvent(shop: ShopId, row: KeptRow, vault: ShopVault): Event {
  return readEvent(row, shop, vault.sealer.openText(row.body, { shop, column: 'event.body', row: row.id }))
}

/** The event in the text that was sealed. */
export function readEvent(row: Omit<KeptRow, 'body'>, shop: ShopId, text: string): Event {
  type Body = [string | null, string, string | null, EventData]
  // What an earlier version kept, and could not apply.
  const [id, source, subject, data] = mendKept(JSON.parse(text) as Body, text)
  return {
    shop,
    key: row.id,
    connection: row.connection_id,
    trust: row.trust,
    receivedAt: row.received_at,
    id,
    type: row.type,
    source,
    subject,
    time: row.occurred_at,
    data,
  }
}
