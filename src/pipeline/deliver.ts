import { giveBackClaims, heartbeat } from '../db/calls.ts'
import { isRetryable, isUnavailable } from '../db/connect.ts'
import type { MessageId, ShopId } from '../domain/ids.ts'
import type { Channel } from '../domain/message.ts'
import type { Millis } from '../domain/time.ts'
import { isMissingKey } from './attempt.ts'
import { type Allowed, type GateDeps, type Gated, type GateOptions, LEASE, passGate } from './gate.ts'
import { type HandOverDeps, handOver, type OnCall, unbegun } from './hand-over.ts'
import type { Metrics } from './metrics.ts'
import { createPace, type Pace } from './pace.ts'
import { createReceivers } from './receivers.ts'
import { createQueues } from './room.ts'
import { untilAvailable } from './settle.ts'
import type { ShopConfigs } from './shop-config.ts'
import { createSlots } from './slots.ts'

export interface DeliverDeps extends Omit<HandOverDeps, 'pace' | 'slots' | 'lease'> {
  readonly configs: ShopConfigs
  /** How long a claim holds without a heartbeat; default `LEASE`. */
  readonly lease?: Millis
}

export interface DeliverOptions {
  /** Messages to take up at most; as many as leave within half a second, if not given. */
  readonly most?: number
  /**
   * Called when nothing is left but to wait for the provider; with what the turn came to, when another turn need not wait
   * for the end of this one.
   */
  readonly onCall?: (next?: Delivered) => void
}

/** Messages taken up, and when to come again. */
export interface Delivered {
  readonly taken: number
  readonly retryIn: Millis
}

export interface Delivery {
  /** Gates and hands over due messages of one shop and channel. */
  deliver(shop: ShopId, channel: Channel, options?: DeliverOptions): Promise<Delivered>
  /** Lengthens the leases of everything in our hands. */
  beat(): Promise<void>
  inFlight(): number
}

export function createDelivery(deps: DeliverDeps): Delivery {
  const held = createHolds()
  const pace = createPace()
  const slots = createSlots()
  /** One turn at a time takes up what the next crash would set aside: see `apart` in the gate. */
  let suspecting = false
  const lease = deps.lease ?? LEASE
  const gateDeps: GateDeps = {
    ...deps,
    repeatOf: deps.senders.repeatOf,
    lawOf: lawReader(deps),
    receivers: createReceivers(deps),
    queues: createQueues(),
  }
  const handOverDeps: HandOverDeps = { ...deps, pace, slots, lease }

  async function deliver(shop: ShopId, channel: Channel, options: DeliverOptions = {}) {
    const { most = Number.POSITIVE_INFINITY, onCall = () => {} } = options
    const wanted = wantedBy(pace, most)
    const suspects = !suspecting
    if (suspects) suspecting = true
    try {
      const gated = await passGate(gateDeps, shop, channel, { wanted, suspects })
      if (gated === null) return { taken: 0, retryIn: 0 }
      note(deps.metrics, channel, gated)
      const delivered = { taken: gated.taken, retryIn: gated.retryIn }
      if (gated.allowed.length > 0)
        await holding(shop, gated, ({ room }) => onCall(room ? delivered : undefined))
      return delivered
    } finally {
      if (suspects) suspecting = false
    }
  }

  /** Hands over while heartbeats keep the leases; gives back what a fault of ours left unused. */
  async function holding(shop: ShopId, gated: Gated, onCall: OnCall): Promise<void> {
    held.add(shop, gated.allowed)
    try {
      await handOver(handOverDeps, shop, gated, onCall)
    } catch (error) {
      // Nobody's fault: what has not been begun need not wait for its lease, nor count as a crash.
      if (isRetryable(error) || isMissingKey(error) || isUnavailable(error))
        await untilAvailable(deps, () => giveBackClaims(deps.db, shop, unbegun(gated.allowed)))
      throw error
    } finally {
      held.drop(shop, gated.allowed)
    }
  }

  return {
    deliver,
    async beat() {
      for (const [shop, claims] of held.all()) await heartbeat(deps.db, shop, claims, lease)
    },
    inFlight: held.count,
  }
}

/** The claims in this process's hands. */
function createHolds() {
  const held = new Map<ShopId, Map<MessageId, number>>()
  return {
    add(shop: ShopId, allowed: readonly Allowed[]): void {
      const mine = held.get(shop) ?? new Map<MessageId, number>()
      held.set(shop, mine)
      for (const { message, fence } of allowed) mine.set(message.id, fence)
    },
    drop(shop: ShopId, allowed: readonly Allowed[]): void {
      const mine = held.get(shop)
      // Another turn may have claimed it anew by now.
      for (const { message, fence } of allowed) if (mine?.get(message.id) === fence) mine.delete(message.id)
      if (mine?.size === 0) held.delete(shop)
    },
    all: () =>
      [...held].map(([shop, mine]) => [shop, [...mine].map(([id, fence]) => ({ id, fence }))] as const),
    count: () => [...held.values()].reduce((sum, mine) => sum + mine.size, 0),
  }
}

/** Of an account that is out of order nothing is known. */
const wantedBy =
  (pace: Pace, most: number): GateOptions['wanted'] =>
  (account) =>
    Math.min(
      most,
      account?.state === 'ok' ? pace.claim(account.id, account.concurrency) : pace.claim(null, 1),
    )

/** The law of an account; `null` for one that cannot be opened, which the hand-over pauses. */
function lawReader({ keyring, senders }: DeliverDeps): GateDeps['lawOf'] {
  return async (shop, account) => {
    const vault = await keyring.open(shop)
    try {
      return senders.lawOf(shop, account, vault)
    } catch (error) {
      if (isMissingKey(error)) throw error
      return null
    }
  }
}

function note(metrics: Metrics, channel: Channel, gated: Gated): void {
  metrics.takeovers.inc(gated.takeovers)
  metrics.verdicts.inc({ channel, verdict: 'send' }, gated.allowed.length)
  metrics.verdicts.inc({ channel, verdict: 'hold' }, gated.held)
  for (const { state } of gated.finished) {
    metrics.verdicts.inc({ channel, verdict: state })
    if (state === 'unknown') metrics.unknowns.inc({ outcome: 'stopped' })
  }
}
