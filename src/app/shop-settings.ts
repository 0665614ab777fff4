import { addAudit } from '../db/audit.ts'
import { type Db, transaction } from '../db/connect.ts'
import { lockShopSettings, type ShopDetails, saveShopDetails, saveShopSettings } from '../db/shops.ts'
import { newId, type Random, type ShopId } from '../domain/ids.ts'
import { type ShopSettings, shopSettings } from '../domain/shop.ts'
import type { Clock } from '../domain/time.ts'

type GivenSettings = Readonly<Record<string, unknown>>

export interface SettingsChange {
  readonly given: GivenSettings
  /** Beside the settings; what is not named stays. */
  readonly details?: ShopDetails
  /** Who changes them, as the audit log names them. */
  readonly actor: string
  /** Told the whole as it would be, and as it was; throws to leave everything as it was. */
  check(merged: GivenSettings, before: GivenSettings): void
}

/** Settings of fields that have nothing to do with each other, so that a field that is not named stays, too. */
const OF_FIELDS: ReadonlySet<string> = new Set(['brand', 'retries'])

export const isOfFields = (name: string, value: unknown): value is GivenSettings =>
  OF_FIELDS.has(name) && isMap(value)

/** What is given over what there is: a setting that is not named stays, `null` takes one out, so that its default holds. */
function laidOver(before: GivenSettings, given: GivenSettings): GivenSettings {
  const named = Object.entries(given).map(([name, value]) => {
    if (!isOfFields(name, value)) return [name, value]
    const there = before[name]
    return [name, laidOver(isMap(there) ? there : {}, value)]
  })
  const all = { ...before, ...(Object.fromEntries(named) as GivenSettings) }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null))
}

const isMap = (value: unknown): value is GivenSettings =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * The only way in which a shop's settings change. They are read under the shop's row lock, so that of two changes at
 * once the later is laid over the earlier. Every process reads the configuration anew before its next message.
 */
export function changeShopSettings(
  { db, clock, random }: { readonly db: Db; readonly clock: Pick<Clock, 'now'>; readonly random: Random },
  shop: ShopId,
  { given, details = {}, actor, check }: SettingsChange,
): Promise<ShopSettings> {
  return transaction(db, async (tx) => {
    const before = (await lockShopSettings(tx, shop)) as GivenSettings
    const merged = laidOver(before, given)
    check(merged, before)
    const parsed = shopSettings.parse(merged)
    await saveShopSettings(tx, shop, merged)
    await saveShopDetails(tx, shop, details)
    const at = clock.now()
    const entry = { id: newId('adt', at, random), at, actor, action: 'shop.set', target: `shop ${shop}` }
    await addAudit(tx, shop, {
      ...entry,
      detail: { settings: [...Object.keys(details), ...Object.keys(given)] },
    })
    return parsed
  })
}
