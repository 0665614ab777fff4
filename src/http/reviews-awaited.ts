import type { MessageRow } from '../db/messages.ts'
import { reviewsOfOrder } from '../db/reviews.ts'
import type { AwaitedReview } from '../domain/gate/remedy-texts.ts'
import { decodeVerdict } from '../domain/gate/verdict.ts'
import { formatId, type OrderId, type ShopId } from '../domain/ids.ts'
import { furtherRoles } from '../domain/review/turn.ts'
import { staffedRoles } from '../pipeline/review-events.ts'
import type { HttpDeps } from './deps.ts'

/** By order of these messages that a review holds back: the reviews nobody has decided about yet. */
export async function awaitedReviews(
  { db, configs }: HttpDeps,
  shop: ShopId,
  rows: readonly MessageRow[],
): Promise<ReadonlyMap<OrderId, readonly AwaitedReview[]>> {
  const held = rows.flatMap(({ state, verdict, order_id: order }) => {
    const given = state === 'waiting' && verdict !== null ? decodeVerdict(verdict) : null
    return order !== null && given?.reasons.includes('under_review') ? [order] : []
  })
  const orders = [...new Set(held)]
  if (orders.length === 0) return new Map()
  const staffed = staffedRoles(await configs.get(shop))
  const found = await Promise.all(
    orders.map(async (order) => [order, await reviewsOfOrder(db, shop, order)] as const),
  )
  return new Map(
    found.map(([order, reviews]) => [
      order,
      reviews
        .filter(({ action, state }) => action === 'hold' && (state === 'open' || state === 'escalated'))
        .map(({ id, roles, level, due_at: until }) => ({
          last: furtherRoles({ roles, level }, staffed).length === 0,
          id: formatId('rev', id),
          role: roles[level] ?? roles[0]!,
          until,
        })),
    ]),
  )
}
