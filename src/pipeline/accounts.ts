import type { Provider } from '../channels/channel.ts'
import type { AccountRow } from '../db/accounts.ts'
import type { ShopId } from '../domain/ids.ts'
import type { Channel } from '../domain/message.ts'
import { accountTerms } from './account-laws.ts'
import { isMissingKey } from './attempt.ts'
import type { ShopVault } from './keyring.ts'

/** An account with the countries (ISO 3166) that it reaches; `null`: every one. */
export interface LoadedAccount extends AccountRow {
  readonly countries: readonly string[] | null
}

export type LoadedAccounts = ReadonlyMap<Channel, readonly LoadedAccount[]>

/** A shop's accounts by channel, in the order in which it prefers them. */
export async function loadAccounts(
  shop: ShopId,
  rows: readonly AccountRow[],
  keyring: Opens,
  findProvider: (name: string) => Provider | undefined,
): Promise<LoadedAccounts> {
  const loaded = new Map<Channel, LoadedAccount[]>()
  for (const [channel, own] of Map.groupBy(rows, (row) => row.channel)) {
    const accounts: LoadedAccount[] = []
    for (const row of own) {
      const provider = findProvider(row.provider)
      const countries = provider?.countriesOf
        ? await countriesIn({ shop, row, provider, alone: own.length === 1 }, keyring)
        : null
      accounts.push({ ...row, countries })
    }
    loaded.set(channel, accounts)
  }
  return loaded
}

interface Opens {
  open(shop: ShopId): Promise<Pick<ShopVault, 'sealer'>>
}

interface Sealed {
  readonly shop: ShopId
  readonly row: AccountRow
  readonly provider: Provider
  readonly alone: boolean
}

/** Of settings that cannot be opened nothing is known; the hand-over pauses such an account. */
async function countriesIn({ shop, row, provider, alone }: Sealed, keyring: Opens) {
  for (let tries = 0; ; tries++) {
    const vault = await keyring.open(shop)
    try {
      return accountTerms(shop, row, vault, provider, alone).countries
    } catch (error) {
      // A key that is new to this process is there when the keys are opened anew.
      if (tries > 0 || !isMissingKey(error)) return null
    }
  }
}

/** Those of `others` that reach somebody whom this account reaches. */
export const besides = <Reaching extends Pick<LoadedAccount, 'countries'>>(
  { countries }: Pick<LoadedAccount, 'countries'>,
  others: readonly Reaching[],
): readonly Reaching[] =>
  others.filter(
    (each) =>
      countries === null ||
      each.countries === null ||
      each.countries.some((country) => countries.includes(country)),
  )

/** Whether `others` together reach everybody whom this account reaches. */
export const isCovered = (
  { countries }: Pick<LoadedAccount, 'countries'>,
  others: readonly Pick<LoadedAccount, 'countries'>[],
): boolean =>
  others.some((each) => each.countries === null) ||
  (countries?.every((country) => others.some((each) => each.countries?.includes(country))) ?? false)

/** Whether it matters where a receiver is. */
export const isDivided = (accounts: readonly LoadedAccount[]): boolean =>
  accounts.some(({ countries }) => countries !== null)

/** Where a phone is: ISO 3166; `null`: a number of no country, as ships have. `undefined`: not known, or of no matter. */
export type Whereabouts = string | null | undefined

/**
 * The account that carries a message: the first working one that reaches the receiver, else the first that does;
 * `null`: none. Of an unknown receiver the first will do: what is wrong with the address is told elsewhere.
 */
export function chooseAccount(
  accounts: readonly LoadedAccount[],
  receiver: Whereabouts,
): LoadedAccount | null {
  const reaching =
    receiver === undefined
      ? accounts
      : accounts.filter(
          ({ countries }) => countries === null || (receiver !== null && countries.includes(receiver)),
        )
  return reaching.find(({ state }) => state === 'ok') ?? reaching[0] ?? null
}
