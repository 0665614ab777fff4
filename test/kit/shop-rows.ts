import { plainVerdict } from '../../src/domain/gate/verdict.ts'
import type { EventId, MessageId } from '../../src/domain/ids.ts'
import type { TestShop, World } from './world.ts'

/** A shop's rows as tests look at them, oldest first. */
export function shopRows(world: Pick<World, 'rows'>) {
  return {
    orders: (shop: TestShop) =>
      world.rows<{
        id: string
        status: string
        facts: Buffer
        merged_into: string | null
        paid_at: number | null
      }>('select id, status, facts, merged_into, paid_at from orders where shop_id = $1 order by id', [
        shop.id,
      ]),
    runs: (shop: TestShop) =>
      world.rows<{
        id: string
        flow: string
        status: string
        subject_id: string
        version: number
        step: string | null
        due_at: number | null
        stop_reason: string | null
      }>(
        'select id, flow, status, subject_id, version, step, due_at, stop_reason from run where shop_id = $1 order by started_at, id',
        [shop.id],
      ),
    /** Verdicts without the moment they were given at: tests say what was decided. */
    messages: async (shop: TestShop) =>
      (
        await world.rows<{
          id: MessageId
          flow: string | null
          step: string | null
          state: string
          verdict: string | null
          order_id: string | null
          attempts: number
          fate_code: string | null
        }>(
          `select m.id, flow, step, coalesce(w.state, m.state) as state, coalesce(w.verdict, m.verdict) as verdict, order_id,
           greatest(m.attempts, w.tries) as attempts, fate_code
         from message m left join message_work w on w.shop_id = m.shop_id and w.message_id = m.id
         where m.shop_id = $1 order by m.created_at, m.id`,
          [shop.id],
        )
      ).map((row) => ({ ...row, verdict: row.verdict && plainVerdict(row.verdict) })),
    stuck: (shop: TestShop) =>
      world.rows<{ event_id: EventId; error: string }>(
        'select event_id, error from event_stuck where shop_id = $1',
        [shop.id],
      ),
  }
}
