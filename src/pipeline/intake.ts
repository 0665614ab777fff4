import { type Db, isRetryable, isUnavailable, sqlState } from '../db/connect.ts'
import { type EventToKeep, type KeptEvent, keepEvents } from '../db/intake.ts'
import { Fault } from '../domain/errors.ts'
import { provesPayment, type SourceEvent, type Trust } from '../domain/event.ts'
import { type ConnectionId, newId, type Random, type ShopId } from '../domain/ids.ts'
import { refsOf } from '../domain/order/refs.ts'
import { mendKept } from '../domain/storable-text.ts'
import type { Clock, Millis } from '../domain/time.ts'
import type { Keyring, ShopVault } from './keyring.ts'
import { readEvent } from './open-event.ts'
import type { Recall } from './recall.ts'

/** Whose word an event is: the authenticated connection is what duplicates are judged by. */
export interface Sender {
  readonly shop: ShopId
  readonly connection: ConnectionId
  readonly trust: Trust
}

export interface Intake {
  /**
   * Keeps events: when this resolves they are on disk. Rejects with Fault `OVERLOADED` when too many wait and
   * `DATABASE_UNAVAILABLE` when nothing can be written; then nothing of the call was acknowledged.
   */
  keep(sender: Sender, events: readonly SourceEvent[]): Promise<readonly KeptEvent[]>
  /** Events waiting for their commit, for `/metrics`. */
  waiting(): number
  /** Resolves when everything given so far is settled. */
  idle(): Promise<void>
}

export interface IntakeOptions {
  readonly db: Db
  readonly keyring: Keyring
  readonly clock: Clock
  readonly random: Random
  /** Where kept events wait in clear for the decide of this process. */
  readonly recent?: Recall['events']
  /** Told which shops have something to decide, after their commit. */
  readonly onKept: (shops: ReadonlySet<ShopId>) => void
  /** Events that may wait for a commit before new ones are refused. */
  readonly maxWaiting?: number
}

/** `text`: the body before it was sealed. */
type Prepared = EventToKeep & { readonly text: string }

interface Request {
  readonly items: readonly Prepared[]
  readonly resolve: (kept: readonly KeptEvent[]) => void
  readonly reject: (error: unknown) => void
}

/** One commit takes what has gathered while earlier ones were under way; two overlap, so the disk never idles. */
const COMMITS_AT_ONCE = 2
const EVENTS_PER_COMMIT = 1_000
/** After a deadlock the other side goes on at once, so that the second try nearly always succeeds. */
const KEEP_TRIES = 5
/** A commit that all shops share waits at most so long for one shop's order; SQLSTATE of having waited in vain. */
const SHARED_LOCK_WAIT: Millis = 250
const LOCK_NOT_GOT = '55P03'
/** Shops that may wait for their own orders at once, each on a connection of its own. */
const MOST_ASIDE = 4

