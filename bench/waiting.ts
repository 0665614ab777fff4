import type { Db } from '../src/db/connect.ts'
import type { ShopId } from '../src/domain/ids.ts'

/** Puts `count` messages beside the work that are due in a month, as a shop with many reminders ahead has them. */
export async function addWaiting(db: Db, shop: ShopId, count: number): Promise<void> {
  const later = Date.now() + 30 * 86_400_000
  for (let from = 0; from < count; from += 100_000) {
    await db.query({
      text: `with made as (
        insert into message (shop_id, id, channel, purpose, category, audience, template, stops, created_at, due_at, expires_at)
        select $1::int, gen_random_uuid(), 'email', 'reminder', 'bench', 'buyer', 'payment_failed_day', '{paid}', $2::bigint, $2::bigint, $2::bigint + 86400000
        from generate_series(1, $3::int) returning id)
      insert into message_work (shop_id, message_id, channel, due_at) select $1::int, id, 'email', $2::bigint from made`,
      values: [shop, later, Math.min(100_000, count - from)],
      query_timeout: 120_000,
    })
  }
  await db.query('analyze message, message_work')
}
