import { transaction } from '../db/connect.ts'
import { readOrderRows } from '../db/orders.ts'
import {
  claimDueReviews,
  escalateReview,
  expireFlags,
  peekDueReviews,
  putReviewOff,
  type ReviewRow,
} from '../db/reviews.ts'
import { readSwitches } from '../db/switches.ts'
import type { ReviewId, ShopId } from '../domain/ids.ts'
import { nextLevel } from '../domain/review/life.ts'
import { HOUR, type Instant, type Millis } from '../domain/time.ts'
import type { DecideDeps } from './batch.ts'
import { mustWait, wasInterrupted } from './decide.ts'
import { type ReviewScene, staffedRoles, tellOfReview } from './review-events.ts'
import { reviewedOrder } from './reviewed-order.ts'

/** A review that cannot be told of is tried again so much later: what is wrong with it may have been repaired. */
const PUT_OFF: Millis = HOUR

/**
 * Puts reviews that nobody has answered in time to the next role, and flags that nobody has looked at away. A review
 * in the hands of somebody who decides is passed over. Only the reviews are locked: nothing else changes. One that
 * cannot be told of is found by taking one at a time and put off; the others go on.
 */
export async function runReviewTimers(deps: DecideDeps, shop: ShopId, limit: number): Promise<number> {
  const now = deps.clock.now()
  const due = await peekDueReviews(deps.db, shop, now, limit)
  if (due.length === 0) return 0
  try {
    return await moveTogether(deps, shop, due, now)
  } catch (error) {
    if (mustWait(error)) throw error
    deps.log.warn({ err: error, shop }, 'a batch of reviews could not be moved on; trying them one by one')
    return moveOneByOne(deps, shop, due, now)
  }
}

async function moveOneByOne(
  deps: DecideDeps,
  shop: ShopId,
  due: readonly ReviewId[],
  now: Instant,
): Promise<number> {
  let moved = 0
  for (const review of due) {
    try {
      moved += await moveTogether(deps, shop, [review], now)
    } catch (error) {
      if (mustWait(error)) throw error
      if (wasInterrupted(error)) {
        deps.log.warn({ err: error, shop, review }, 'moving a review on was interrupted; it stays due')
        continue
      }
      deps.log.error({ err: error, shop, review }, 'a review cannot be moved on and is put off')
      await putReviewOff(deps.db, shop, review, now + PUT_OFF)
      moved++
    }
  }
  return moved
}

function moveTogether(
  deps: DecideDeps,
  shop: ShopId,
  ids: readonly ReviewId[],
  now: Instant,
): Promise<number> {
  return transaction(deps.db, async (tx) => {
    const due = await claimDueReviews(tx, shop, ids, now)
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
    await escalate(scene, holds)
    return due.length
  })
}

async function escalate(scene: ReviewScene, holds: readonly ReviewRow[]): Promise<void> {
  const { tx, shop, now } = scene
  const rows = await readOrderRows(
    tx,
    shop,
    holds.map((review) => review.order_id),
  )
  const orders = new Map(rows.map((row) => [row.id, row]))
  const staffed = staffedRoles(scene.config)
  for (const review of holds) {
    const order = orders.get(review.order_id)
    if (!order) throw new Error('the order of a review is gone')
    const { level, dueAt } = nextLevel(review, staffed, now)
    const escalated = await escalateReview(
      tx,
      shop,
      review.id,
      { from: review.level, level, dueAt, by: 'time' },
      now,
    )
    if (escalated !== null)
      await tellOfReview(
        scene,
        escalated,
        reviewedOrder(scene, order),
        { kind: 'escalated' },
        review.due_at ?? now,
      )
  }
}
