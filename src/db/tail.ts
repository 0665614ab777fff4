import type { EventId, ShopId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import { type Queryable, run, sql } from './connect.ts'

export interface SeenEvent {
  readonly id: EventId
  readonly type: string
  readonly trust: string
  readonly received_at: Instant
}

const since = sql<SeenEvent>(
  'tail_events',
  'select id, type, trust, received_at from event where shop_id = $1 and id > $2 order by id desc limit $3',
)

/** The shop's newest events with ids above `after` (ids begin with the time they were made), newest first. */
export function eventsAfter(
  db: Queryable,
  shop: ShopId,
  after: string,
  limit: number,
): Promise<readonly SeenEvent[]> {
  return run(db, since, [shop, after, limit])
}
