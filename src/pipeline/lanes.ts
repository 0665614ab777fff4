import type { ConnectionId, ShopId } from '../domain/ids.ts'
import type { Channel } from '../domain/message.ts'
import type { Clock, Millis } from '../domain/time.ts'
import type { DecideDeps } from './batch.ts'
import { createCourtesy } from './courtesy.ts'
import { type Decided, decide } from './decide.ts'
import type { Delivered, Delivery } from './deliver.ts'
import { inquire } from './inquire.ts'
import type { InquireDeps } from './inquiry-case.ts'
import { createLane, type Lane, type Leave } from './lane.ts'
import type { Metrics } from './metrics.ts'
import { runReviewTimers } from './review-timers.ts'
import { runTimers } from './timers.ts'

export interface LanesOptions {
  readonly clock: Clock
  readonly decide: DecideDeps
  readonly inquire: InquireDeps
  readonly delivery: Delivery
  readonly metrics: Metrics
  readonly log: { error(fields: object, text: string): void }
}

/** The kinds of work, each a lane over shops. `insist`: see `Lane`. */
export interface Lanes {
  events(shop: ShopId, insist?: boolean): void
  runs(shop: ShopId, insist?: boolean): void
  messages(shop: ShopId, channel: Channel, insist?: boolean): void
  inquiries(shop: ShopId, connection: ConnectionId, insist?: boolean): void
  reviews(shop: ShopId, insist?: boolean): void
  readonly all: readonly Pick<Lane<never>, 'busy' | 'idle' | 'stop'>[]
  /** Turns so far that did something, and turns that failed. */
  tally(): { readonly useful: number; readonly failed: number }
}

const EVENTS_A_TURN = 500
const RUNS_A_TURN = 500
const MESSAGES_A_TURN = 500
const REVIEWS_A_TURN = 100
/** Events, runs or messages while other shops have work, too. */
const A_SHORT_TURN = 100
/** Turns that only wait for a provider or for a rail: one that never answers keeps its own until its time is over. */
const CALLS_AWAY = 500
const ASKS_AWAY = 100

/** A turn that has waited so long for somebody else lets others go on; who answers sooner costs them nothing. */
const PATIENCE: Millis = 20

interface Kind {
  readonly name: string
  readonly atOnce: number
  readonly perKey: number
  readonly away?: number
}

export function createLanes(options: LanesOptions): Lanes {
  const { clock, delivery, metrics, log } = options
  let useful = 0
  let failed = 0
  const lane = <Key extends string | number>(
    kind: Kind,
    work: (key: Key, leave: Leave) => Promise<{ did: number; more: boolean; retryIn?: Millis }>,
  ) => {
    const counted = async (key: Key, leave: Leave) => {
      let stay = () => {}
      const leaveLater: Leave = (next) => {
        stay()
        stay = clock.after(PATIENCE, () => leave(next))
      }
      try {
        const turn = await work(key, leaveLater)
        if (turn.did > 0) useful++
        return turn
      } catch (error) {
        failed++
        throw error
      } finally {
        stay()
      }
    }
    return createLane<Key>({ ...kind, clock, log, work: counted })
  }

  const courtesy = createCourtesy(clock)
  const mostFor = (shop: ShopId, most: number) => (courtesy.crowded(shop) ? A_SHORT_TURN : most)
  const follow = (shop: ShopId, { channels }: Decided) => {
    for (const channel of channels) delivering.offer(`${shop}:${channel}`)
  }
  const deciding = lane<ShopId>({ name: 'decide', atOnce: 4, perKey: 2 }, (shop) =>
    courtesy.turn(shop, async () => {
      const most = mostFor(shop, EVENTS_A_TURN)
      const decided = await decide(options.decide, shop, most)
      metrics.eventsApplied.inc(decided.applied)
      metrics.unknownFailureCodes.inc(decided.unknownCodes)
      follow(shop, decided)
      return { did: decided.applied, more: decided.applied === most }
    }),
  )
  const timing = lane<ShopId>({ name: 'timers', atOnce: 2, perKey: 1 }, (shop) =>
    courtesy.turn(shop, async () => {
      const most = mostFor(shop, RUNS_A_TURN)
      const moved = await runTimers(options.decide, shop, most)
      follow(shop, moved)
      return { did: moved.applied, more: moved.applied === most }
    }),
  )
  const delivering = lane<string>(
    { name: 'deliver', atOnce: 16, perKey: 3, away: CALLS_AWAY },
    async (key, leave) => {
      const [id, channel] = key.split(':') as [string, Channel]
      const shop = Number(id) as ShopId
      const turnOf = ({ taken, retryIn }: Delivered) => ({ did: taken, more: taken > 0, retryIn })
      return courtesy.turn(shop, async (letPass) => {
        const most = mostFor(shop, MESSAGES_A_TURN)
        const onCall = (next?: Delivered) => {
          letPass()
          leave(next && turnOf(next))
        }
        const delivered = await delivery.deliver(shop, channel, { most, onCall })
        metrics.inFlight.set(delivery.inFlight())
        return turnOf(delivered)
      })
    },
  )
  const asking = lane<string>({ name: 'inquire', atOnce: 8, perKey: 1, away: ASKS_AWAY }, (key, leave) => {
    const [shop, connection] = key.split(':') as [string, ConnectionId]
    return inquire(options.inquire, Number(shop) as ShopId, connection, leave)
  })
  const reviewing = lane<ShopId>({ name: 'reviews', atOnce: 1, perKey: 1 }, async (shop) => {
    const did = await runReviewTimers(options.decide, shop, REVIEWS_A_TURN)
    if (did > 0) deciding.offer(shop)
    return { did, more: did === REVIEWS_A_TURN }
  })

  return {
    events: deciding.offer,
    runs: timing.offer,
    messages: (shop, channel, insist) => delivering.offer(`${shop}:${channel}`, insist),
    inquiries: (shop, connection, insist) => asking.offer(`${shop}:${connection}`, insist),
    reviews: reviewing.offer,
    all: [deciding, timing, asking, reviewing, delivering],
    tally: () => ({ useful, failed }),
  }
}
