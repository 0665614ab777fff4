import type { Provider, ProviderPorts, Sender } from '../channels/channel.ts'
import type { AccountRow } from '../db/accounts.ts'
import type { AccountId, ShopId } from '../domain/ids.ts'
import { type AccountLaw, NO_ACCOUNT_LAW } from '../domain/law/book.ts'
import type { ShopVault } from './keyring.ts'

/** Opened accounts: connection pools live here, keyed by the settings they were opened with. */
export interface Senders {
  /** The account's provider, opened with its settings; throws when the provider or the settings are unknown to this program. */
  of(
    shop: ShopId,
    account: AccountRow,
    vault: ShopVault,
  ): { readonly provider: Provider; readonly sender: Sender }
  repeatOf(account: AccountRow): 'harmless' | 'visible'
  /** What the account's settings say about the law; throws as `of` does. */
  lawOf(shop: ShopId, account: AccountRow, vault: ShopVault): AccountLaw
  close(): Promise<void>
}

interface Opened {
  readonly provider: Provider
  readonly law: AccountLaw
  readonly sender: Sender
  readonly settings: Buffer
}

export function createSenders(
  findProvider: (name: string) => Provider | undefined,
  ports: (shop: ShopId) => ProviderPorts,
): Senders {
  const open = new Map<AccountId, Opened>()
  const provider = (name: string): Provider => {
    const found = findProvider(name)
    if (!found) throw new Error(`no provider is named "${name}" in this version of the program`)
    return found
  }
  function opened(shop: ShopId, account: AccountRow, vault: ShopVault): Opened {
    const known = open.get(account.id)
    if (known?.settings.equals(account.settings)) return known
    if (known) void known.sender.close()
    const own = provider(account.provider)
    const place = { shop, column: 'account.settings', row: account.id }
    const settings = own.settings.parse(JSON.parse(vault.sealer.openText(account.settings, place)))
    const made = {
      provider: own,
      sender: own.open(settings, ports(shop)),
      law: own.lawOf?.(settings) ?? NO_ACCOUNT_LAW,
      settings: account.settings,
    }
    open.set(account.id, made)
    return made
  }
  return {
    of: opened,
    lawOf: (shop, account, vault) => opened(shop, account, vault).law,
    repeatOf: (account) => provider(account.provider).repeat,
    async close() {
      const all = [...open.values()]
      open.clear()
      await Promise.allSettled(all.map(({ sender }) => sender.close()))
    },
  }
}
