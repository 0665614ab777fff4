import { addAudit } from '../db/audit.ts'
import { type Db, transaction } from '../db/connect.ts'
import { lockShopSettings, saveShopSettings } from '../db/shops.ts'
import { newId, type Random, type ShopId } from '../domain/ids.ts'
import { type ShopSettings, shopSettings } from '../domain/shop.ts'
import type { Clock } from '../domain/time.ts'

export interface SettingsChange {
  /** Laid over the settings there are; one that is not named stays. */
  readonly given: Readonly<Record<string, unknown>>
  /** Who changes them, as the audit log names them. */
  readonly actor: string
  /** Told the whole as it would be, and as it was; throws to leave everything as it was. */
  check(merged: Readonly<Record<string, unknown>>, before: Readonly<Record<string, unknown>>): void
}

/**
 * The only way in which a shop's settings change. They are read under the shop's row lock, so that of two changes at
 * once the later is laid over the earlier. Every process reads the configuration anew before its next message.
 */
export function changeShopSettings(
  { db, clock, random }: { readonly db: Db; readonly clock: Pick<Clock, 'now'>; readonly random: Random },
  shop: ShopId,
  { given, actor, check }: SettingsChange,
): Promise<ShopSettings> {
  return transaction(db, async (tx) => {
    const before = (await lockShopSettings(tx, shop)) as Readonly<Record<string, unknown>>
    const merged = { ...before, ...given }
    check(merged, before)
    const parsed = shopSettings.parse(merged)
    await saveShopSettings(tx, shop, merged)
    const at = clock.now()
    const entry = { id: newId('adt', at, random), at, actor, action: 'shop.set', target: `shop ${shop}` }
    await addAudit(tx, shop, { ...entry, detail: { settings: Object.keys(given) } })
    return parsed
  })
}
