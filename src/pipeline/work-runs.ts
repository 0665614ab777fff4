import type { RunRow } from '../db/runs.ts'
import type { Event } from '../domain/event.ts'
import { NEWS } from '../domain/flow/news.ts'
import type { Cause } from '../domain/flow/run.ts'
import type { Batch, DecideDeps } from './batch.ts'
import type { OrderGroup } from './order-groups.ts'
import { type FlowWrites, flowEvent, moveRun, type Subject, startFlows } from './run-flows.ts'
import type { LoadedFlow } from './shop-config.ts'

/** Lets each event reach the runs that wait for it, stops the runs the order's new state ends, starts new ones. */
export async function workRuns(
  deps: DecideDeps,
  batch: Batch,
  group: Pick<OrderGroup, 'events'>,
  subject: Subject,
  known: readonly RunRow[],
  writes: FlowWrites,
): Promise<RunRow[]> {
  const runs = [...known]
  const move = async (cause: Cause, event: Event | null) => {
    for (const [at, run] of runs.entries()) {
      if (run.status !== 'active') continue
      const flow = await deps.configs.flowAt(batch.shop, run.flow, run.version)
      if (!flow || (cause.kind === 'recheck' && isActedOn(flow, run, group.events))) continue
      runs[at] = moveRun(batch, subject, flow, run, cause, event, writes)
    }
  }
  await move({ kind: 'recheck' }, null)
  // As it happened, so that a run that one event starts hears the next, as it would in two batches.
  for (const event of group.events.toSorted(earlierFirst)) {
    // A browser may be wrong or lying: what it says never starts anything that costs or asserts.
    const believed = event.trust !== 'browser'
    if (believed || !(event.type.startsWith('order.') || NEWS.has(event.type))) {
      await move({ kind: 'event', event: flowEvent(event) }, event)
    }
    if (believed) startFlows(batch, subject, event, runs, writes)
  }
  return runs
}

/** The very news that end a cascade are among these events: its next turn may be due, but is not to be taken. */
const isActedOn = ({ compiled }: LoadedFlow, { step, waiting_for }: RunRow, events: readonly Event[]) =>
  compiled.steps.get(step ?? '')?.kind.kind === 'cascade' &&
  events.some(({ type }) => waiting_for?.includes(type))

/** As things happened. */
export const earlierFirst = (a: Event, b: Event) => a.time - b.time || (a.key < b.key ? -1 : 1)
