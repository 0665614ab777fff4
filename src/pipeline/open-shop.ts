import { addAccount } from '../db/accounts.ts'
import { type Db, type Tx, transaction } from '../db/connect.ts'
import { addConnection } from '../db/connections.ts'
import { keepPresets, publishFlows, publishTemplates } from '../db/flows.ts'
import { publishRules } from '../db/rules.ts'
import { createShop, type ShopToCreate } from '../db/shops.ts'
import { type AccountId, type ConnectionId, newId, type Random, type ShopId } from '../domain/ids.ts'
import type { Channel } from '../domain/message.ts'
import type { Instant } from '../domain/time.ts'
import type { Keyring } from './keyring.ts'
import type { Presets } from './presets.ts'

export interface OpenShopDeps {
  readonly db: Db
  readonly keyring: Keyring
  readonly random: Random
}

export interface AccountToOpen {
  readonly channel: Channel
  readonly provider: string
  readonly name: string
  readonly settings: unknown
  readonly concurrency?: number
  readonly ratePerSecond?: number | null
  /** Smaller goes first where a channel has several. 1 if left out. */
  readonly position?: number
}

export interface OpenedShop {
  readonly id: ShopId
  /** The connection by which what we learn ourselves (clicks, receipts) comes in. */
  readonly internal: ConnectionId
}

/** The source name of a shop's own connection. */
export const INTERNAL_SOURCE = 'dingdong'

/**
 * Makes a shop with keys, preset flows and templates, its inbox and its own connection, all or nothing.
 * `null` when the slug is taken.
 */
export function openShop(
  deps: OpenShopDeps,
  shop: ShopToCreate,
  presets: Presets,
  accounts: readonly AccountToOpen[],
  now: Instant,
): Promise<OpenedShop | null> {
  return transaction(deps.db, async (tx) => {
    const id = await createShop(tx, shop, now)
    if (id === null) return null
    const vault = await deps.keyring.createKeys(tx, id, now)
    const rules = presets.rules ?? []
    await keepPresets(tx, [...presets.flows, ...presets.templates, ...rules], now)
    await publishFlows(tx, id, presets.flows, 'preset', now)
    await publishTemplates(tx, id, presets.templates, 'preset', now)
    await publishRules(tx, id, rules, 'preset', now)
    const internal = newId('conn', now, deps.random)
    const place = { shop: id, column: 'connection.settings', row: internal }
    await addConnection(tx, id, {
      id: internal,
      source: INTERNAL_SOURCE,
      name: 'Dingdong',
      path_hash: null,
      settings: vault.sealer.seal('{}', place),
      created_at: now,
    })
    for (const account of accounts) await openAccount(deps, tx, id, account, now)
    return { id, internal }
  })
}

/** Adds an account with its settings sealed. The settings must have passed the provider's own check. */
export async function openAccount(
  deps: Pick<OpenShopDeps, 'keyring' | 'random'>,
  tx: Tx,
  shop: ShopId,
  account: AccountToOpen,
  now: Instant,
): Promise<AccountId> {
  const vault = await deps.keyring.open(shop)
  const id = newId('acct', now, deps.random)
  const settings = vault.sealer.seal(JSON.stringify(account.settings), {
    shop,
    column: 'account.settings',
    row: id,
  })
  await addAccount(
    tx,
    shop,
    {
      id,
      channel: account.channel,
      provider: account.provider,
      name: account.name,
      settings,
      position: account.position ?? 1,
      rate_per_s: account.ratePerSecond ?? null,
      concurrency: account.concurrency ?? 4,
    },
    now,
  )
  return id
}
