import type { Db } from '../db/connect.ts'
import { lookAtItems } from '../db/rules.ts'
import type { Event } from '../domain/event.ts'
import type { CustomerId, OrderId, ShopId } from '../domain/ids.ts'
import type { OrderView } from '../domain/order/view.ts'
import { type Match, matchOrder, matchSeen } from '../domain/review/judge.ts'
import { leavesNothing } from '../domain/review/life.ts'
import { isTooOld, type Observation, observe, type WhyNot } from '../domain/review/observe.ts'
import { whyConditionFalse } from '../domain/review/why-false.ts'
import type { Language } from '../domain/review/words.ts'
import type { Instant } from '../domain/time.ts'
import { lookedAt, seenItem, seenKey, seenOf } from './apply-rules.ts'
import type { ShopVault } from './keyring.ts'
import type { LoadedRule, ShopConfig } from './shop-config.ts'

export interface TrialScene {
  readonly db: Db
  readonly shop: ShopId
  readonly config: ShopConfig
  readonly vault: ShopVault
  readonly now: Instant
}

/** The order that is tried, as it stands. */
export interface TrialOrder {
  readonly id: OrderId
  readonly view: OrderView
  readonly customerId: CustomerId | null
}

/** What a rule would make of one event. */
export interface Trial {
  readonly event: Event
  readonly match: Match | null
  /** Why not: it looks at other events, its condition is false, it has no amount in the currency, the event does not say what it counts by, it came too late, … */
  readonly why: WhyNot | 'browser' | 'ended' | 'too_few' | 'too_old' | null
  readonly detail: string | null
  /** Of a condition that is false, its parts that are. */
  readonly parts: Readonly<Record<Language, readonly string[]>>
}

const NO_PARTS = { zh: [], en: [] }

/** Runs a rule against events that have happened, on what its window holds now. Changes nothing. */
export async function tryRule(
  scene: TrialScene,
  rule: LoadedRule,
  order: TrialOrder,
  events: readonly Event[],
): Promise<readonly Trial[]> {
  const { config, now } = scene
  const trials: Trial[] = []
  for (const event of events) {
    const subject = { orderId: order.id, customerId: order.customerId, locale: null, timeZone: null }
    const looked = lookedAt(config, subject, order.view, event)
    const observed = observe(rule.compiled, looked, now)
    const no = (
      why: NonNullable<Trial['why']>,
      detail: string | null = null,
      parts: Trial['parts'] = NO_PARTS,
    ) => trials.push({ event, match: null, why, detail, parts })
    if (observed.kind === 'no') {
      const parts = (language: Language) =>
        observed.why === 'condition' ? whyConditionFalse(rule.compiled, looked, now, language) : []
      no(observed.why, observed.detail ?? null, { zh: parts('zh'), en: parts('en') })
      continue
    }
    if (event.trust === 'browser') {
      no('browser')
      continue
    }
    const about = { orderId: order.id, event, attempts: order.view.attempts, named: observed.named }
    const match =
      observed.kind === 'match'
        ? matchOrder(rule.compiled, about)
        : await matchWindow(scene, rule, about, observed.observation)
    if (match === null) no('too_few')
    else if (rule.compiled.rule.endsWhen.some((fact) => leavesNothing(fact, order.view))) no('ended')
    // As of when it came: an order is tried that has long been there.
    else if (isTooOld(rule.compiled, looked, event.receivedAt)) no('too_old')
    else trials.push({ event, match, why: null, detail: null, parts: NO_PARTS })
  }
  return trials
}

async function matchWindow(
  { db, shop, vault }: TrialScene,
  rule: LoadedRule,
  about: Parameters<typeof matchOrder>[1],
  observation: Observation,
): Promise<Match | null> {
  const [row] = await lookAtItems(db, shop, [seenKey(vault, observation)])
  const item = seenItem(vault, observation)
  // The rule may have been off then: the event itself counts in any case.
  const own = { item, order: about.orderId, at: observation.at, mark: observation.mark }
  const others = row ? seenOf(row).filter((each) => each.item !== item) : []
  return matchSeen(rule.compiled, about, item, [...others, own])
}
