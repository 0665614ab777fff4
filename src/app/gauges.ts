import { Gauge } from 'prom-client'
import type { Db } from '../db/connect.ts'
import { type Lag, readLag } from '../db/lag.ts'
import { readStopped } from '../db/stopped.ts'
import { ignoring } from '../domain/errors.ts'
import { CHANNELS } from '../domain/message.ts'
import { type Clock, type Instant, SECOND } from '../domain/time.ts'
import type { Intake } from '../pipeline/intake.ts'
import type { Metrics } from '../pipeline/metrics.ts'

export interface GaugeOptions {
  readonly metrics: Metrics
  readonly db: Db
  readonly clock: Clock
  readonly intake: Pick<Intake, 'waiting'>
  readonly log: { debug(fields: object, text: string): void }
}

/** What is measured when somebody looks, beside what is counted while working. */
export function addGauges({ metrics, db, clock, intake, log }: GaugeOptions): void {
  const registers = [metrics.registry]
  let lag: Lag | null = null
  let readAt: Instant = 0

  new Gauge({
    name: 'dingdong_lag_seconds',
    help: 'How long the oldest due piece of work has been waiting, over all shops',
    labelNames: ['kind'],
    registers,
    async collect() {
      const now = clock.now()
      if (now - readAt >= 5 * SECOND) {
        readAt = now
        lag = await readLag(db, CHANNELS, now).catch((error) => {
          ignoring(error, 'the lag cannot be read while the database is away', log)
          return null
        })
      }
      this.reset()
      for (const [kind, millis] of Object.entries(lag ?? {})) this.set({ kind }, millis / 1000)
    },
  })
  new Gauge({
    name: 'dingdong_kill_switches',
    help: 'Kill switches that are on: over all shops, over whole shops, over single flows. Not 0: messages are dropped',
    labelNames: ['level'],
    registers,
    async collect() {
      this.reset()
      const stopped = await readStopped(db).catch((error) => {
        ignoring(error, 'the kill switches cannot be read while the database is away', log)
        return null
      })
      if (stopped === null) return
      const { all, shops, flows } = stopped
      this.set({ level: 'all' }, all ? 1 : 0)
      this.set({ level: 'shop' }, shops.length)
      this.set({ level: 'flow' }, flows.length)
    },
  })
  new Gauge({
    name: 'dingdong_intake_waiting',
    help: 'Events waiting for their commit',
    registers,
    collect() {
      this.set(intake.waiting())
    },
  })
  new Gauge({
    name: 'dingdong_database_connections',
    help: 'Connections of this process, and callers waiting for one',
    labelNames: ['state'],
    registers,
    collect() {
      for (const [state, count] of Object.entries(db.stats())) this.set({ state }, count)
    },
  })
  new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'Resident memory of this process',
    registers,
    collect() {
      this.set(process.memoryUsage.rss())
    },
  })
}
