import type { Db } from '../db/connect.ts'
import type { ConnectionRow } from '../db/connections.ts'
import type { InquiryRow } from '../db/inquiries.ts'
import { readSwitches } from '../db/switches.ts'
import type { Event } from '../domain/event.ts'
import { clockOf } from '../domain/healing/clocks.ts'
import type { Obstacle, Sender } from '../domain/healing/not-healed.ts'
import type { RetryRules } from '../domain/healing/rules.ts'
import { type ConnectionId, type EventId, formatId, type ShopId } from '../domain/ids.ts'
import { factsOf, paymentKey } from '../domain/order/event-facts.ts'
import { emptyFacts, joinFacts, type OrderFacts } from '../domain/order/facts.ts'
import { failureTold } from '../domain/order/tries.ts'
import { viewOrder } from '../domain/order/view.ts'
import type { Source } from '../sources/source.ts'
import { readTriesOf } from './card-tries.ts'
import { obstacles } from './heal.ts'
import type { Keyring } from './keyring.ts'
import type { ShopConfig } from './shop-config.ts'

export interface NotHealed {
  readonly obstacles: readonly Obstacle[]
  readonly sender: Sender
}

interface Deps {
  readonly db: Db
  readonly keyring: Keyring
  readonly sources: (name: string) => Source | undefined
  readonly retries: (config: ShopConfig) => RetryRules
}

interface About {
  /** Every event of the order. */
  readonly events: readonly Event[]
  readonly inquiries: readonly InquiryRow[]
  readonly facts: OrderFacts
  readonly connections: ReadonlyMap<ConnectionId, ConnectionRow>
}

/**
 * For each failure of an order that is a platform's and was neither healed nor asked about: what stands in the way.
 * Nothing of this is stored; it is worked out by the rules that decided it, from the order as it was when the failure
 * came and from the connections and settings as they are now.
 */
export async function notHealed(
  deps: Deps,
  shop: ShopId,
  config: ShopConfig,
  { events, inquiries, facts, connections }: About,
): Promise<ReadonlyMap<EventId, NotHealed>> {
  const rules = deps.retries(config)
  const cured = new Set(inquiries.flatMap(({ kind, payment }) => (kind === 'unpaid' ? [] : (payment ?? []))))
  const open = events.filter((event) => {
    const failure = failureTold(event)
    if (failure === null || cured.has(paymentKey(event))) return false
    return clockOf(rules.classOf({ ...failure.codes, at: failure.at }), true) === 'platform'
  })
  if (open.length === 0) return new Map()
  const [switches, vault] = await Promise.all([readSwitches(deps.db, shop), deps.keyring.open(shop)])
  const cards = open.flatMap(({ data }) => data.payment?.card ?? [])
  const onCard = await readTriesOf(deps.db, shop, vault, cards)
  return new Map(
    open.map((event) => {
      const now = event.receivedAt
      const then = { ...factsBy(event, events), ...healedBy(event, inquiries, facts) }
      const found = obstacles({
        config,
        retrying: {
          rules,
          ...config.settings.retries,
          onCard: (card) => onCard(card).filter(({ at }) => at <= now),
        },
        event,
        facts: then,
        view: viewOrder(then),
        scene: { now, restoredAt: switches.restored_at },
      })
      return [event.key, told([...found], event, config, connections.get(event.connection), deps.sources)]
    }),
  )
}

/** What had been told of the order when `last` came. */
const factsBy = (last: Event, events: readonly Event[]): OrderFacts =>
  events
    .filter(({ receivedAt }) => receivedAt <= last.receivedAt)
    .reduce((facts, event) => joinFacts(facts, factsOf(event)), emptyFacts())

/** A healing that had begun by then is a fact of the order that no event tells. */
function healedBy({ receivedAt }: Event, inquiries: readonly InquiryRow[], { h }: OrderFacts) {
  const begun = inquiries.some(({ kind, started_at }) => kind === 'platform' && started_at <= receivedAt)
  return begun && h !== undefined ? { h } : {}
}

function told(
  found: readonly Obstacle[],
  event: Event,
  config: ShopConfig,
  row: ConnectionRow | undefined,
  sources: Deps['sources'],
): NotHealed {
  const all = found.length > 0 ? found : (['otherwise_then'] as const)
  return {
    obstacles: all.map((each) => (each === 'sender_unasked' && row ? whyUnasked(row, sources) : each)),
    sender: {
      source: row?.source ?? event.source,
      id: formatId('conn', event.connection),
      paused: row?.asks_paused_why ?? null,
      shop: config.row.slug,
    },
  }
}

function whyUnasked(row: ConnectionRow, sources: Deps['sources']): Obstacle {
  if (sources(row.source)?.query === undefined) return 'sender_unasked'
  if (row.removed_at !== null) return 'sender_removed'
  if (!row.enabled) return 'sender_off'
  return row.asks_paused_at === null ? 'asks_off' : 'asks_paused'
}
