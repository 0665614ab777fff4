import {
  endReviews,
  openReviews,
  type ReviewRow,
  type ReviewToOpen,
  refreshHolds,
  releaseReviewedMessages,
} from '../db/reviews.ts'
import { type SeenRow, seeItems, type ToSee } from '../db/rules.ts'
import { boundAt, type Event } from '../domain/event.ts'
import { newId, type OrderId, uuidText } from '../domain/ids.ts'
import type { OrderView } from '../domain/order/view.ts'
import {
  type Evidence,
  knownAt,
  type Match,
  matchOrder,
  matchSeen,
  type Named,
  type Seen,
} from '../domain/review/judge.ts'
import { FLAG_LIFE, leavesNothing, roleFrom } from '../domain/review/life.ts'
import { isTooOld, type Looked, type Observation, observe } from '../domain/review/observe.ts'
import type { Action, End } from '../domain/review/rule.ts'
import type { Instant } from '../domain/time.ts'
import type { ShopVault } from './keyring.ts'
import { nameRows } from './name-rows.ts'
import { type ReviewScene, staffedRoles, tellOfReview } from './review-events.ts'
import type { ReviewedOrder } from './reviewed-order.ts'
import { flowContext, flowEvent, type Subject } from './run-flows.ts'
import type { LoadedRule, ShopConfig } from './shop-config.ts'
import { quietenTold } from './told-before.ts'

/** A rule that looks at an event of this batch. */
export interface Watched {
  readonly rule: LoadedRule
  readonly event: Event
  readonly order: ReviewedOrder
  /** What is to be remembered first; `null` for a rule that can tell at once. */
  readonly observation: Observation | null
  readonly named: Named
  /** Is remembered, and opens nothing. */
  readonly tooOld: boolean
}

/** What the shop's rules make of an order's new events. Nothing is read or written yet. */
export function watchOrder(
  config: ShopConfig,
  subject: Subject,
  view: OrderView,
  events: readonly Event[],
  now: Instant,
): readonly Watched[] {
  if (config.rulesOn.size === 0) return []
  const orderId = subject.orderId!
  const order = { id: orderId, view, contacts: subject.contacts.map((contact) => contact.id) }
  return events.flatMap((event) => {
    // Anybody can forge what a browser says: it must not get somebody else's order held.
    const rules = event.trust === 'browser' ? undefined : config.rulesOn.get(event.type)
    if (rules === undefined) return []
    const looked = lookedAt(config, subject, view, event)
    return rules.flatMap((rule): Watched[] => {
      const observed = observe(rule.compiled, looked, now)
      if (observed.kind === 'no') return []
      const observation = observed.kind === 'count' ? observed.observation : null
      const tooOld = isTooOld(rule.compiled, looked, now)
      if (tooOld && observation === null) return []
      return [{ rule, event, order, observation, named: observed.named, tooOld }]
    })
  })
}

export function lookedAt(
  config: ShopConfig,
  subject: Pick<Subject, 'orderId' | 'customerId' | 'locale' | 'timeZone'>,
  view: OrderView,
  event: Event,
): Looked {
  return {
    event: flowEvent(event),
    at: Math.min(event.time, event.receivedAt),
    orderId: subject.orderId!,
    items: view.items,
    customerId: subject.customerId,
    context: flowContext(config, { ...subject, view, contacts: [] }, null),
  }
}

/**
 * Remembers what was seen (one statement for the whole batch), opens a review for each match and tells of it. Most
 * batches end after that first statement. The caller holds the orders' locks and has written them.
 */
export async function applyRules(scene: ReviewScene, watched: readonly Watched[]): Promise<void> {
  if (watched.length === 0) return
  const seen = await see(scene, watched)
  const matched = new Map<string, { each: Watched; match: Match }>()
  for (const each of watched.toSorted((a, b) => a.event.time - b.event.time)) {
    if (each.tooOld) continue
    const match = matchOf(each, seen)
    if (
      match === null ||
      each.rule.compiled.rule.endsWhen.some((fact) => leavesNothing(fact, each.order.view))
    )
      continue
    const name = `${each.order.id} ${each.rule.key} ${match.iteration}`
    if (!matched.has(name)) matched.set(name, { each, match })
  }
  if (matched.size === 0) return
  const matches = await quietenTold(scene, [...matched.values()])
  const evidence = await nameRows(
    scene.tx,
    scene,
    matches.map(({ match }) => match),
  )
  const opening = matches.map((each, at) => ({ ...each, review: reviewOf(scene, each, evidence[at]!) }))
  const opened = await openReviews(
    scene.tx,
    scene.shop,
    opening.map(({ review }) => review),
  )
  for (const { review, each, match } of opening) {
    if (!opened.has(review.id)) continue
    const news = { kind: 'opened', again: match.again, reopened: false } as const
    await tellOfReview(scene, justOpened(review), each.order, news, boundAt(each.event))
  }
}

const justOpened = (review: ReviewToOpen): ReviewRow => ({
  ...review,
  escalations: 0,
  state: 'open',
  decided_at: null,
  decided_by: null,
  note: null,
  log: [[review.opened_at, 'opened', null, review.level]],
})

