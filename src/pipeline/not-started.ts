import { flowSwitches } from '../db/audit.ts'
import type { Db } from '../db/connect.ts'
import { flowHistory } from '../db/flows.ts'
import type { ToldRun } from '../db/runs.ts'
import type { Event } from '../domain/event.ts'
import type { FlowContext } from '../domain/flow/run.ts'
import { type WhyNot, whyNotStarted } from '../domain/flow/why-not.ts'
import type { EventId, ShopId } from '../domain/ids.ts'
import { factsOf } from '../domain/order/event-facts.ts'
import { emptyFacts, joinFacts } from '../domain/order/facts.ts'
import { viewOrder } from '../domain/order/view.ts'
import type { Instant } from '../domain/time.ts'
import { flowContext, flowEvent } from './run-flows.ts'
import type { LoadedFlow, ShopConfigs } from './shop-config.ts'

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
 * it is worked out from the versions that were in force when the event came, and from the order as it was then.
 */
export async function notStarted(
  { db, configs }: { readonly db: Db; readonly configs: ShopConfigs },
  shop: ShopId,
  { runs, events, locale, timeZone, now }: About,
): Promise<readonly NotStartedRun[]> {
  const [config, past] = await Promise.all([configs.get(shop), readPast(db, configs, shop)])
  const found: NotStartedRun[] = []
  let facts = emptyFacts()
  for (const event of events.toSorted((a, b) => (a.key < b.key ? -1 : 1))) {
    facts = joinFacts(facts, factsOf(event))
    const about = { view: viewOrder(facts), locale, timeZone, contacts: [] }
    const context = flowContext(config, about, flowEvent(event))
    for (const current of config.flows) {
      const { key } = current
      const then = await past.flowAt(current, event.receivedAt)
      const listens = (flow: LoadedFlow | null) => flow?.compiled.events.has(event.type) ?? false
      if (!listens(current) && !listens(then)) continue
      if (runs.some((run) => run.flow === key && run.event_id === event.key)) continue
      const before = runs.filter((run) => run.flow === key && run.event_id < event.key)
      const why = whyNot(then, context, before, event.receivedAt) ?? laterTooOld(then, context, before, now)
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
  }
  return found
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
