import type { Provider } from '../channels/channel.ts'
import type { AccountRow } from '../db/accounts.ts'
import type { ShopId } from '../domain/ids.ts'
import { type AccountLaw, NO_ACCOUNT_LAW } from '../domain/law/book.ts'
import type { ShopVault } from './keyring.ts'

/** What an account's settings say about the law; an account that this program cannot read says nothing. */
export function accountLaw(
  shop: ShopId,
  account: AccountRow,
  vault: ShopVault,
  provider: Provider | undefined,
): AccountLaw {
  const place = { shop, column: 'account.settings', row: account.id }
  const settings = provider?.settings.safeParse(JSON.parse(vault.sealer.openText(account.settings, place)))
  return (settings?.success && provider?.lawOf?.(settings.data)) || NO_ACCOUNT_LAW
}
