import { type MessageRow, messagesOfOrder } from '../db/messages.ts'
import { isKeptApart, type LastTold } from '../domain/gate/orders-apart.ts'
import { explainTold } from '../domain/gate/told-texts.ts'
import { decodeVerdict } from '../domain/gate/verdict.ts'
import { formatId, type MessageId, type OrderId, type ShopId } from '../domain/ids.ts'
import { MINUTE } from '../domain/time.ts'
import { type Policies, recordedInput } from '../pipeline/recorded.ts'
import type { HttpDeps } from './deps.ts'
import type { Language } from './language.ts'
import { openOrder, type SeenOrder } from './order-seen.ts'

/** By message, of those that wait for another order's: which message of which order that is. */
export type ToldFirst = ReadonlyMap<MessageId, string>

/** Between the gate that lets a message go and its leaving lies a try, rarely more. */
const NEAR = 10 * MINUTE

export async function toldFirst(
  deps: HttpDeps,
  shop: ShopId,
  rows: readonly MessageRow[],
  policies: Policies,
  language: Language,
): Promise<ToldFirst> {
  const waiting = rows.flatMap((row) => {
    const last = toldTo(row, policies)
    return last === null ? [] : [{ row, last }]
  })
  const others = new Map<OrderId, Promise<Other>>()
  for (const { last } of waiting)
    if (!others.has(last.order)) others.set(last.order, readOther(deps, shop, last.order))
  const told = await Promise.all(
    waiting.map(async ({ row, last }) => {
      const other = await others.get(last.order)!
      const spoke = spokenAt(other.messages, row, last)
      const message = spoke && {
        id: formatId('msg', spoke.id),
        channel: spoke.channel,
        template: spoke.template,
      }
      return [
        row.id,
        explainTold({ order: other.order?.view.no ?? formatId('ord', last.order), message }, language),
      ] as const
    }),
  )
  return new Map(told)
}

function toldTo(row: MessageRow, policies: Policies): LastTold | null {
  const { state, verdict } = row
  if (verdict === null || state !== 'waiting') return null
  if (!decodeVerdict(verdict)?.reasons.includes('other_order_told')) return null
  return recordedInput(row, verdict, policies)?.told ?? null
}

interface Other {
  readonly order: SeenOrder | null
  readonly messages: readonly MessageRow[]
}

async function readOther(deps: HttpDeps, shop: ShopId, id: OrderId): Promise<Other> {
  const order = await openOrder(deps, shop, id)
  return { order, messages: await messagesOfOrder(deps.db, shop, order?.row.id ?? id) }
}

/** Of its messages of the kind, the one that was let go then. */
function spokenAt(
  messages: readonly MessageRow[],
  { category }: MessageRow,
  { at }: LastTold,
): MessageRow | undefined {
  const near = messages.filter(
    (each) =>
      each.category === category &&
      isKeptApart(each) &&
      (each.state === 'sent' || each.state === 'unknown') &&
      Math.abs((each.settled_at ?? at) - at) <= NEAR &&
      each.created_at <= at,
  )
  return near.at(-1)
}
