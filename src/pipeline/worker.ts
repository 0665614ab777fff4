import type { Db } from '../db/connect.ts'
import {
  connectionsWithDueInquiries,
  shopsWithDueMessages,
  shopsWithDueReviews,
  shopsWithDueRuns,
  shopsWithTodo,
} from '../db/due.ts'
import type { ShopId } from '../domain/ids.ts'
import { CHANNELS, type Channel } from '../domain/message.ts'
import { type Millis, SECOND } from '../domain/time.ts'
import type { Lane } from './lane.ts'
import { createLanes, type LanesOptions } from './lanes.ts'
import { createRounds } from './rounds.ts'

/** Does all due work, shop by shop in turn. Hints make it quick; sweeps make it certain. */
export interface Worker {
  /** The shop has events to decide. */
  decideSoon(shop: ShopId): void
  /** The shop has messages to gate. */
  deliverSoon(shop: ShopId, channel: Channel): void
  /** Starts sweeping and beating. */
  start(): void
  /** Does everything that is due now, and what follows from it: for tests, simulations and the demo. */
  drain(): Promise<void>
  /** Takes nothing new up; resolves when what is in hand has ended. */
  stop(): Promise<void>
}

export interface WorkerOptions extends LanesOptions {
  readonly db: Db
  /** How long a claim holds without a heartbeat: three beats fit into it. */
  readonly lease: Millis
}

/** How often due work is looked for. Hints make most work immediate; this bounds the lateness of timers. */
const SWEEP_EVERY: Millis = 250
/** People have hours to answer: that a review's time is over may be noticed a little later. */
const REVIEWS_EVERY: Millis = 5 * SECOND
/** A sweep may take up at most this share of the time, so that many shops do not mean constant sweeping. */
const SWEEP_SHARE = 0.05
/** A clock that is put forward during a sweep makes it look hours long: the next one must not wait for twenty times as many. */
const LONGEST_REST: Millis = 10 * SECOND
/** Turns of one `drain` that may fail (deadlocks, a server that restarts) before it gives up. */
const MOST_FAILURES = 50

export function createWorker(options: WorkerOptions): Worker {
  const { db, clock, delivery, metrics, log } = options
  const beatEvery = options.lease / 3
  const lanes = createLanes(options)
  const rounds = createRounds(clock, log)

  async function sweep(insist = false): Promise<Millis> {
    const now = clock.now()
    const [todo, runs, messages, inquiries] = await Promise.all([
      shopsWithTodo(db),
      shopsWithDueRuns(db, now),
      shopsWithDueMessages(db, now, CHANNELS),
      connectionsWithDueInquiries(db, now),
    ])
    for (const shop of todo) lanes.events(shop, insist)
    for (const shop of runs) lanes.runs(shop, insist)
    for (const { shop, channel } of messages) lanes.messages(shop, channel, insist)
    for (const { shop, connection } of inquiries) lanes.inquiries(shop, connection, insist)
    const took = Math.max(0, clock.now() - now)
    metrics.sweepSeconds.observe(took / 1000)
    return took
  }

  async function sweepReviews(insist = false): Promise<Millis> {
    for (const shop of await shopsWithDueReviews(db, clock.now())) lanes.reviews(shop, insist)
    return REVIEWS_EVERY
  }

  return {
    decideSoon: (shop) => lanes.events(shop),
    deliverSoon: (shop, channel) => lanes.messages(shop, channel),
    start() {
      rounds.repeat('sweep', 0, async () => restAfter(await sweep()))
      rounds.repeat('reviews', 0, sweepReviews)
      rounds.repeat('heartbeat', beatEvery, async () => {
        await delivery.beat()
        return beatEvery
      })
    },
    async drain() {
      const start = lanes.tally()
      for (let idle = false; !idle; ) {
        const before = lanes.tally()
        await Promise.all([sweep(true), sweepReviews(true)])
        const busy = (await Promise.all(lanes.all.map(busyBefore))).some((was) => was)
        const after = lanes.tally()
        // What a rate limit or somebody else's lock keeps back is not due now, however often one looks.
        const still = after.useful === before.useful && after.failed === before.failed
        idle = !busy || still || after.failed - start.failed > MOST_FAILURES
      }
    },
    async stop() {
      rounds.stop()
      await Promise.all(lanes.all.map((each) => each.stop()))
    },
  }
}

/** How long to wait after a sweep that took so long. */
export const restAfter = (took: Millis): Millis =>
  Math.min(LONGEST_REST, Math.max(SWEEP_EVERY, took / SWEEP_SHARE))

/** Waits for the lane; says whether it had anything to do. */
async function busyBefore(lane: Pick<Lane<never>, 'busy' | 'idle'>): Promise<boolean> {
  const before = lane.busy()
  await lane.idle()
  return before
}
