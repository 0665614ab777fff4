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

interface AccountTerms {
  readonly law: AccountLaw
  /** In thousandths of the shop's currency; `null`: not said. */
  readonly segmentPrice: number | null
  /** Countries that it reaches, ISO 3166; `null`: every one. */
  readonly countries: readonly string[] | null
}

/**
 * What an account's settings say about the law, the price of a segment and where it reaches; one of an unknown provider
 * says nothing. `alone`: see `Provider.countriesOf`.
 */
export function accountTerms(
  shop: ShopId,
  account: AccountRow,
  vault: Pick<ShopVault, 'sealer'>,
  provider: Provider | undefined,
  alone = false,
): AccountTerms {
  const place = { shop, column: 'account.settings', row: account.id }
  const settings = provider?.settings.safeParse(JSON.parse(vault.sealer.openText(account.settings, place)))
  if (!provider || !settings?.success) return { law: NO_ACCOUNT_LAW, segmentPrice: null, countries: null }
  return {
    law: provider.lawOf?.(settings.data) ?? NO_ACCOUNT_LAW,
    segmentPrice: provider.segmentPriceOf?.(settings.data) ?? null,
    countries: provider.countriesOf?.(settings.data, alone) ?? null,
  }
}

export const accountLaw = (...account: Parameters<typeof accountTerms>): AccountLaw =>
  accountTerms(...account).law

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
