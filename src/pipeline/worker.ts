import type { Db } from '../db/connect.ts'
import {
  connectionsWithDueInquiries,
  shopsWithDueMessages,
  shopsWithDueReviews,
  shopsWithDueRuns,
  shopsWithTodo,
} from '../db/due.ts'
import type { ConnectionId, ShopId } from '../domain/ids.ts'
import { CHANNELS, type Channel } from '../domain/message.ts'
import { type Clock, type Millis, SECOND } from '../domain/time.ts'
import type { DecideDeps } from './batch.ts'
import { createCourtesy } from './courtesy.ts'
import { type Decided, decide } from './decide.ts'
import type { Delivery } from './deliver.ts'
import { inquire } from './inquire.ts'
import type { InquireDeps } from './inquiry-case.ts'
import { createLane, type Lane } from './lane.ts'
import type { Metrics } from './metrics.ts'
import { runReviewTimers } from './review-timers.ts'
import { createRounds } from './rounds.ts'
import { runTimers } from './timers.ts'

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

export interface WorkerOptions {
  readonly db: Db
  readonly clock: Clock
  readonly decide: DecideDeps
  readonly inquire: InquireDeps
  readonly delivery: Delivery
  readonly metrics: Metrics
  /** How long a claim holds without a heartbeat: three beats fit into it. */
  readonly lease: Millis
  readonly log: { error(fields: object, text: string): void }
}

const EVENTS_A_TURN = 500
const RUNS_A_TURN = 500
const MESSAGES_A_TURN = 500
const REVIEWS_A_TURN = 100
/** Events, runs or messages while other shops have work, too. */
const A_SHORT_TURN = 100
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
  let progress = 0
  let failures = 0
  const lane = <Key extends string | number>(
    name: string,
    atOnce: number,
    perKey: number,
    work: (key: Key) => Promise<{ did: number; more: boolean; retryIn?: Millis }>,
  ) => {
    const counted = async (key: Key) => {
      try {
        const turn = await work(key)
        if (turn.did > 0) progress++
        return turn
      } catch (error) {
        failures++
        throw error
      }
    }
    return createLane<Key>({ name, clock, atOnce, perKey, log, work: counted })
  }

  const courtesy = createCourtesy(clock)
  const mostFor = (shop: ShopId, most: number) => (courtesy.crowded(shop) ? A_SHORT_TURN : most)
  const deciding: Lane<number> = lane('decide', 4, 2, (shop) =>
    courtesy.turn(shop as ShopId, async () => {
      const most = mostFor(shop as ShopId, EVENTS_A_TURN)
      const decided = await decide(options.decide, shop as ShopId, most)
      metrics.eventsApplied.inc(decided.applied)
      metrics.unknownFailureCodes.inc(decided.unknownCodes)
      follow(shop as ShopId, decided)
      return { did: decided.applied, more: decided.applied === most }
    }),
  )
  const timing: Lane<number> = lane('timers', 2, 1, (shop) =>
    courtesy.turn(shop as ShopId, async () => {
      const most = mostFor(shop as ShopId, RUNS_A_TURN)
      const moved = await runTimers(options.decide, shop as ShopId, most)
      follow(shop as ShopId, moved)
      return { did: moved.applied, more: moved.applied === most }
    }),
  )
  const delivering: Lane<string> = lane('deliver', 16, 3, (key) => {
    const [id, channel] = key.split(':') as [string, Channel]
    const shop = Number(id) as ShopId
    return courtesy.turn(shop, async (leave) => {
      const most = mostFor(shop, MESSAGES_A_TURN)
      const { taken, retryIn } = await delivery.deliver(shop, channel, { most, onCall: leave })
      metrics.inFlight.set(delivery.inFlight())
      return { did: taken, more: taken > 0, retryIn }
    })
  })
  const asking: Lane<string> = lane('inquire', 8, 1, (key) => {
    const [shop, connection] = key.split(':') as [string, ConnectionId]
    return inquire(options.inquire, Number(shop) as ShopId, connection)
  })
  const reviewing: Lane<number> = lane('reviews', 1, 1, async (shop) => {
    const did = await runReviewTimers(options.decide, shop as ShopId, REVIEWS_A_TURN)
    if (did > 0) deciding.offer(shop)
    return { did, more: did === REVIEWS_A_TURN }
  })
  const lanes = [deciding, timing, asking, reviewing, delivering]
  const rounds = createRounds(clock, log)

  function follow(shop: ShopId, { channels }: Decided): void {
    for (const channel of channels) delivering.offer(`${shop}:${channel}`)
  }

  async function sweep(insist = false): Promise<Millis> {
    const now = clock.now()
    const [todo, runs, messages, inquiries] = await Promise.all([
      shopsWithTodo(db),
      shopsWithDueRuns(db, now),
      shopsWithDueMessages(db, now, CHANNELS),
      connectionsWithDueInquiries(db, now),
    ])
    for (const shop of todo) deciding.offer(shop, insist)
    for (const shop of runs) timing.offer(shop, insist)
    for (const { shop, channel } of messages) delivering.offer(`${shop}:${channel}`, insist)
    for (const { shop, connection } of inquiries) asking.offer(`${shop}:${connection}`, insist)
    const took = Math.max(0, clock.now() - now)
    metrics.sweepSeconds.observe(took / 1000)
    return took
  }

  async function sweepReviews(insist = false): Promise<Millis> {
    for (const shop of await shopsWithDueReviews(db, clock.now())) reviewing.offer(shop, insist)
    return REVIEWS_EVERY
  }

  return {
    decideSoon: (shop) => deciding.offer(shop),
    deliverSoon: (shop, channel) => delivering.offer(`${shop}:${channel}`),
    start() {
      rounds.repeat('sweep', 0, async () => restAfter(await sweep()))
      rounds.repeat('reviews', 0, sweepReviews)
      rounds.repeat('heartbeat', beatEvery, async () => {
        await delivery.beat()
        return beatEvery
      })
    },
    async drain() {
      const failuresBefore = failures
      for (let idle = false; !idle; ) {
        const before = progress + failures
        await Promise.all([sweep(true), sweepReviews(true)])
        const busy = (await Promise.all(lanes.map(busyBefore))).some((was) => was)
        // What a rate limit or somebody else's lock keeps back is not due now, however often one looks.
        idle = !busy || progress + failures === before || failures - failuresBefore > MOST_FAILURES
      }
    },
    async stop() {
      rounds.stop()
      await Promise.all(lanes.map((each) => each.stop()))
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