/** Under which key something is remembered: the shop's keyed hash, so that no address lies in clear. */
export const seenKey = (vault: ShopVault, { shared }: Observation): Buffer =>
  vault.hash('rule', ...shared).subarray(0, 16)

export const seenItem = (vault: ShopVault, { item }: Observation): string =>
  uuidText(vault.hash('rule.item', item).subarray(0, 16))

/** What is known under the key of something seen, had this batch's come one by one. */
type Known = ReadonlyMap<Watched, readonly [item: string, known: readonly Seen[]]>

async function see({ tx, shop, vault }: ReviewScene, watched: readonly Watched[]): Promise<Known> {
  const toSee = watched.flatMap((each) => {
    const { observation, order, rule } = each
    if (observation === null) return []
    const { at, mark } = observation
    const key = seenKey(vault, observation)
    const item = seenItem(vault, observation)
    const seen: ToSee = { key, item, order: order.id, at, mark, within: rule.compiled.count!.within }
    return [{ each, name: key.toString('hex'), seen }]
  })
  if (toSee.length === 0) return new Map()
  const rows = await seeItems(
    tx,
    shop,
    toSee.map(({ seen }) => seen),
  )
  const together = Map.groupBy(toSee, ({ name }) => name)
  const known: [Watched, readonly [string, readonly Seen[]]][] = []
  for (const row of rows) {
    const batch = together.get(row.key.toString('hex'))!
    const items = new Set(batch.map(({ seen }) => seen.item))
    const all = seenOf(row)
    for (const { each, seen } of batch) known.push([each, [seen.item, knownAt(seen.item, all, items)]])
  }
  return new Map(known)
}

export const seenOf = ({ items, orders, ats, marks }: SeenRow): readonly Seen[] =>
  items.map((item, at) => ({ item, order: orders[at]!, at: ats[at]!, mark: marks[at]! }))

function matchOf(watched: Watched, seen: Known): Match | null {
  const { rule, event, order, named } = watched
  const about = { orderId: order.id, event, attempts: order.view.attempts, named }
  const found = seen.get(watched)
  return found ? matchSeen(rule.compiled, about, ...found) : matchOrder(rule.compiled, about)
}

/** What the rule does in this shop: nobody is waited for where nobody works. */
export function actionIn(config: ShopConfig, { compiled: { rule } }: LoadedRule): Action {
  const staffed = staffedRoles(config)
  return rule.does === 'hold' && !rule.tell.some((role) => staffed.has(role)) ? rule.ifNobody : rule.does
}

function reviewOf(
  { shop, config, vault, now }: ReviewScene,
  { each, match }: { readonly each: Watched; readonly match: Match },
  evidence: Evidence,
): ReviewToOpen {
  const { compiled, key, version } = each.rule
  const { rule, answerWithin, tellsBuyer } = compiled
  const action = actionIn(config, each.rule)
  // Made from what it is, not drawn: a restored database that applies the event again opens the same review.
  const seed = vault.hash('review', each.order.id, key, String(match.iteration))
  const id = newId('rev', boundAt(each.event), (bytes) => seed.subarray(0, bytes))
  return {
    id,
    order_id: each.order.id,
    rule: key,
    rule_version: version,
    iteration: match.iteration,
    action,
    severity: rule.severity,
    roles: rule.tell,
    level: roleFrom(rule.tell, 0, staffedRoles(config)),
    opened_at: now,
    due_at: now + (action === 'hold' ? answerWithin : FLAG_LIFE),
    answer_within: answerWithin,
    ends_when: rule.endsWhen,
    holds_shop: rule.holdsShop,
    tells_buyer: tellsBuyer,
    evidence: vault.sealer.seal(JSON.stringify(evidence), { shop, column: 'review.evidence', row: id }),
  }
}

/** An order whose state ended its reviews, and when that was bound to be known. */
export interface EndedOrder extends ReviewedOrder {
  readonly boundAt: Instant
}

/** Ends the reviews of orders whose new state leaves nothing to decide, and lets go what waited for them. */
export async function endMootReviews(
  scene: ReviewScene,
  orders: readonly EndedOrder[],
  fact: End,
): Promise<void> {
  if (orders.length === 0) return
  const { tx, shop, now } = scene
  const ids = orders.map((order) => order.id)
  const ended = await endReviews(tx, shop, ids, fact, now)
  if (ended.length === 0) return
  const freed = await freeOrders(scene, [...new Set(ended.map((review) => review.order_id))])
  for (const review of ended) {
    const order = orders.find(({ id }) => id === review.order_id)!
    const freesShop = freed.get(order.id) ?? true
    const news = { kind: 'decided', outcome: 'expired', freesShop } as const
    await tellOfReview(scene, review, order, news, order.boundAt)
  }
}

/** Works out anew what holds these orders and wakes what waited; says of each whether the shop may go on. */
export async function freeOrders(
  { tx, shop, now }: Pick<ReviewScene, 'tx' | 'shop' | 'now'>,
  orders: readonly OrderId[],
): Promise<ReadonlyMap<OrderId, boolean>> {
  const rows = await refreshHolds(tx, shop, orders)
  const free = rows.filter((row) => !row.held).map((row) => row.id)
  if (free.length > 0) await releaseReviewedMessages(tx, shop, free, now)
  return new Map(rows.map((row) => [row.id, !row.holds_shop]))
}
