import type { Db } from '../src/db/connect.ts'
import type { ShopId } from '../src/domain/ids.ts'
import type { Sender } from '../src/pipeline/intake.ts'
import { type Bench, openBench, runPipeline } from './pipeline.ts'

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
  await db.query('analyze')
}

/** What the other database has waiting. */
const FEW = 1_000
/** So many pairs of runs: whatever else the machine does meanwhile falls on both alike. */
const PAIRS = 4

/**
 * How much slower the pipeline is beside the waiting messages of `full` than beside a few: runs of `each`
 * events by turns.
 */
export async function measureWaiting(
  bareUrl: string,
  full: Bench,
  sender: Sender,
  each: number,
): Promise<{ readonly slowdown: number; readonly bodiesRight: boolean }> {
  const bare = await openBench(bareUrl)
  const [bareSender] = await bare.openShops(1)
  const seconds = { bare: 0, full: 0 }
  let bodiesRight = (await runPipeline(bare, [bareSender!], each, 2_900_000)).bodiesRight
  // A queue that statistics call empty is planned for badly: both have some, and are counted.
  await addWaiting(bare.db, bareSender!.shop, FEW)
  for (let pair = 0; pair < PAIRS; pair++) {
    const from = pair * each
    const without = await runPipeline(bare, [bareSender!], each, 3_000_000 + from)
    const beside = await runPipeline(full, [sender], each, 4_000_000 + from)
    seconds.bare += without.seconds
    seconds.full += beside.seconds
    bodiesRight &&= without.bodiesRight && beside.bodiesRight
  }
  await bare.close()
  return { slowdown: 1 - seconds.bare / seconds.full, bodiesRight }
}
