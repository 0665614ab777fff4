import type { Instant, Millis } from '../domain/time.ts'
import { type Queryable, run, sql } from './connect.ts'

// For /metrics only: over all shops, one index probe each.
const oldest = sql<{
  todo: Instant | null
  run: Instant | null
  message: Instant | null
  inquiry: Instant | null
}>(
  'lag_oldest',
  `select
     (select min(t.received_at) from shop as s cross join lateral (
        select received_at from todo where todo.shop_id = s.id order by event_id limit 1) as t) as todo,
     (select min(r.due_at) from shop as s cross join lateral (
        select due_at from run where run.shop_id = s.id and due_at is not null order by due_at limit 1) as r) as run,
     (select min(w.due_at) from shop as s cross join unnest($1::text[]) as c (channel) cross join lateral (
        select due_at from message_work where message_work.shop_id = s.id and message_work.channel = c.channel
        order by due_at limit 1) as w) as message,
     (select min(q.due_at) from shop as s cross join lateral (
        select due_at from inquiry where inquiry.shop_id = s.id and due_at is not null order by due_at limit 1) as q) as inquiry`,
)

/** How long the oldest piece of due work has been waiting, by kind; 0 when nothing is overdue. */
export interface Lag {
  readonly events: Millis
  readonly timers: Millis
  readonly messages: Millis
  readonly inquiries: Millis
}

export async function readLag(db: Queryable, channels: readonly string[], now: Instant): Promise<Lag> {
  const row = (await run(db, oldest, [channels]))[0]!
  const late = (since: Instant | null) => (since === null ? 0 : Math.max(0, now - since))
  return {
    events: late(row.todo),
    timers: late(row.run),
    messages: late(row.message),
    inquiries: late(row.inquiry),
  }
}
