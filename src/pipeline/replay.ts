import type { Db } from '../db/connect.ts'
import { readCustomers } from '../db/contacts.ts'
import { latestMessages, type MessageRow, messagesOfOrder } from '../db/messages.ts'
import { type OrderRow, readOrderRows } from '../db/orders.ts'
import { runsOf, type ToldRun } from '../db/runs.ts'
import { earlierVerdicts } from '../db/shown.ts'
import { readEvents } from '../db/todo.ts'
import type { Event } from '../domain/event.ts'
import { type LaterEvent, replayRun } from '../domain/flow/replay-run.ts'
import type { Arm, RunState } from '../domain/flow/run.ts'
import { hasSpoken } from '../domain/flow/steps/cascade.ts'
import { gate } from '../domain/gate/gate.ts'
import type { GatePolicy } from '../domain/gate/policy.ts'
import { encodeVerdict, plainVerdict } from '../domain/gate/verdict.ts'
import { type EventId, formatId, type MessageId, type OrderId, type ShopId } from '../domain/ids.ts'
import { eventsIn, type OrderFacts } from '../domain/order/facts.ts'
import { storyOf } from '../domain/order/story.ts'
import type { Instant } from '../domain/time.ts'
import type { Keyring } from './keyring.ts'
import { openEvent } from './open-event.ts'
import { type Policies, readPolicies, recordedInput } from './recorded.ts'
import { drawing, flowContext, flowEvent } from './run-flows.ts'
import type { LoadedFlow, ShopConfigs } from './shop-config.ts'

export interface ReplayDeps {
  readonly db: Db
  readonly keyring: Keyring
  readonly configs: ShopConfigs
}

export interface Difference {
  readonly what: 'verdict' | 'run'
  /** msg_… or run_… */
  readonly id: string
  readonly about: string
  readonly recorded: string
  readonly replayed: string
}

export interface Replayed {
  readonly verdicts: number
  readonly runs: number
  /** Verdicts that say nothing of the moment: not of the gate, or older than the record. */
  readonly unrecorded: number
  readonly differences: readonly Difference[]
}

/** Changes to the policy under which verdicts are given again; without any, the recorded one holds. */
export type PolicyChange = Partial<GatePolicy>

/** Gives every decision about an order again, from what was recorded, and reports each that comes out otherwise. */
export async function replayOrder(
  deps: ReplayDeps,
  shop: ShopId,
  order: OrderId,
  until: Instant,
  change: PolicyChange = {},
): Promise<Replayed> {
  const [[row], messages] = await Promise.all([
    readOrderRows(deps.db, shop, [order]),
    messagesOfOrder(deps.db, shop, order),
  ])
  const verdicts = await replayVerdicts(deps, shop, messages, change)
  if (!row) return verdicts
  const runs = await replayRuns(deps, shop, row, messages, until)
  return { ...verdicts, runs: runs.count, differences: [...verdicts.differences, ...runs.differences] }
}

/** The same for every message planned since an instant, and the orders they are about. */
export async function replaySince(
  deps: ReplayDeps,
  shop: ShopId,
  since: Instant,
  until: Instant,
  change: PolicyChange = {},
): Promise<Replayed> {
  const loose: MessageRow[] = []
  const orders = new Set<OrderId>()
  let before: MessageId | null = null
  for (;;) {
    const page: readonly MessageRow[] = await latestMessages(deps.db, shop, before, PAGE)
    for (const row of page) {
      if (row.created_at < since) continue
      if (row.order_id === null) loose.push(row)
      else orders.add(row.order_id)
    }
    before = page.at(-1)?.id ?? null
    // Ids carry the instant a message was planned for, which is before it was written.
    if (page.length < PAGE || page.every((row) => row.created_at < since)) break
  }
  let all = await replayVerdicts(deps, shop, loose, change)
  for (const order of orders) {
    const one = await replayOrder(deps, shop, order, until, change)
    all = {
      verdicts: all.verdicts + one.verdicts,
      runs: all.runs + one.runs,
      unrecorded: all.unrecorded + one.unrecorded,
      differences: [...all.differences, ...one.differences],
    }
  }
  return all
}

const PAGE = 500

async function replayVerdicts(
  { db }: ReplayDeps,
  shop: ShopId,
  messages: readonly MessageRow[],
  change: PolicyChange,
): Promise<Replayed> {
  const given: { readonly row: MessageRow; readonly verdict: string }[] = []
  for (const row of messages) {
    for (const { verdict } of await earlierVerdicts(db, shop, row.id)) given.push({ row, verdict })
    if (row.verdict !== null) given.push({ row, verdict: row.verdict })
  }
  const policies = changed(
    await readPolicies(
      db,
      given.map(({ verdict }) => verdict),
    ),
    change,
  )
  const differences: Difference[] = []
  let unrecorded = 0
  for (const { row, verdict } of given) {
    const input = recordedInput(row, verdict, policies)
    if (input === null) {
      unrecorded++
      continue
    }
    const replayed = encodeVerdict(gate(input))
    const recorded = plainVerdict(verdict)
    if (replayed !== recorded)
      differences.push({
        what: 'verdict',
        id: formatId('msg', row.id),
        about: about(row),
        recorded,
        replayed,
      })
  }
  return { verdicts: given.length - unrecorded, runs: 0, unrecorded, differences }
}

