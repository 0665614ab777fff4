import type { Queryable } from '../db/connect.ts'
import type { DueMessage } from '../db/due-messages.ts'
import type { GateAccount } from '../domain/gate/input.ts'
import type { AccountId, ShopId } from '../domain/ids.ts'
import type { AccountLaw } from '../domain/law/book.ts'
import { type Instant, MINUTE, type Millis } from '../domain/time.ts'
import { chooseAccount, isDivided, type LoadedAccount } from './accounts.ts'
import type { Receivers } from './receivers.ts'

/** A paused account is looked at again after this. */
const ACCOUNT_CHECK: Millis = MINUTE

/** Through which account a message goes, and under which law. */
export interface Road {
  readonly account: LoadedAccount | null
  /** `null` where its settings cannot be read, which the hand-over tells. */
  readonly law: AccountLaw | null
}

export interface RoadDeps {
  readonly lawOf: (shop: ShopId, account: LoadedAccount) => Promise<AccountLaw | null>
  readonly receivers: Receivers
}

/** The road of each message: one for all, unless the channel's accounts reach different countries. */
export async function findRoads(
  { lawOf, receivers }: RoadDeps,
  db: Queryable,
  shop: ShopId,
  accounts: readonly LoadedAccount[],
  due: readonly DueMessage[],
): Promise<(message: DueMessage) => Road> {
  const roads = new Map<AccountId | null, Road>([[null, { account: null, law: null }]])
  const build = async (account: LoadedAccount | null) => {
    const id = account?.id ?? null
    if (account && !roads.has(id)) roads.set(id, { account, law: await lawOf(shop, account) })
    return roads.get(id)!
  }
  if (!isDivided(accounts)) {
    const road = await build(chooseAccount(accounts, undefined))
    return () => road
  }
  const contacts = due.flatMap(({ contact_id }) => contact_id ?? [])
  const whereabouts = await receivers(db, shop, contacts)
  const chosen = new Map<DueMessage, Road>()
  for (const message of due) {
    const receiver = message.contact_id === null ? undefined : whereabouts.get(message.contact_id)
    chosen.set(message, await build(chooseAccount(accounts, receiver)))
  }
  return (message) => chosen.get(message)!
}

/** How the gate sees an account. */
export function accountState(
  account: LoadedAccount | null,
  accounts: readonly LoadedAccount[],
  now: Instant,
): GateAccount {
  if (account === null) return { state: accounts.length === 0 ? 'missing' : 'elsewhere', resumesAt: null }
  return { state: account.state, resumesAt: account.state === 'paused' ? now + ACCOUNT_CHECK : null }
}
