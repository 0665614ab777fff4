import { addAudit } from '../db/audit.ts'
import { type Db, type Tx, transaction } from '../db/connect.ts'
import { stopCancels } from '../db/messages.ts'
import { lockOrderRows } from '../db/orders.ts'
import {
  escalateReview,
  type ReviewRow,
  readReview,
  refreshHolds,
  reopenReview,
  settleReview,
} from '../db/reviews.ts'
import { readSwitches } from '../db/switches.ts'
import { formatId, newId, type OrderId, type Random, type ReviewId, type ShopId } from '../domain/ids.ts'
import { isClosed } from '../domain/order/view.ts'
import { nextLevel, rolesOfOthers, UNDO } from '../domain/review/life.ts'
import type { Clock } from '../domain/time.ts'
import { freeOrders } from './apply-rules.ts'
import type { Keyring } from './keyring.ts'
import { type ReviewScene, tellOfReview } from './review-events.ts'
import { reviewedOrder } from './reviewed-order.ts'
import type { ShopConfigs } from './shop-config.ts'

export interface ReviewDeps {
  readonly db: Db
  readonly keyring: Keyring
  readonly configs: ShopConfigs
  readonly clock: Clock
  readonly random: Random
}

export const REVIEW_CHANGES = ['approve', 'reject', 'escalate', 'reopen'] as const
export type ReviewChange = (typeof REVIEW_CHANGES)[number]

export interface Decision {
  readonly change: ReviewChange
  /** For the audit log and whoever comes second: `key:…`, `member:…`, `admin`. */
  readonly by: string
  /** Roles of a member; `null` for an API key or the administrator, who may decide anything. */
  readonly roles: readonly string[] | null
  readonly note: string | null
}

export type Decided =
  /** `changed` is false for a repetition of what the same person decided already. */
  | { readonly kind: 'done'; readonly review: ReviewRow; readonly changed: boolean }
  | { readonly kind: 'unknown' }
  /** Somebody else, or the order's own end, was quicker. */
  | { readonly kind: 'settled'; readonly review: ReviewRow }
  | { readonly kind: 'forbidden'; readonly review: ReviewRow }
  /** Nobody further to pass it on to. */
  | { readonly kind: 'furthest'; readonly review: ReviewRow }
  /** Nothing to take back, or not any more. */
  | { readonly kind: 'late'; readonly review: ReviewRow }

/**
 * Decides a review, puts it to the next role, or takes a decision back: with what follows for the order, the audit
 * log and the event that tells of it, in one transaction. The review's row decides who was first.
 */
export async function changeReview(
  deps: ReviewDeps,
  shop: ShopId,
  id: ReviewId,
  decision: Decision,
): Promise<Decided> {
  return transaction(deps.db, async (tx) => {
    const found = await lockedReview(tx, shop, id)
    if (found === null) return { kind: 'unknown' }
    const { review, order: row } = found
    if (decision.roles !== null && !decision.roles.some((role) => review.roles.includes(role)))
      return { kind: 'forbidden', review }
    const switches = await readSwitches(tx, shop)
    const scene: ReviewScene = {
      tx,
      shop,
      vault: await deps.keyring.open(shop),
      config: await deps.configs.get(shop, switches.config_version),
      random: deps.random,
      now: deps.clock.now(),
    }
    const order = reviewedOrder(scene, row)
    switch (decision.change) {
      case 'approve':
        return settle(scene, review, order, decision, 'approved')
      case 'reject':
        return settle(scene, review, order, decision, 'rejected')
      case 'escalate':
        return escalate(scene, review, order, decision)
      case 'reopen':
        return reopen(scene, review, order, decision)
    }
  })
}

/** The review with its order locked. A merge may move the review while we wait for the lock: then once more. */
async function lockedReview(tx: Tx, shop: ShopId, id: ReviewId) {
  for (let tries = 0; tries < 5; tries++) {
    const review = await readReview(tx, shop, id)
    if (review === null) return null
    const [order] = await lockOrderRows(tx, shop, [review.order_id])
    const now = await readReview(tx, shop, id)
    if (order && now?.order_id === order.id) return { review: now, order }
  }
  throw new Error('a review’s order kept changing')
}

type Order = ReturnType<typeof reviewedOrder>

async function settle(
  scene: ReviewScene,
  review: ReviewRow,
  order: Order,
  { by, note }: Decision,
  state: 'approved' | 'rejected',
): Promise<Decided> {
  const { tx, shop, vault, now } = scene
  const place = { shop, column: 'review.note', row: review.id }
  const sealed = note === null ? null : vault.sealer.seal(note, place)
  const settled = await settleReview(
    tx,
    shop,
    { id: review.id, order: order.id },
    { state, by, note: sealed },
    now,
  )
  if (settled === null) {
    return review.state === state && review.decided_by === by
      ? { kind: 'done', review, changed: false }
      : { kind: 'settled', review }
  }
  const freesShop = await free(scene, order.id)
  await record(scene, by, state === 'approved' ? 'review.approve' : 'review.reject', settled)
  await tellOfReview(scene, settled, order, { kind: 'decided', outcome: state, freesShop }, now)
  return { kind: 'done', review: settled, changed: true }
}

const free = async (scene: ReviewScene, order: OrderId) =>
  (await freeOrders(scene, [order])).get(order) ?? true

async function escalate(
  scene: ReviewScene,
  review: ReviewRow,
  order: Order,
  { by }: Decision,
): Promise<Decided> {
  const { tx, shop, config, now } = scene
  if (review.state !== 'open' && review.state !== 'escalated') return { kind: 'settled', review }
  if (review.action === 'flag') return { kind: 'late', review }
  const people = config.members.map((member) => member.roles)
  const from = review.level
  const { level, dueAt } = nextLevel(review, rolesOfOthers(review, people), now)
  if (level === from) return { kind: 'furthest', review }
  const escalated = await escalateReview(tx, shop, review.id, { from, level, dueAt, by }, now)
  // Its time ran out in this very moment: it is with the next role already.
  if (escalated === null)
    return { kind: 'furthest', review: (await readReview(tx, shop, review.id)) ?? review }
  await record(scene, by, 'review.escalate', escalated)
  await tellOfReview(scene, escalated, order, { kind: 'escalated' }, now)
  return { kind: 'done', review: escalated, changed: true }
}

async function reopen(
  scene: ReviewScene,
  review: ReviewRow,
  order: Order,
  { by }: Decision,
): Promise<Decided> {
  const { tx, shop, now } = scene
  // What is over cannot be brought back from here.
  const place = { id: review.id, order: order.id }
  const reopened = isClosed(order.view) ? null : await reopenReview(tx, shop, place, by, now, now - UNDO)
  if (reopened === null) return { kind: 'late', review }
  await refreshHolds(tx, shop, [order.id])
  await stopCancels(tx, shop, [order.id], now)
  await record(scene, by, 'review.reopen', reopened, { was: review.state, by: review.decided_by })
  await tellOfReview(scene, reopened, order, { kind: 'opened', again: false, reopened: true }, now)
  return { kind: 'done', review: reopened, changed: true }
}

async function record(
  { tx, shop, now, random }: ReviewScene,
  actor: string,
  action: string,
  review: ReviewRow,
  detail: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const target = formatId('rev', review.id)
  await addAudit(tx, shop, {
    id: newId('adt', now, random),
    at: now,
    actor,
    action,
    target,
    detail: { rule: review.rule, order: formatId('ord', review.order_id), ...detail },
  })
}
