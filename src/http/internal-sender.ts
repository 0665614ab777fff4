import { connectionOfSource } from '../db/installation.ts'
import type { Trust } from '../domain/event.ts'
import type { ConnectionId, ShopId } from '../domain/ids.ts'
import type { Sender } from '../pipeline/intake.ts'
import { INTERNAL_SOURCE } from '../pipeline/open-shop.ts'
import type { HttpDeps } from './deps.ts'

export type InternalSender = (shop: ShopId, trust: Trust) => Promise<Sender>

/** Whose word our own pages' and providers' reports are: the shop's own connection, looked up once. */
export function createInternalSender({ db }: HttpDeps): InternalSender {
  const known = new Map<ShopId, ConnectionId>()
  return async (shop, trust) => {
    const connection = known.get(shop) ?? (await connectionOfSource(db, shop, INTERNAL_SOURCE))
    if (connection === null) throw new Error(`shop ${shop} has no connection of its own`)
    known.set(shop, connection)
    return { shop, connection, trust }
  }
}
