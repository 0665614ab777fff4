import type { Tx } from '../db/connect.ts'
import { MERGES } from '../db/contacts.ts'
import {
  adoptMessages,
  claimAgain,
  claimDueMessages,
  claimUrgentMessages,
  type DueMessage,
} from '../db/due-messages.ts'
import type { ShopId } from '../domain/ids.ts'
import type { Channel } from '../domain/message.ts'
import { DAY, type Instant, toIso } from '../domain/time.ts'

/** Locks what is due: by time, or where more is due than can leave, the most urgent first. */
export async function claimDue(
  tx: Tx,
  shop: ShopId,
  channel: Channel,
  now: Instant,
  { limit, urgent: first }: { readonly limit: number; readonly urgent: boolean },
): Promise<readonly DueMessage[]> {
  const sinceDay = toIso(now - DAY).slice(0, 10)
  const urgent = first ? await claimUrgentMessages(tx, shop, channel, now, limit, sinceDay) : []
  const due = urgent.length > 0 ? urgent : await claimDueMessages(tx, shop, channel, now, limit, sinceDay)
  return due.some((message) => message.merged_into !== null)
    ? ofSurvivors(tx, shop, channel, now, due, sinceDay)
    : due
}

/** Rare road: a message that waited while its customer became part of another obeys the survivor's wishes and caps. */
async function ofSurvivors(
  tx: Tx,
  shop: ShopId,
  channel: Channel,
  now: Instant,
  found: readonly DueMessage[],
  sinceDay: string,
): Promise<readonly DueMessage[]> {
  let due = found
  for (let hops = 0; hops < MERGES; hops++) {
    const merged = due.flatMap(({ id, merged_into: survivor }) =>
      survivor === null ? [] : [{ id, survivor }],
    )
    if (merged.length === 0) break
    await adoptMessages(tx, shop, merged)
    const ids = due.map((message) => message.id)
    due = await claimAgain(tx, shop, channel, now, ids, sinceDay)
  }
  return due
}
