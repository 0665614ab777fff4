import { lockRunsOf } from '../db/runs.ts'
import type { Event } from '../domain/event.ts'
import { uuidText } from '../domain/ids.ts'
import type { Batch, DecideDeps } from './batch.ts'
import type { Person } from './people.ts'
import type { FlowWrites, Subject } from './run-flows.ts'
import { workRuns } from './work-runs.ts'

/** Events about no order: a product that runs low, a membership. Those that name the same thing share its runs. */
export async function applyLoose(
  deps: DecideDeps,
  batch: Batch,
  events: readonly Event[],
  people: ReadonlyMap<Event, Person>,
  writes: FlowWrites,
): Promise<void> {
  const heard = batch.config.flows.some((flow) => flow.compiled.flow.subject === 'event')
  if (!heard || events.length === 0) return
  const bySubject = Map.groupBy(events, (event) => subjectId(batch, event))
  const known = await lockRunsOf(batch.tx, batch.shop, [...bySubject.keys()])
  const runsOf = Map.groupBy(known, (run) => run.subject_id)
  for (const [id, own] of bySubject) {
    for (const event of own) {
      const runs = runsOf.get(id) ?? []
      const subject = subjectOfEvent(id, people.get(event))
      runsOf.set(id, await workRuns(deps, batch, { events: [event] }, subject, runs, writes))
    }
  }
}

/** What the sender calls the thing may be a person's address: hashed, it is an id like an order's. */
export const subjectId = ({ vault }: Pick<Batch, 'vault'>, event: Event): string =>
  event.subject === null ? event.key : uuidText(vault.hash('event.subject', event.subject).subarray(0, 16))

const subjectOfEvent = (id: string, person: Person | undefined): Subject => ({
  id,
  orderId: null,
  view: null,
  customerId: person?.customer ?? null,
  locale: person?.locale ?? null,
  timeZone: person?.timeZone ?? null,
  contacts: person?.contacts ?? [],
})
