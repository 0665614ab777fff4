import type { Db } from '../src/db/connect.ts'
import type { ShopId } from '../src/domain/ids.ts'
import type { Sender } from '../src/pipeline/intake.ts'
import { percentile } from './kit.ts'
import { failedPayment } from './payload.ts'
import type { Bench } from './pipeline.ts'

/** Over how long the measured reminders fall due: a few hundred a second, as after a busy hour. */
const SPREAD_MS = 10_000

/** Puts `count` runs beside the work whose timers come in a month, as a shop with many reminders ahead has them. */
export async function addWaitingRuns(db: Db, shop: ShopId, count: number): Promise<void> {
  const later = Date.now() + 30 * 86_400_000
  for (let from = 0; from < count; from += 100_000) {
    await db.query({
      text: `insert into run (shop_id, id, flow, version, subject_id, event_id, iteration, status, step, due_at, arm, started_at, updated_at)
        select $1::int, gen_random_uuid(), 'bench_waiting', 1, gen_random_uuid(), gen_random_uuid(), '1', 'active', 'wait', $2::bigint + n, 'treated', 0, 0
        from generate_series(1, $3::int) as n`,
      values: [shop, later, Math.min(100_000, count - from)],
      query_timeout: 120_000,
    })
  }
  await db.query('analyze run')
}

/**
 * From the instant a ladder's next reminder is due until its provider is called, ms. The reminders are real runs of
 * the preset that have sent their first and wait for their second; only the time they have waited is made longer.
 */
export async function measureLadder(
  bench: Bench,
  sender: Sender,
  reminders: number,
): Promise<{ readonly p50: number; readonly p99: number }> {
  const { db, engine, sent } = bench
  const first = 8_000_000
  const before = sent.count
  for (let from = 0; from < reminders; from += 500) {
    const batch = Array.from({ length: Math.min(500, reminders - from) }, (_, at) =>
      failedPayment(first + from + at, Date.now()),
    )
    await engine.intake.keep(sender, batch)
  }
  while (sent.count < before + reminders) await engine.worker.drain()
  const calledAt = new Map<string, number>()
  const done = new Promise<void>((resolve) => {
    sent.onSend = (message) => {
      calledAt.set(message.id, Date.now())
      if (calledAt.size === reminders) resolve()
    }
  })
  const from = Date.now() + 1_000
  const { rows: due } = await db.query<{ id: string; due_at: number }>(
    `with mine as (
       select id, $2::bigint + row_number() over () * $3::bigint / $4::bigint as due from run
       where shop_id = $1 and status = 'active' and step = 'wait_day' and due_at > $2 and flow <> 'bench_waiting' limit $4)
     update run set due_at = mine.due, progress = progress || jsonb_build_object(
       'since', coalesce((progress->>'since')::bigint, started_at) - (run.due_at - mine.due))
     from mine where run.shop_id = $1 and run.id = mine.id returning run.id, run.due_at`,
    [sender.shop, from, SPREAD_MS, reminders],
  )
  if (due.length < reminders)
    throw new Error(`only ${due.length} of ${reminders} ladders wait for their reminder`)
  await done
  sent.onSend = () => {}
  const dueOf = new Map(due.map((run) => [run.id, run.due_at]))
  const { rows } = await db.query<{ id: string; run_id: string }>(
    'select id, run_id from message where shop_id = $1 and id = any($2::uuid[])',
    [sender.shop, [...calledAt.keys()]],
  )
  const late = rows.map((row) => calledAt.get(row.id)! - dueOf.get(row.run_id)!).sort((a, b) => a - b)
  return { p50: percentile(late, 0.5), p99: percentile(late, 0.99) }
}
