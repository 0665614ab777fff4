import type { Provider } from '../channels/channel.ts'
import { type AccountRow, waitingOn } from '../db/accounts.ts'
import type { Queryable } from '../db/connect.ts'
import type { ShopId } from '../domain/ids.ts'
import type { Clock } from '../domain/time.ts'
import { chooseAccount, isDivided, loadAccounts, type Whereabouts } from './accounts.ts'
import type { Keyring } from './keyring.ts'
import { createRecall } from './recall.ts'
import { createReceivers } from './receivers.ts'

interface Deps {
  readonly db: Queryable
  readonly keyring: Keyring
  readonly clock: Clock
  readonly providers: (name: string) => Provider | undefined
}

/** How many waiting messages one of a channel's accounts reaches and no other of them does: without it they are dropped. */
export async function strandedWithout(
  { db, keyring, clock, providers }: Deps,
  shop: ShopId,
  { id, channel }: AccountRow,
  accounts: readonly AccountRow[],
): Promise<number> {
  const load = async (rows: readonly AccountRow[]) =>
    (await loadAccounts(shop, rows, keyring, providers)).get(channel) ?? []
  const [now, then] = [await load(accounts), await load(accounts.filter((each) => each.id !== id))]
  if (then.length > 0 && !isDivided(then)) return 0
  const waiting = await waitingOn(db, shop, channel)
  const receivers = createReceivers({ keyring, recall: createRecall(clock) })
  const contacts = waiting.flatMap(({ contact_id }) => contact_id ?? [])
  const whereabouts = then.length === 0 ? new Map() : await receivers(db, shop, contacts)
  const isStranded = (receiver: Whereabouts) =>
    chooseAccount(now, receiver) !== null && chooseAccount(then, receiver) === null
  return waiting
    .filter(({ contact_id }) => isStranded(contact_id === null ? undefined : whereabouts.get(contact_id)))
    .reduce((sum, { messages }) => sum + messages, 0)
}
