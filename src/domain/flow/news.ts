import { HOUR, type Instant, type Millis } from '../time.ts'

/** Events about goods. They name no order; runs of orders that hold the goods hear them, wherever they stand. */
export const NEWS: ReadonlySet<string> = new Set(['stock.low', 'stock.back'])

/** News that a run has heard and not yet come to tell. */
export interface Heard {
  /** Of the kept event. */
  readonly key: string
  readonly type: string
  /** When it reached the run. */
  readonly at: Instant
  /** Of which goods, hashed; left out of news that names the order. */
  readonly about?: readonly string[]
}

/** What was heard longer ago may no longer be true, and is forgotten. */
export const LASTS: Millis = 2 * HOUR

export const isStale = ({ at }: Heard, now: Instant): boolean => now - at > LASTS
