import { transaction } from '../db/connect.ts'
import { readOrderRows } from '../db/orders.ts'
import { claimDueReviews, escalateReview, expireFlags } from '../db/reviews.ts'
import { readSwitches } from '../db/work.ts'
import type { ShopId } from '../domain/ids.ts'
import { nextLevel } from '../domain/review/life.ts'
import type { DecideDeps } from './batch.ts'
import { type ReviewScene, reviewedOrder, staffedRoles, tellOfReview } from './review-events.ts'

/**
 * Puts reviews that nobody has answered in time to the next role, and flags that nobody has looked at away. A review
 * in the hands of somebody who decides is passed over. Only the reviews are locked: nothing else changes.
 */
export function runReviewTimers(deps: DecideDeps, shop: ShopId, limit: number): Promise<number> {
  const now = deps.clock.now()
  return transaction(deps.db, async (tx) => {
    const due = await claimDueReviews(tx, shop, now, limit)
    if (due.length === 0) return 0
    const flags = due.filter((review) => review.action === 'flag')
    const holds = due.filter((review) => review.action === 'hold')
    await expireFlags(
      tx,
      shop,
      flags.map((review) => review.id),
      now,
    )
    if (holds.length === 0) return due.length
    const switches = await readSwitches(tx, shop)
    const scene: ReviewScene = {
      tx,
      shop,
      vault: await deps.keyring.open(shop),
      config: await deps.configs.get(shop, switches.config_version),
      random: deps.random,
      now,
    }
    const rows = await readOrderRows(
      tx,
      shop,
      holds.map((review) => review.order_id),
    )
    const orders = new Map(rows.map((row) => [row.id, reviewedOrder(scene, row)]))
    const staffed = staffedRoles(scene.config)
    for (const review of holds) {
      const { level, dueAt } = nextLevel(review, staffed, now)
      const escalated = await escalateReview(tx, shop, review.id, level, dueAt)
      if (escalated !== null)
        await tellOfReview(
          scene,
          escalated,
          orders.get(review.order_id)!,
          { kind: 'escalated' },
          review.due_at!,
        )
    }
    return due.length
  })
}
