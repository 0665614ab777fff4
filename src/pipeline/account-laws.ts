import type { Provider } from '../channels/channel.ts'
import { type AccountRow, listAccounts } from '../db/accounts.ts'
import type { Queryable } from '../db/connect.ts'
import type { ShopRow } from '../db/shops.ts'
import { formatId, type ShopId } from '../domain/ids.ts'
import { type AccountLaw, type LawBook, NO_ACCOUNT_LAW } from '../domain/law/book.ts'
import type { Road } from '../domain/law/carry.ts'
import { sceneOf } from '../domain/law/check.ts'
import type { Instant } from '../domain/time.ts'
import type { Keyring, ShopVault } from './keyring.ts'

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

export interface LawsDeps {
  readonly db: Queryable
  readonly keyring: Keyring
  readonly law: LawBook
  readonly providers: (name: string) => Provider | undefined
}

/** The shop's SMS accounts with their laws, paused ones too: they will be resumed. */
export async function smsRoads(
  { db, keyring, law, providers }: LawsDeps,
  { id, country }: Pick<ShopRow, 'id' | 'country'>,
  now: Instant,
): Promise<readonly Road[]> {
  const accounts = (await listAccounts(db, id)).filter(({ channel }) => channel === 'sms')
  if (accounts.length === 0) return []
  const vault = await keyring.open(id)
  return accounts.map((account) => {
    const own = accountLaw(id, account, vault, providers(account.provider))
    return {
      id: formatId('acct', account.id),
      name: account.name,
      scene: sceneOf(law, 'sms', own, country, now),
    }
  })
}
