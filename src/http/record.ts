import { addAudit } from '../db/audit.ts'
import type { Queryable } from '../db/connect.ts'
import { newId, type ShopId } from '../domain/ids.ts'
import type { HttpDeps } from './deps.ts'

/** Writes who did what into the audit log. `detail` never holds an address, key or name. */
export async function record(
  { clock, random }: HttpDeps,
  db: Queryable,
  who: { readonly shop: ShopId; readonly actor: string },
  action: string,
  target: string,
  detail: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const at = clock.now()
  await addAudit(db, who.shop, { id: newId('adt', at, random), at, actor: who.actor, action, target, detail })
}
