import type { Db } from '../db/connect.ts'
import { type Clock, type Instant, type Millis, SECOND } from '../domain/time.ts'
import type { Readiness } from '../http/deps.ts'
import type { Metrics } from '../pipeline/metrics.ts'
import type { Database } from './database.ts'
import type { Disk } from './disk.ts'

/** A sweep comes four times a second; this long without one means that the worker stands still. */
const SWEEP_LIMIT: Millis = 60 * SECOND
/** Several probes at once share one answer of at most this age. */
const FRESH: Millis = SECOND

export interface HealthOptions {
  readonly database: Database
  readonly db: Db
  readonly clock: Clock
  readonly metrics: Metrics
  /** `null` where the database is on a server of its own. */
  readonly disk: Disk | null
  readonly works: boolean
}

/** Whether this process may be sent work: the database keeps things, the worker moves, the disk has room. */
export function createHealth(options: HealthOptions): () => Promise<Readiness> {
  const { clock, database, db, metrics } = options
  let sweeps = -1
  let movedAt: Instant = clock.now()
  let known: { at: Instant; answer: Promise<Readiness> } | null = null

  async function worker() {
    const { values } = await metrics.sweepSeconds.get()
    const count = values.find((value) => value.metricName === 'dingdong_sweep_seconds_count')?.value ?? 0
    if (count !== sweeps) {
      sweeps = count
      movedAt = clock.now()
    }
    const idle = clock.now() - movedAt
    return idle > SWEEP_LIMIT
      ? { ok: false, detail: `no look for due work in ${Math.round(idle / 1000)} s` }
      : { ok: true }
  }

  async function disk() {
    if (options.disk === null) return { ok: true }
    const { room, detail } = await options.disk.look()
    // Low is no reason to be sent nothing: events are taken in until it is full.
    return room === 'enough' ? { ok: true } : { ok: room === 'low', detail }
  }

  async function look(): Promise<Readiness> {
    const [stored, moving, room] = await Promise.all([
      database.health(db),
      options.works ? worker() : { ok: true },
      disk().catch((error: Error) => ({ ok: false, detail: error.message })),
    ])
    const checks = {
      database: stored.ok ? { ok: true } : { ok: false, detail: stored.reason },
      worker: moving,
      disk: room,
    }
    return { ready: Object.values(checks).every((check) => check.ok), checks }
  }

  return () => {
    const now = clock.now()
    if (!known || now - known.at >= FRESH) known = { at: now, answer: look() }
    return known.answer
  }
}
