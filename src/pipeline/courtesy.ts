import type { ShopId } from '../domain/ids.ts'
import { type Clock, type Instant, type Millis, SECOND } from '../domain/time.ts'

/** Lets quiet shops go before busy ones, so that a busy shop costs the others little of their time. */
export interface Courtesy {
  /**
   * Does one turn of a shop's work, for a busy shop after the turns of much quieter ones that are under way, though
   * never more than `LONGEST` later. `work` may call `leave` when the rest of its turn keeps nobody waiting.
   */
  turn<Done extends { readonly did: number }>(
    shop: ShopId,
    work: (leave: () => void) => Promise<Done>,
  ): Promise<Done>
  /** Whether other shops had work lately: then turns are short. */
  crowded(shop: ShopId): boolean
}

interface Turn {
  readonly shop: ShopId
  readonly load: number
  readonly ended: Promise<void>
}

/** What a shop did counts half after this. */
const HALF_LIFE: Millis = SECOND
/** Shops that did less lately stand aside for nobody. */
const BUSY = 50
/** So many times less is much quieter. */
const MUCH = 5
const LONGEST: Millis = 30
/** After this nobody remembers that a shop had work. */
const REMEMBERED: Millis = 2 * SECOND

export function createCourtesy(clock: Clock): Courtesy {
  /** Done lately, by shop, the longest ago first. */
  const loads = new Map<ShopId, { readonly done: number; readonly at: Instant }>()
  const underway = new Set<Turn>()

  function loadOf(shop: ShopId): number {
    const load = loads.get(shop)
    return load ? load.done * 2 ** (-Math.max(0, clock.now() - load.at) / HALF_LIFE) : 0
  }

  function note(shop: ShopId, did: number): void {
    const done = loadOf(shop) + did
    const now = clock.now()
    loads.delete(shop)
    loads.set(shop, { done, at: now })
    for (const [other, { at }] of loads) {
      if (Math.abs(now - at) <= REMEMBERED) break
      loads.delete(other)
    }
  }

  function quieter(shop: ShopId): readonly Turn[] {
    const own = loadOf(shop)
    if (own < BUSY) return []
    return [...underway].filter((turn) => turn.shop !== shop && turn.load * MUCH <= own)
  }

  async function standAside(shop: ShopId, first: readonly Turn[]): Promise<void> {
    let late = false
    const { promise: over, resolve } = Promise.withResolvers<void>()
    const cancel = clock.after(LONGEST, () => {
      late = true
      resolve()
    })
    for (let turns = first; turns.length > 0 && !late; turns = quieter(shop))
      await Promise.race([over, Promise.all(turns.map((turn) => turn.ended))])
    cancel()
  }

  return {
    async turn(shop, work) {
      const before = quieter(shop)
      if (before.length > 0) await standAside(shop, before)
      const { promise: ended, resolve } = Promise.withResolvers<void>()
      const own: Turn = { shop, load: loadOf(shop), ended }
      underway.add(own)
      const leave = () => {
        underway.delete(own)
        resolve()
      }
      try {
        const turn = await work(leave)
        if (turn.did > 0) note(shop, turn.did)
        return turn
      } finally {
        leave()
      }
    },
    crowded(shop) {
      return loads.size > (loads.has(shop) ? 1 : 0)
    },
  }
}
