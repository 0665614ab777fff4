import type { Event, Trust } from '../../src/domain/event.ts'
import { mayRetry } from '../../src/domain/failure/ceilings.ts'
import type { RetryAdvice } from '../../src/domain/failure-class.ts'
import type { RetryRules } from '../../src/domain/healing/rules.ts'
import { railOfSource } from '../../src/domain/inquiry/rails.ts'
import { factsOf } from '../../src/domain/order/event-facts.ts'
import { viewOrder } from '../../src/domain/order/view.ts'
import { DAY, HOUR } from '../../src/domain/time.ts'
import type { Failed } from '../../src/pipeline/heal.ts'
import { MONDAY } from './world.ts'

/** A failure that the platform is to blame for, healed unless the test says what is otherwise. */
export function stumble({
  source = 'stripe',
  asked = true,
  acts = true,
  byUs = 'once',
  byShop = 'never',
  command = false,
  card = 'card_1',
  trust = 'signed',
  advice = 'AUTO_ONCE',
  late = 0,
  restored = false,
  healed = false,
  paid = false,
  ceiling = null,
}: {
  readonly source?: string
  /** Its connection can be asked, and told to try again. */
  readonly asked?: boolean
  readonly acts?: boolean
  readonly byUs?: 'once' | 'never'
  readonly byShop?: 'ask' | 'never'
  /** There is an account to ask the shop by. */
  readonly command?: boolean
  readonly card?: string | null
  readonly trust?: Trust
  readonly advice?: RetryAdvice
  /** Told so many hours after it happened. */
  readonly late?: number
  readonly restored?: boolean
  readonly healed?: boolean
  readonly paid?: boolean
  readonly ceiling?: string | null
} = {}): Failed {
  const event = {
    id: 'f1',
    key: 'f1',
    source,
    type: 'payment.failed',
    trust,
    connection: 'conn',
    time: MONDAY - late * HOUR,
    receivedAt: MONDAY,
    data: {
      refs: [],
      payment: {
        id: 'pay_1',
        rail: source,
        failure: { code: 'processing_error' },
        ...(card ? { card } : {}),
      },
    },
  } as unknown as Event
  const facts = factsOf(event)
  const rules: RetryRules = {
    classOf: () => ({ class: 'network_timeout', advice }),
    mayRetry: ({ failure, ...known }, now) =>
      ceiling !== null
        ? { kind: 'never', rule: ceiling }
        : mayRetry([], { ...failure, country: null, ...known }, now),
  }
  const connection = {
    id: 'conn',
    source: { name: source, ...(acts ? { actions: { retry_payment: () => {} } } : {}) },
    rules: railOfSource(source),
  }
  const retries = { byUs, byShop }
  return {
    event,
    facts: healed ? { ...facts, h: [['pay_0', 0, MONDAY - DAY, '', null]] as never } : facts,
    view: { ...viewOrder(facts), paidAt: paid ? MONDAY : null },
    config: {
      asked: asked ? [connection] : [],
      accounts: new Map(command ? [['command', [{}]]] : []),
      settings: { retries },
    } as never,
    retrying: { rules, ...retries, onCard: () => [] },
    scene: { now: MONDAY, restoredAt: restored ? MONDAY + 1 : null },
  }
}
