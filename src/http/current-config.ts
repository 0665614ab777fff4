import { readShop } from '../db/shops.ts'
import type { ShopId } from '../domain/ids.ts'
import type { ShopConfig } from '../pipeline/shop-config.ts'
import type { HttpDeps } from './deps.ts'

/** A shop's configuration as it stands now, also where another process has just changed it. */
export const currentConfig = async ({ db, configs }: HttpDeps, shop: ShopId): Promise<ShopConfig> =>
  configs.get(shop, (await readShop(db, shop))?.config_version)
