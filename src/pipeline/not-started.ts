import { flowSwitches } from '../db/audit.ts'
import type { Db } from '../db/connect.ts'
import { flowHistory } from '../db/flows.ts'
import type { ToldRun } from '../db/runs.ts'
import type { Event } from '../domain/event.ts'
import type { FlowContext } from '../domain/flow/run.ts'
import { type WhyNot, whyNotStarted } from '../domain/flow/why-not.ts'
import type { EventId, ShopId } from '../domain/ids.ts'
import type { Money } from '../domain/money.ts'
import { factsOf } from '../domain/order/event-facts.ts'
import { emptyFacts, joinFacts } from '../domain/order/facts.ts'
import { newlyRefunded } from '../domain/order/refunds.ts'
import { type OrderView, viewOrder } from '../domain/order/view.ts'
import type { Instant } from '../domain/time.ts'
import { flowContext, flowEvent } from './run-flows.ts'
import type { LoadedFlow, ShopConfigs } from './shop-config.ts'
import { earlierFirst } from './work-runs.ts'

export interface NotStartedRun extends WhyNot {
  readonly event: EventId
  readonly at: Instant
  readonly type: string
  readonly flow: string
  /** Whether the flow is switched on by now. */
  readonly enabled: boolean
  /** In force then; `null`: there was none. */
  readonly version: number | null
}

interface About {
  readonly runs: readonly ToldRun[]
  /** Every event of the order. */
  readonly events: readonly Event[]
  readonly locale: string | null
  readonly timeZone: string | null
  readonly now: Instant
}

/**
 * For each event of an order and each flow that listens to its kind: why no run started. Nothing of this is stored;
 * it is worked out from the versions that were in force when the event came, and from the order as decide saw it:
 * with all that came at the same moment, and, where nothing of that stood in its way, with what came soon after and
 * was applied together with it.
 */
export async function notStarted(
  { db, configs }: { readonly db: Db; readonly configs: ShopConfigs },
  shop: ShopId,
  { runs, events, locale, timeZone, now }: About,
): Promise<readonly NotStartedRun[]> {
  const [config, past] = await Promise.all([configs.get(shop), readPast(db, configs, shop)])
  const found: NotStartedRun[] = []
  const started = new Set<EventId>()
  for (const { event, views, gaveBack } of arrivalsOf(events)) {
    const contexts = views.map((view) => ({
      ...flowContext(config, { view, locale, timeZone, contacts: [] }, flowEvent(event)),
      ...(gaveBack && { gaveBack }),
    }))
    for (const current of config.flows) {
      const { key } = current
      const then = await past.flowAt(current, event.receivedAt)
      const listens = (flow: LoadedFlow | null) => flow?.compiled.events.has(event.type) ?? false
      if (!listens(current) && !listens(then)) continue
      if (runs.some((run) => run.flow === key && run.event_id === event.key)) continue
      const before = runs.filter((run) => run.flow === key && started.has(run.event_id))
      const why = firstReason(then, contexts, before, { came: event.receivedAt, now })
      if (why !== null)
        found.push({
          ...why,
          event: event.key,
          at: event.receivedAt,
          type: event.type,
          flow: key,
          enabled: current.enabled,
          version: then?.version ?? null,
        })
    }
    started.add(event.key)
  }
  return found
}

interface Arrival {
  readonly event: Event
  /** The order with all that came at that moment, then with each later arrival, too. */
  readonly views: readonly OrderView[]
  /** See `FlowContext`. */
  readonly gaveBack: readonly Money[] | undefined
}

/** Events in the order in which decide looks at them: by arrival, and of one moment as they happened. */
function arrivalsOf(events: readonly Event[]): readonly Arrival[] {
  const moments = [...Map.groupBy(events, (event) => event.receivedAt)].sort(([a], [b]) => a - b)
  let facts = emptyFacts()
  const gaveBack = new Map<EventId, readonly Money[]>()
  const views = moments.map(([, together]) => {
    for (const event of together.toSorted(earlierFirst)) {
      const joined = joinFacts(facts, factsOf(event))
      if (event.type === 'order.refunded') gaveBack.set(event.key, newlyRefunded(facts, joined))
      facts = joined
    }
    return viewOrder(facts)
  })
  return moments.flatMap(([, together], at) =>
    together
      .toSorted(earlierFirst)
      .map((event) => ({ event, views: views.slice(at), gaveBack: gaveBack.get(event.key) })),
  )
}

/** What stood in its way when it came; else nobody worked then, and it was too late or more had come by the time. */
function firstReason(
  then: LoadedFlow | null,
  [first, ...later]: readonly FlowContext[],
  before: readonly ToldRun[],
  { came, now }: { readonly came: Instant; readonly now: Instant },
): WhyNot | null {
  const why = whyNot(then, first!, before, came) ?? laterTooOld(then, first!, before, now)
  if (why !== null) return why
  for (const context of later) {
    const found = whyNot(then, context, before, came)
    if (found !== null) return found
  }
  return null
}

function whyNot(
  then: LoadedFlow | null,
  context: FlowContext,
  before: readonly ToldRun[],
  receivedAt: Instant,
) {
  const earlier = {
    count: before.length,
    active: before.some((run) => run.status === 'active' || run.updated_at > receivedAt),
    lastStartedAt: before.length === 0 ? null : Math.max(...before.map((run) => run.started_at)),
  }
  const iterations = new Set(before.map((run) => run.iteration))
  return whyNotStarted(then, context, { arm: 'treated', earlier }, iterations, receivedAt)
}

/** Nothing stood in its way when the event came; but nobody worked, and then it was too late. */
function laterTooOld(...[then, context, before, now]: Parameters<typeof whyNot>): WhyNot | null {
  const why = whyNot(then, context, before, now)
  return why?.reason === 'too_old' ? why : null
}

/** Versions and switches as they were. */
async function readPast(db: Db, configs: ShopConfigs, shop: ShopId) {
  const [versions, switches] = await Promise.all([flowHistory(db, shop), flowSwitches(db, shop)])
  const versionsOf = Map.groupBy(versions, (each) => each.key)
  const switchesOf = Map.groupBy(switches, (each) => each.target)
  return {
    async flowAt(current: LoadedFlow, at: Instant): Promise<LoadedFlow | null> {
      const { key } = current
      const version = versionsOf.get(key)?.findLast((each) => each.created_at <= at)?.version
      const flow = version === undefined ? null : await configs.flowAt(shop, key, version)
      if (flow === null) return null
      const turned = switchesOf.get(key) ?? []
      const last = turned.findLast((each) => each.at <= at)
      const next = turned.find((each) => each.at > at)
      const enabled = last
        ? last.action === 'flow.enable'
        : next
          ? next.action === 'flow.disable'
          : current.enabled
      return { ...flow, enabled }
    },
  }
}
