import { addAudit } from '../db/audit.ts'
import type { Queryable } from '../db/connect.ts'
import { newId, type ShopId } from '../domain/ids.ts'
import type { Context } from './command.ts'

/** Notes in the shop's audit log what a command did. Never put an address, key or name into `detail`. */
export async function record(
  { clock, random }: Context,
  db: Queryable,
  shop: ShopId,
  action: string,
  target: string,
  detail: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const at = clock.now()
  await addAudit(db, shop, {
    id: newId('adt', at, random),
    at,
    actor: 'command line',
    action,
    target,
    detail,
  })
}
