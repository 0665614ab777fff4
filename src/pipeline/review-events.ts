import type { Queryable, Tx } from '../db/connect.ts'
import { readContacts } from '../db/contacts.ts'
import { connectionOfSource } from '../db/installation.ts'
import { keepEventsWithin } from '../db/intake.ts'
import { orderNames } from '../db/orders.ts'
import { type ReviewRow, reviewsOfOrder } from '../db/reviews.ts'
import { type Event, REVIEW_SOURCE, type SourceEvent } from '../domain/event.ts'
import type { CommandName } from '../domain/flow/words.ts'
import { formatId, newId, type Random, type ShopId } from '../domain/ids.ts'
import { maskAddress, maskName } from '../domain/mask.ts'
import { isClosed, type OrderView } from '../domain/order/view.ts'
import type { Evidence } from '../domain/review/judge.ts'
import { effectWords, type Holding, turnWords } from '../domain/review/turn.ts'
import {
  historyOf,
  type Language,
  type OtherOrder,
  otherWords,
  whatMatched,
  zoneText,
} from '../domain/review/words.ts'
import type { Instant } from '../domain/time.ts'
import { prepareEvent } from './intake.ts'
import type { ShopVault } from './keyring.ts'
import { INTERNAL_SOURCE } from './open-shop.ts'
import { otherOrders } from './other-orders.ts'
import type { ReviewedOrder } from './reviewed-order.ts'
import type { ShopConfig } from './shop-config.ts'

/** What telling of a review needs. */
export interface ReviewScene {
  readonly tx: Tx
  readonly shop: ShopId
  readonly config: ShopConfig
  readonly vault: ShopVault
  readonly random: Random
  readonly now: Instant
}

export type ReviewNews =
  | { readonly kind: 'opened'; readonly again: boolean; readonly reopened: boolean }
  | { readonly kind: 'escalated' }
  | {
      readonly kind: 'decided'
      readonly outcome: 'approved' | 'rejected' | 'expired'
      /** The shop holds the order for no other review. */
      readonly freesShop: boolean
    }

/**
 * Keeps the event that tells of a review, in the transaction that makes it so: a review nobody hears of cannot be.
 * Flows do the rest, as with any event. It names the order and carries what is needed to decide, the buyer masked.
 * `boundAt`: when it was bound to become so; its cause's arrival, a timer's instant.
 */
export async function tellOfReview(
  scene: ReviewScene,
  review: ReviewRow,
  order: ReviewedOrder,
  news: ReviewNews,
  boundAt: Instant,
): Promise<void> {
  const { tx, shop, vault, now, random } = scene
  const place = { shop, column: 'review.evidence', row: review.id }
  const evidence = JSON.parse(vault.sealer.openText(review.evidence, place)) as Evidence
  // What only gets listed is mailed to nobody.
  const quiet = news.kind === 'opened' && news.again
  const [names, connection, buyer, others, holding] = await Promise.all([
    orderNames(tx, shop, order.id),
    connectionOfSource(tx, shop, INTERNAL_SOURCE),
    maskedBuyer(scene, order),
    otherOrders(tx, scene, quiet ? [] : evidence.orders),
    holdingBeside(tx, scene, review),
  ])
  const ref = names.find(({ kind }) => kind === 'order_no') ?? names[0]
  if (connection === null || ref === undefined) throw new Error('a review needs an order that has a name')
  const id = formatId('rev', review.id)
  const event: SourceEvent = {
    // Kept together with what it tells, so it can come only once.
    id: `${id}:${occasionOf(review, news) ?? newId('evt', now, random)}`,
    type: `review.${news.kind}`,
    source: REVIEW_SOURCE,
    time: Math.min(boundAt, now),
    subject: id,
    data: {
      refs: [{ kind: ref.kind, value: ref.value }],
      extra: { review: { id, ...saidOf(scene, review, order, news, { evidence, others, holding }), buyer } },
    },
  }
  await keepEventsWithin(tx, [prepareEvent({ shop, connection, trust: 'signed' }, event, vault, now, random)])
}