export function createIntake(options: IntakeOptions): Intake {
  const { db, keyring, clock, random, onKept, recent, maxWaiting = 20_000 } = options
  let queue: Request[] = []
  let waiting = 0
  let underway = 0
  const aside = new Map<ShopId, Request[]>()
  let wakeIdle: (() => void)[] = []

  function pump(): void {
    while (underway < COMMITS_AT_ONCE && queue.length > 0) {
      const batch = takeBatch()
      underway++
      void commit(batch).finally(() => {
        underway--
        pump()
        wakeIfIdle()
      })
    }
  }

  function takeBatch(): readonly Request[] {
    let events = 0
    let count = 0
    while (
      count < queue.length &&
      (count === 0 || events + queue[count]!.items.length <= EVENTS_PER_COMMIT)
    ) {
      events += queue[count++]!.items.length
    }
    const batch = queue.slice(0, count)
    queue = queue.slice(count)
    return batch
  }

  async function commit(batch: readonly Request[], patient = false): Promise<void> {
    const items = batch.flatMap((request) => request.items)
    try {
      const kept = await keep(items, patient ? 0 : SHARED_LOCK_WAIT)
      const accepted = items.filter((_, at) => kept[at]!.outcome === 'accepted')
      if (recent) for (const item of accepted) recent.keep(item.id, asKept(item))
      onKept(fewestFirst(accepted))
      let from = 0
      for (const request of batch) {
        request.resolve(kept.slice(from, from + request.items.length))
        from += request.items.length
      }
    } catch (error) {
      if (!patient && sqlState(error) === LOCK_NOT_GOT) return commitAside(batch)
      if (batch.length > 1 && !isUnavailable(error)) {
        // One of them cannot be kept; the others only shared its commit.
        for (const request of batch) await commit([request], patient)
        return
      }
      const fault = isUnavailable(error) ? new Fault('DATABASE_UNAVAILABLE', {}, { cause: error }) : error
      for (const request of batch) request.reject(fault)
    }
    waiting -= items.length
  }

  /**
   * Somebody works on an order that one of these requests pays. Each shop tries by itself; the one it concerns waits
   * beside the shared commits, so that everybody else's go on. Past a few such shops the shared ones wait after all,
   * and spare the connections.
   */
  async function commitAside(requests: readonly Request[]): Promise<void> {
    const shops = Map.groupBy(requests, (request) => request.items[0]!.shop)
    if (shops.size > 1) {
      for (const own of shops.values()) await commit(own)
      return
    }
    const shop = requests[0]!.items[0]!.shop
    const line = aside.get(shop)
    if (line) line.push(...requests)
    else if (aside.size < MOST_ASIDE) void standAside(shop, [...requests])
    else for (const request of requests) await commit([request], true)
  }

  async function standAside(shop: ShopId, line: Request[]): Promise<void> {
    aside.set(shop, line)
    while (line.length > 0) await commit([line.shift()!], true)
    aside.delete(shop)
    wakeIfIdle()
  }

  function wakeIfIdle(): void {
    if (!isIdle()) return
    for (const wake of wakeIdle) wake()
    wakeIdle = []
  }

  const isIdle = () => underway === 0 && queue.length === 0 && aside.size === 0

  /** A paid marker and a merge of orders may lock each other out: then the same again. */
  async function keep(items: readonly Prepared[], lockTimeout: Millis): Promise<readonly KeptEvent[]> {
    for (let tries = 1; ; tries++) {
      try {
        return await keepEvents(db, items, lockTimeout)
      } catch (error) {
        if (!isRetryable(error) || tries === KEEP_TRIES) throw error
      }
    }
  }

  return {
    async keep(sender, events) {
      if (events.length === 0) return []
      if (waiting + events.length > maxWaiting) throw new Fault('OVERLOADED', { waiting })
      waiting += events.length
      let items: readonly Prepared[]
      try {
        const vault = await keyring.open(sender.shop)
        const now = clock.now()
        items = events.map((event) => prepareEvent(sender, event, vault, now, random))
      } catch (error) {
        waiting -= events.length
        throw isUnavailable(error) ? new Fault('DATABASE_UNAVAILABLE', {}, { cause: error }) : error
      }
      return new Promise((resolve, reject) => {
        queue.push({ items, resolve, reject })
        // Requests that arrive in the same turn of the event loop share the commit.
        if (underway < COMMITS_AT_ONCE) queueMicrotask(pump)
      })
    },
    waiting: () => waiting,
    idle: () => (isIdle() ? Promise.resolve() : new Promise((resolve) => wakeIdle.push(resolve))),
  }
}

/** The shops of these events, those with the fewest first: their work is soon done. */
function fewestFirst(items: readonly Prepared[]): ReadonlySet<ShopId> {
  const counts = new Map<ShopId, number>()
  for (const { shop } of items) counts.set(shop, (counts.get(shop) ?? 0) + 1)
  return new Set([...counts].toSorted(([, a], [, b]) => a - b).map(([shop]) => shop))
}

/** The event as whoever reads its row will see it: read from the same text, so nobody can change it meanwhile. */
const asKept = (item: Prepared) =>
  readEvent(
    {
      ...item,
      connection_id: item.connection,
      occurred_at: item.occurredAt,
      received_at: item.receivedAt,
    },
    item.shop,
    item.text,
  )

/** Seals one event and works out by which key it is known and which orders it proves paid. */
export function prepareEvent(
  sender: Sender,
  event: SourceEvent,
  vault: ShopVault,
  now: number,
  random: Random,
): Prepared {
  const id = newId('evt', now, random)
  const sent = [event.id, event.source, event.subject, event.data] as const
  const asSent = JSON.stringify(sent)
  // Readers of requests see to it already; this is for whatever else tells us something.
  const whole = mendKept(sent, asSent)
  const body = whole === sent ? asSent : JSON.stringify(whole)
  const [sentId, , , data] = whole
  // `time` is left out of the comparison: a sender that repeats an event may stamp it anew.
  // Keyed, since both are stored in clear and a body may be short enough to be guessed.
  const bodyHash = vault.hash('event.body', event.type, body).subarray(0, 16)
  const key = sentId === null ? vault.hash('event.key', body) : vault.hash('event.id', sentId)
  return {
    shop: sender.shop,
    connection: sender.connection,
    id,
    key: key.subarray(0, 16),
    bodyHash,
    type: event.type,
    trust: sender.trust,
    occurredAt: event.time,
    receivedAt: now,
    text: body,
    body: vault.sealer.seal(body, { shop: sender.shop, column: 'event.body', row: id }),
    paidRefs: provesPayment({ type: event.type, trust: sender.trust })
      ? refsOf({ data, trust: sender.trust })
      : [],
  }
}
