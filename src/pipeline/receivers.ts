import type { Queryable } from '../db/connect.ts'
import { readContacts } from '../db/contacts.ts'
import type { ContactId, ShopId } from '../domain/ids.ts'
import { countryOfPhone } from '../domain/order/contact.ts'
import type { Whereabouts } from './accounts.ts'
import { attempt } from './attempt.ts'
import type { Keyring } from './keyring.ts'
import type { Recall } from './recall.ts'

/** Where the phones behind contacts are. Asked only where a channel's accounts reach different countries. */
export type Receivers = (
  db: Queryable,
  shop: ShopId,
  contacts: readonly ContactId[],
) => Promise<ReadonlyMap<ContactId, Whereabouts>>

/** A contact's address never changes, and its country takes a few bytes. */
const REMEMBERED = 50_000

/** Addresses are opened once a process, and not read where decide has just had them in hand. */
export function createReceivers({
  keyring,
  recall,
}: {
  readonly keyring: Keyring
  readonly recall: Recall
}): Receivers {
  const known = new Map<ContactId, Whereabouts>()
  return async (db, shop, contacts) => {
    const found = new Map<ContactId, Whereabouts>()
    const missing: ContactId[] = []
    if (known.size >= REMEMBERED) known.clear()
    for (const id of new Set(contacts)) {
      const fresh = known.has(id) ? undefined : recall.addresses.get(id)
      if (fresh !== undefined) known.set(id, countryOfPhone(fresh))
      if (known.has(id)) found.set(id, known.get(id))
      else missing.push(id)
    }
    if (missing.length === 0) return found
    const { sealer } = await keyring.open(shop)
    for (const { id, address } of await readContacts(db, shop, missing)) {
      const place = { shop, column: 'contact.address', row: id }
      const read = attempt(() => countryOfPhone(sealer.openText(address, place)))
      // What cannot be opened goes the first road, where its end is told.
      if (!('ok' in read)) continue
      known.set(id, read.ok)
      found.set(id, read.ok)
    }
    return found
  }
}
