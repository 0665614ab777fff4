import type { Db } from '../db/connect.ts'
import { ignoring } from '../domain/errors.ts'
import type { ShopId } from '../domain/ids.ts'
import { CHANNELS, type Channel } from '../domain/message.ts'
import { type Clock, type Millis, SECOND } from '../domain/time.ts'

/** Tells other processes of work at once, instead of at their next sweep. Nothing relies on a hint arriving. */
export interface Hints {
  /** These shops have events to decide. */
  eventsDue(shops: Iterable<ShopId>): void
  /** The shop has messages to gate. */
  messagesDue(shop: ShopId, channels: Iterable<Channel>): void
  /** The shop has a new key. */
  keysChanged(shop: ShopId): void
  close(): Promise<void>
}

export interface Heard {
  eventsDue(shop: ShopId): void
  messagesDue(shop: ShopId, channel: Channel): void
  keysChanged(shop: ShopId): void
}

export interface HintsOptions {
  readonly db: Db
  readonly clock: Clock
  readonly log: { debug(fields: object, text: string): void }
  /** What to do with others' hints; `null`: this process does no work, so it does not listen. */
  readonly hear: Heard | null
  /** A pool of its own, of one connection, for listening. Needed with `hear`. */
  readonly listenDb?: Db
}

const CHANNEL = 'dingdong_due'
/** Hints of so long travel together: NOTIFY takes a lock over the whole database at commit, so one a request would queue. */
const GATHER: Millis = 5
/** A payload may have 8,000 bytes. */
const SHOPS_A_HINT = 500
const AGAIN_AFTER: Millis = 2 * SECOND

export function createHints({ db, clock, log, hear, listenDb }: HintsOptions): Hints {
  const waiting = new Set<string>()
  const ended = Promise.withResolvers<void>()
  let cancelFlush: (() => void) | null = null
  let flushing: Promise<unknown> = Promise.resolve()
  let closed = false

  function add(hint: string): void {
    if (closed) return
    waiting.add(hint)
    cancelFlush ??= clock.after(GATHER, () => {
      cancelFlush = null
      flushing = flush()
    })
  }

  async function flush(): Promise<void> {
    const hints = [...waiting]
    waiting.clear()
    for (let at = 0; at < hints.length; at += SHOPS_A_HINT) {
      try {
        await db.query('select pg_notify($1, $2)', [CHANNEL, hints.slice(at, at + SHOPS_A_HINT).join(',')])
      } catch (error) {
        ignoring(error, 'a hint could not be sent; the next sweep finds the work', log)
      }
    }
  }

  async function listen(pool: Db, heard: Heard): Promise<void> {
    await pool.withClient(async (client) => {
      const lost = new Promise<void>((resolve) => client.once('end', () => resolve()))
      client.on('notification', ({ payload }) => {
        for (const hint of (payload ?? '').split(',')) pass(hint, heard)
      })
      await client.query(`listen ${CHANNEL}`)
      await Promise.race([lost, ended.promise])
      // A connection that still listens must not go back into the pool.
      throw new Error('stopped listening')
    })
  }

  async function keepListening(pool: Db, heard: Heard): Promise<void> {
    while (!closed) {
      await listen(pool, heard).catch((error) => {
        if (!closed) ignoring(error, 'hints of other processes are not heard for a moment', log)
      })
      if (!closed) {
        await Promise.race([ended.promise, new Promise<void>((wake) => clock.after(AGAIN_AFTER, wake))])
      }
    }
  }

  const listening = hear && listenDb ? keepListening(listenDb, hear) : Promise.resolve()
  return {
    eventsDue(shops) {
      for (const shop of shops) add(`e${shop}`)
    },
    messagesDue(shop, channels) {
      for (const channel of channels) add(`m${shop}:${channel}`)
    },
    keysChanged: (shop) => add(`k${shop}`),
    async close() {
      if (cancelFlush) {
        cancelFlush()
        flushing = flush()
      }
      closed = true
      ended.resolve()
      await Promise.all([flushing, listening])
    },
  }
}

/** Anybody who may connect to the database can send one, so it is read with care. */
function pass(hint: string, heard: Heard): void {
  const match = /^([emk])([1-9]\d{0,9})(?::(\w+))?$/.exec(hint)
  if (!match) return
  const shop = Number(match[2]) as ShopId
  const channel = CHANNELS.find((each) => each === match[3])
  if (match[1] === 'e') heard.eventsDue(shop)
  else if (match[1] === 'k') heard.keysChanged(shop)
  else if (channel) heard.messagesDue(shop, channel)
}
