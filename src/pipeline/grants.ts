import { type AccountRow, putTokensBack, takeTokens } from '../db/accounts.ts'
import type { Db } from '../db/connect.ts'
import { accountRate } from '../domain/delivery/rate.ts'
import type { AccountId, ShopId } from '../domain/ids.ts'
import type { Instant, Millis } from '../domain/time.ts'
import { chooseAccount, isDivided, type LoadedAccount } from './accounts.ts'

/** What one account may send in this turn. */
interface Grant {
  readonly account: LoadedAccount
  readonly limit: number
  /** Rate-limited: when its next send is granted; 0 where all that were wanted are. */
  readonly retryIn: Millis
}

/** What the accounts of a channel may send in one turn. */
export interface Grants {
  /** Messages to take up. */
  readonly limit: number
  /** The channel's accounts reach different countries: each message has its own. */
  readonly divided: boolean
  /** Whether an account has a rate, so that the most urgent go first. */
  readonly scarce: boolean
  readonly retryIn: Millis
  /** Takes one send of this account; false: it has none left. */
  take(account: AccountRow): boolean
  /** Gives back what was granted and not taken. Call it once, with what really leaves through each account. */
  close(sent: ReadonlyMap<AccountId, number>): Promise<void>
}

/**
 * Asks each account for its share before anything is locked: of a channel whose accounts all reach everybody the one
 * that is used, of a divided one every account that works.
 */
export async function openGrants(
  db: Db,
  shop: ShopId,
  accounts: readonly LoadedAccount[],
  wanted: (account: AccountRow | null) => number,
  now: Instant,
): Promise<Grants> {
  const divided = isDivided(accounts)
  const first = chooseAccount(accounts, undefined)
  const asked = divided ? accounts.filter(({ state }) => state === 'ok') : first ? [first] : []
  const grants = await Promise.all(asked.map((account) => grant(db, shop, account, wanted(account), now)))
  const left = new Map(grants.map(({ account, limit }) => [account.id, limit]))
  return {
    limit: grants.length === 0 ? wanted(null) : grants.reduce((sum, { limit }) => sum + limit, 0),
    divided,
    scarce: grants.some(({ account }) => account.rate_per_s !== null),
    retryIn: soonest(grants),
    take({ id, rate_per_s }) {
      // Of an undivided channel no more was taken up than was granted.
      if (!divided) return true
      const room = left.get(id)
      // It works since a moment ago: what its rate allows is asked at the next turn.
      if (room === undefined) return rate_per_s === null
      left.set(id, room - 1)
      return room > 0
    },
    async close(sent) {
      await Promise.all(
        grants.map(({ account, limit }) =>
          returnTokens(db, shop, account, limit - (sent.get(account.id) ?? 0)),
        ),
      )
    },
  }
}

/** 0: none of them is dry. */
const soonest = (grants: readonly Grant[]): Millis =>
  grants.reduce(
    (least, { retryIn }) =>
      least === 0 || retryIn === 0 ? Math.max(least, retryIn) : Math.min(least, retryIn),
    0,
  )

async function grant(
  db: Db,
  shop: ShopId,
  account: LoadedAccount,
  wanted: number,
  now: Instant,
): Promise<Grant> {
  if (!account.rate_per_s) return { account, limit: wanted, retryIn: 0 }
  const rate = accountRate(account.rate_per_s)
  const { granted, retryIn } = await takeTokens(db, shop, account.id, rate, wanted, now)
  return { account, limit: granted, retryIn }
}

/** Gives sends that were granted but not made back to the account's shared rate. */
export async function returnTokens(
  db: Db,
  shop: ShopId,
  account: AccountRow | null,
  unused: number,
): Promise<void> {
  if (account?.rate_per_s) await putTokensBack(db, shop, account.id, accountRate(account.rate_per_s), unused)
}