const about = ({ flow, step, template, channel }: MessageRow) =>
  `${flow === null ? template : `${flow}/${step}`} → ${channel}`

const changed = (policies: Policies, change: PolicyChange): Policies =>
  new Map([...policies].map(([id, policy]) => [id, { ...policy, ...change }]))

/** Ends that no rule of the flow brings about. */
const FROM_OUTSIDE: ReadonlySet<string | null> = new Set(['order_merged', 'broken', 'flow_version_gone'])

async function replayRuns(
  deps: ReplayDeps,
  shop: ShopId,
  row: OrderRow,
  messages: readonly MessageRow[],
  until: Instant,
): Promise<{ readonly count: number; readonly differences: readonly Difference[] }> {
  const { db, configs, keyring } = deps
  const vault = await keyring.open(shop)
  const runs = (await runsOf(db, shop, row.id)).filter((run) => !FROM_OUTSIDE.has(run.stop_reason))
  const story = await contextsOf(deps, shop, row, runs)
  const differences: Difference[] = []
  let count = 0
  for (const run of runs) {
    const flow = await configs.flowAt(shop, run.flow, run.version)
    const first = story.find(({ event }) => event.key === run.event_id)
    if (!flow || !first || looksOutside(flow, run)) continue
    count++
    // Arms are drawn again, so that one that comes out otherwise shows.
    const draw = drawing(vault, flow, run.customer_id)
    const drawn = (moment: LaterEvent) => ({ ...moment, context: { ...moment.context, ...draw } })
    const later = story.filter(({ event }) => event.key > run.event_id).map(drawn)
    const { iteration, started_at: startedAt } = run
    const recorded = { iteration, arm: run.arm as Arm, startedAt }
    const replayed = replayRun(flow.compiled, recorded, drawn(first).context, later, until)
    const before = summary(
      { ...run, arms: run.progress.arms },
      new Set(messages.flatMap((each) => (each.run_id === run.id ? (each.step ?? []) : []))),
    )
    const after =
      'why' in replayed
        ? `not started: ${replayed.why}`
        : summary(
            { ...replayed.run, stop_reason: replayed.run.stopReason, step: replayed.run.stepId },
            replayed.planned,
          )
    if (before !== after)
      differences.push({
        what: 'run',
        id: formatId('run', run.id),
        about: `${run.flow} v${run.version}`,
        recorded: before,
        replayed: after,
      })
  }
  return { count, differences }
}

/** A cascade heeds what became of its messages, and news of stock come to no order: neither is in the order's record. */
const looksOutside = ({ compiled }: LoadedFlow, run: ToldRun): boolean =>
  run.progress.heard !== undefined ||
  compiled.flow.steps.some((step) => step.kind === 'cascade' && hasSpoken(step, run.progress.visits))

const summary = (
  {
    status,
    step,
    stop_reason,
    arms = {},
  }: {
    readonly status: string
    readonly step: string | null
    readonly stop_reason: string | null
    readonly arms?: RunState['arms']
  },
  planned: ReadonlySet<string>,
) => {
  const drawn = Object.entries(arms).map((pair) => pair.join('='))
  const said = `said ${[...planned].sort().join('+') || 'nothing'}`
  return [status, step, stop_reason, ...drawn.sort(), said].filter(Boolean).join(' ')
}

/** The order's events in the order of their arrival, each with what was known once it had come. */
async function contextsOf(
  { db, keyring, configs }: ReplayDeps,
  shop: ShopId,
  row: OrderRow,
  runs: readonly ToldRun[],
): Promise<readonly (LaterEvent & { readonly event: Event })[]> {
  const vault = await keyring.open(shop)
  const text = vault.sealer.openText(row.facts, { shop, column: 'orders.facts', row: row.id })
  const known = JSON.parse(text) as OrderFacts
  const ids = new Set<EventId>([...eventsIn(known), ...runs.map((run) => run.event_id)])
  const [config, kept, customers] = await Promise.all([
    configs.get(shop),
    readEvents(db, shop, [...ids]),
    row.customer_id === null ? [] : readCustomers(db, shop, [row.customer_id]),
  ])
  const customer = { locale: customers[0]?.locale ?? null, timeZone: customers[0]?.time_zone ?? null }
  return storyOf(
    known,
    kept.map((each) => openEvent(shop, each, vault)),
  ).map(({ event, view }) => {
    const about = { view, ...customer, contacts: [] }
    const context = flowContext(config, about, event.trust === 'browser' ? null : flowEvent(event))
    return { event, at: event.receivedAt, context }
  })
}
