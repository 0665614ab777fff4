import type { Clock, Instant, Millis } from '../domain/time.ts'

/** What one turn did: whether the key has more to do now, or when to come again. */
export interface Turn {
  readonly more: boolean
  readonly retryIn?: Millis
}

/**
 * Called by a turn that has nothing left but to wait for somebody else: the turns of other keys need not wait with it.
 * With `next` those of its own key need not either: what the turn came to, as far as they are concerned.
 */
export type Leave = (next?: Turn) => void

/** Runs work for keys (shops) in turn, so that a busy key never keeps a quiet one waiting for more than a turn. */
export interface Lane<Key> {
  /** There may be something to do for `key`. `insist`: even while it rests after an error. */
  offer(key: Key, insist?: boolean): void
  /** Whether anything is queued or running. */
  busy(): boolean
  /** Resolves when nothing is queued or running. */
  idle(): Promise<void>
  /** Starts no more turns; resolves when the running ones have ended. */
  stop(): Promise<void>
}

export interface LaneOptions<Key> {
  readonly name: string
  readonly clock: Clock
  readonly work: (key: Key, leave: Leave) => Promise<Turn>
  /** Turns at once over all keys. */
  readonly atOnce: number
  /** Turns at once for one key; more than one only while it is busy. */
  readonly perKey: number
  /** Turns that may have left and still wait for somebody else; default 0: each keeps its place to its end. */
  readonly away?: number
  readonly log: { error(fields: object, text: string): void }
}

const FIRST_PAUSE: Millis = 100
const LONGEST_PAUSE: Millis = 5_000

export function createLane<Key extends string | number>(options: LaneOptions<Key>): Lane<Key> {
  const { clock, work, atOnce, perKey, away: mostAway = 0, log, name } = options
  const queue = new Set<Key>()
  const running = new Map<Key, number>()
  const busy = new Set<Key>()
  const pauses = new Map<Key, Millis>()
  const resting = new Set<Key>()
  const comebacks = new Map<Key, Instant>()
  let turns = 0
  let away = 0
  let stopped = false
  let waiters: (() => void)[] = []

  function offer(key: Key, insist = false): void {
    // After an error neither hints nor sweeps shorten the pause.
    if (stopped || (resting.has(key) && !insist)) return
    queue.add(key)
    pump()
  }

  function pump(): void {
    for (const key of queue) {
      if (turns - away >= atOnce) return
      const now = running.get(key) ?? 0
      // A key that is already at work keeps its place; it is looked at again when its turn ends.
      if (now >= (busy.has(key) ? perKey : 1)) continue
      queue.delete(key)
      running.set(key, now + 1)
      turns++
      void turn(key)
    }
  }

  /** Hints may ask for a turn many times before it is time: one timer serves them all, unless it would be late. */
  function comeBack(key: Key, after: Millis): void {
    const at = clock.now() + after
    const planned = comebacks.get(key)
    if (planned !== undefined && planned <= at) return
    comebacks.set(key, at)
    clock.after(after, () => {
      if (comebacks.get(key) === at) comebacks.delete(key)
      offer(key)
    })
  }

  /** What the key's next turn is to be, once one of its turns is over or has left. */
  function follow(key: Key, { more, retryIn }: Turn): void {
    if (more) busy.add(key)
    else busy.delete(key)
    if (more) offer(key)
    else if (retryIn) comeBack(key, retryIn)
  }

  function release(key: Key): void {
    const left = (running.get(key) ?? 1) - 1
    if (left > 0) running.set(key, left)
    else running.delete(key)
  }

  async function turn(key: Key): Promise<void> {
    let isAway = false
    let ownsKey = true
    const leave: Leave = (next) => {
      if (!isAway && away < mostAway) {
        isAway = true
        away++
      }
      if (next && isAway && ownsKey) {
        ownsKey = false
        release(key)
        follow(key, next)
      }
      pump()
    }
    try {
      // A key known to be busy gets its next turn beside this one, up to its limit.
      if (busy.has(key)) queue.add(key)
      const done = await work(key, leave)
      pauses.delete(key)
      resting.delete(key)
      if (ownsKey) follow(key, done)
    } catch (error) {
      busy.delete(key)
      const pause = Math.min(LONGEST_PAUSE, (pauses.get(key) ?? FIRST_PAUSE / 2) * 2)
      pauses.set(key, pause)
      log.error({ err: error, lane: name, key }, `${name} failed; again in ${pause} ms`)
      resting.add(key)
      queue.delete(key)
      clock.after(pause, () => {
        resting.delete(key)
        offer(key)
      })
    } finally {
      turns--
      if (isAway) away--
      if (ownsKey) release(key)
      pump()
      if (turns === 0 && queue.size === 0) {
        for (const wake of waiters) wake()
        waiters = []
      }
    }
  }

  const idle = () =>
    turns === 0 && queue.size === 0
      ? Promise.resolve()
      : new Promise<void>((resolve) => waiters.push(resolve))

  return {
    offer,
    busy: () => turns > 0 || queue.size > 0,
    idle,
    stop() {
      stopped = true
      queue.clear()
      return idle()
    },
  }
}
