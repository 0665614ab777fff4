import { internalConnection } from '../db/installation.ts'
import type { Trust } from '../domain/event.ts'
import { type ConnectionId, type ShopId, uuidText } from '../domain/ids.ts'
import type { Sender } from '../pipeline/intake.ts'
import type { HttpDeps } from './deps.ts'

export type InternalSender = (shop: ShopId, trust: Trust) => Promise<Sender>

/** Whose word our own pages' and providers' reports are: the shop's internal connection, made when first needed. */
export function createInternalSender({ db, keyring, clock }: HttpDeps): InternalSender {
  const known = new Map<ShopId, ConnectionId>()
  return async (shop, trust) => {
    let connection = known.get(shop)
    if (connection === undefined) {
      const bytes = (await keyring.open(shop)).hash('internal-connection').subarray(0, 16)
      bytes[6] = 0x70 | (bytes[6]! & 0x0f)
      bytes[8] = 0x80 | (bytes[8]! & 0x3f)
      connection = await internalConnection(db, shop, uuidText(bytes) as ConnectionId, clock.now())
      known.set(shop, connection)
    }
    return { shop, connection, trust }
  }
}
