import type { Event } from '../domain/event.ts'
import { clockOf } from '../domain/healing/clocks.ts'
import type { Obstacle } from '../domain/healing/not-healed.ts'
import { paymentKey } from '../domain/order/event-facts.ts'
import type { OrderFacts } from '../domain/order/facts.ts'
import { type OrderView, takesNoPayment } from '../domain/order/view.ts'
import { DAY } from '../domain/time.ts'
import type { CountedTries } from './card-tries.ts'
import { canAskShop, canRetry, failureOf, triesSoFar, whyUncounted } from './failures.ts'
import type { FlowScene } from './run-flows.ts'
import type { ShopConfig } from './shop-config.ts'

/** Older news are history: an import of last year's orders is no reason to ask about them. */
export const NEWS = DAY

/** Words of those who know, as opposed to what we inferred ourselves. */
const TELLS: ReadonlySet<string> = new Set(['signed', 'authenticated', 'queried'])

/** A failure that was told, with all that decides whether it is healed. */
export interface Failed {
  readonly config: ShopConfig
  readonly retrying: CountedTries
  readonly event: Event
  /** The order with the event. */
  readonly facts: OrderFacts
  readonly view: Pick<OrderView, 'paidAt' | 'status'>
  readonly scene: Pick<FlowScene, 'now' | 'restoredAt'>
}

/** `unknown`: nobody may try it again, so it is only asked about. */
export type Cure = 'platform' | 'unknown'

/** How the failure is healed; `null`: it is the buyer's, or something stands in the way. */
export function cureOf(failed: Failed): Cure | null {
  const { retrying, facts, event } = failed
  if (event.type !== 'payment.failed') return null
  const failure = failureOf(facts, paymentKey(event))
  if (failure === null) return null
  const classified = retrying.rules.classOf(failure)
  if (clockOf(classified, true) === 'customer') return null
  const [first] = obstacles(failed)
  if (first !== undefined && !NOBODY.has(first)) return null
  const clock = clockOf(classified, first === undefined)
  return clock === 'customer' ? null : clock
}

/** Nobody could try it again; it may be asked about still. */
const NOBODY: ReadonlySet<Obstacle> = new Set(['switched_off', 'no_command_account', 'nobody_can'])

/**
 * What stands in the way of healing a failure, what decides first first. Told one by one, so that who only wants to know
 * whether anything does works out no more than that.
 */
export function* obstacles(failed: Failed): Generator<Obstacle> {
  const { config, event, facts, view, scene } = failed
  if (view.paidAt !== null) return yield 'paid'
  if (takesNoPayment(view)) yield 'closed'
  if (!TELLS.has(event.trust)) return yield 'untrusted'
  const failure = failureOf(facts, paymentKey(event))
  const connection = config.asked.find(({ id }) => id === event.connection) ?? null
  if (connection === null) yield 'sender_unasked'
  // Once an order: a second failure of the kind is the buyer's to look at.
  if (facts.h !== undefined) yield 'healed_before'
  // The buyer of yesterday may have paid elsewhere, or changed his mind: nothing is charged for him out of the blue.
  if (failure === null || failure.at < scene.now - NEWS) return yield 'too_old'
  const nobody = whyNobody(failed, connection)
  if (nobody !== null) yield nobody
  // The system that was backed up may have tried it, or asked the shop to: then nobody may a second time.
  if (scene.restoredAt !== null && event.receivedAt <= scene.restoredAt) yield 'restored'
  yield* ceilings(failed, connection, failure)
}

type Connection = ShopConfig['asked'][number] | null

/** Why neither we nor the shop may try it again. */
function whyNobody({ config, retrying }: Failed, connection: Connection): Obstacle | null {
  if ((connection !== null && canRetry(retrying, connection)) || canAskShop(config)) return null
  if (retrying.byShop === 'ask') return 'no_command_account'
  if (retrying.byUs === 'never') return 'switched_off'
  // Of one that is not asked nobody knows what it could do.
  return connection === null ? null : 'nobody_can'
}

function* ceilings(
  { retrying, facts, scene }: Failed,
  connection: Connection,
  failure: NonNullable<ReturnType<typeof failureOf>>,
): Generator<Obstacle> {
  const onCard = retrying.onCard(failure.card)
  if (connection === null) {
    if (failure.card === null) yield 'card_unnamed'
    return
  }
  const verdict = retrying.rules.mayRetry(triesSoFar(retrying, connection, facts, failure, onCard), scene.now)
  if (verdict.kind !== 'never') return
  const uncounted = whyUncounted(retrying, connection, facts, failure, onCard)
  if (verdict.rule !== 'elsewhere_unknown' || uncounted.length === 0) yield verdict.rule
  yield* uncounted
}