/** Whether an event tells that a decision was taken back. What the decision had asked for may have been planned only now. */
export function tellsOfReopening({ source, type, data }: Event): boolean {
  const review = data.extra?.review
  if (source !== REVIEW_SOURCE || type !== 'review.opened') return false
  return typeof review === 'object' && review !== null && !Array.isArray(review) && review.reopened === true
}

/** What comes of itself has its name from the review alone: a restored database tells it as the same. People act anew. */
function occasionOf({ escalations }: ReviewRow, news: ReviewNews): string | null {
  switch (news.kind) {
    case 'opened':
      return news.reopened ? null : news.kind
    case 'escalated':
      return `${news.kind}:${escalations}`
    case 'decided':
      return news.outcome === 'expired' ? news.outcome : null
  }
}

interface Around {
  readonly evidence: Evidence
  readonly others: readonly OtherOrder[]
  readonly holding: readonly Holding[]
}

/** The reviews that hold the order of one which does not. */
export async function holdingBeside(
  db: Queryable,
  { shop, config }: Pick<ReviewScene, 'shop' | 'config'>,
  review: Pick<ReviewRow, 'action' | 'order_id'>,
): Promise<readonly Holding[]> {
  if (review.action === 'hold') return []
  const rows = await reviewsOfOrder(db, shop, review.order_id)
  return rows
    .filter(({ action, state }) => action === 'hold' && (state === 'open' || state === 'escalated'))
    .map(({ id, rule }) => {
      const title = config.rules.find(({ key }) => key === rule)?.compiled.rule.title
      return { id: formatId('rev', id), title: title ?? { zh: rule, en: rule } }
    })
}

function saidOf(
  { config, now }: ReviewScene,
  review: ReviewRow,
  { view }: ReviewedOrder,
  news: ReviewNews,
  { evidence, others, holding }: Around,
) {
  const rule = config.rules.find((each) => each.key === review.rule)?.compiled.rule
  const { time_zone: timeZone } = config.row
  const waits = news.kind !== 'decided'
  const words = (language: Language) => ({
    rule: rule?.title[language] ?? review.rule,
    what: rule ? whatMatched(rule, evidence, language) : review.rule,
    history: [...historyOf(view, timeZone, language)],
    // A template cannot tell an empty list from a full one.
    ...(others.length > 0 && { others: others.map((each) => otherWords(each, language)) }),
    wait: waits
      ? [
          effectWords(review, holding, language),
          turnWords(review, staffedRoles(config), [], timeZone, language),
        ]
          .filter((each) => each !== '')
          .join(language === 'zh' ? '' : ' ')
      : '',
  })
  return {
    rule: review.rule,
    action: review.action,
    severity: review.severity,
    tell: review.roles[review.level] ?? review.roles[0]!,
    // One of a burst that was told already is listed, but does not ring again.
    quiet: news.kind === 'opened' && news.again,
    reopened: news.kind === 'opened' && news.reopened,
    outcome: news.kind === 'decided' ? news.outcome : '',
    command: commandOf(review, view, news) ?? '',
    tellsBuyer: review.tells_buyer,
    zone: zoneText(timeZone, now),
    zh: words('zh'),
    en: words('en'),
  }
}

/** What the shop's system is asked to do. */
function commandOf(review: ReviewRow, view: OrderView, news: ReviewNews): CommandName | null {
  if (news.kind === 'opened') return review.action === 'hold' && review.holds_shop ? 'hold_order' : null
  if (news.kind === 'escalated') return null
  if (news.outcome === 'rejected') return 'cancel_order'
  return review.action === 'hold' && review.holds_shop && news.freesShop && !isClosed(view)
    ? 'release_order'
    : null
}

async function maskedBuyer({ tx, shop, vault }: ReviewScene, { view, contacts }: ReviewedOrder) {
  const rows = contacts.length > 0 ? await readContacts(tx, shop, contacts) : []
  const addresses = rows.map(({ id, channel, address }) =>
    maskAddress(channel, vault.sealer.openText(address, { shop, column: 'contact.address', row: id })),
  )
  return [...(view.customerName === null ? [] : [maskName(view.customerName)]), ...addresses].join(' · ')
}

/** Roles that somebody in the shop has. */
export const staffedRoles = (config: ShopConfig): ReadonlySet<string> =>
  new Set(config.members.flatMap((member) => member.roles))
