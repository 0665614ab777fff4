import type { Db } from '../../src/db/connect.ts'
import { readEvents } from '../../src/db/todo.ts'
import { encodeVerdict, plainVerdict } from '../../src/domain/gate/verdict.ts'
import type { EventId, ShopId } from '../../src/domain/ids.ts'
import { DAY, type Instant } from '../../src/domain/time.ts'
import type { Engine } from '../../src/pipeline/engine.ts'
import type { FlowTrial } from '../../src/pipeline/flow-trials.ts'
import { openEvent } from '../../src/pipeline/open-event.ts'
import type { TravelClock } from './engine.ts'

/** What became of one message of a flow, as a trial foretells it or as it really was. */
export interface Said {
  readonly step: string | null
  readonly channel: string
  readonly template: string
  readonly state: string
  readonly at: Instant | null
  readonly verdict: string | null
}

export interface Ending {
  readonly said: readonly Said[]
  readonly run: { readonly status: string; readonly reason: string | null } | null
}

const inOrder = (said: readonly Said[]) =>
  said.toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0) || (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))

export function foretold({ trial }: FlowTrial): Ending {
  const said = trial.steps.flatMap(({ messages }) =>
    messages.map(({ planned, state, verdicts, ended, endedAt }): Said => {
      const last = verdicts.at(-1)
      return {
        step: planned.step,
        channel: planned.channel,
        template: planned.template,
        state,
        at: endedAt ?? last?.at ?? null,
        verdict: ended === null ? (last ? encodeVerdict(last.verdict) : null) : `drop:${ended}`,
      }
    }),
  )
  const run = trial.end && { status: trial.end.status, reason: trial.end.reason }
  return { said: inOrder(said), run }
}

interface Reality {
  readonly db: Db
  readonly engine: Engine
  readonly clock: TravelClock
  readonly shop: ShopId
}

/** The event as it was kept, before anybody has decided about it. */
export async function keptEvent({ db, engine, shop }: Reality, id: EventId) {
  const [row] = await readEvents(db, shop, [id])
  return openEvent(shop, row!, await engine.keyring.open(shop))
}

/** Lets everything happen that is due, moment by moment, with nothing else coming in. */
export async function live({ db, engine, clock, shop }: Reality, until = clock.now() + 60 * DAY) {
  for (let moments = 0; moments < 2_000; moments++) {
    await engine.worker.drain()
    const { rows } = await db.query<{ due: Instant | null }>(
      `select least((select min(due_at) from run where shop_id = $1 and due_at is not null),
         (select min(due_at) from message_work where shop_id = $1)) as due`,
      [shop],
    )
    const due = rows[0]?.due ?? null
    if (due === null || due > until) return
    clock.set(Math.max(due, clock.now() + 1))
  }
  throw new Error('something stays due for ever')
}

/** What really became of a flow's run and messages about one event. */
export async function happened({ db, shop }: Reality, flow: string, event: EventId): Promise<Ending> {
  const { rows: runs } = await db.query<{ id: string; status: string; stop_reason: string | null }>(
    'select id, status, stop_reason from run where shop_id = $1 and flow = $2 and event_id = $3',
    [shop, flow, event],
  )
  const { rows } = await db.query<Said & { settled_at: Instant | null }>(
    `select step, channel, template, state, verdict, settled_at
     from message where shop_id = $1 and run_id = any($2::uuid[])`,
    [shop, runs.map(({ id }) => id)],
  )
  const said = rows.map(({ settled_at: at, verdict, ...row }) => ({
    step: row.step,
    channel: row.channel,
    template: row.template,
    state: row.state,
    at,
    verdict: verdict && plainVerdict(verdict),
  }))
  const [run] = runs
  return { said: inOrder(said), run: run ? { status: run.status, reason: run.stop_reason } : null }
}
