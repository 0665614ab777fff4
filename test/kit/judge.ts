import type { ShopId } from '../../src/domain/ids.ts'
import { HOUR } from '../../src/domain/time.ts'
import type { Arena } from './arena.ts'

export interface Capped {
  /** Most that one person was sent on one day. */
  readonly most: number
  /** People and days with more than the cap: by what was sent, and by the product's own count. */
  readonly over: number
  readonly overByCount: number
  /** Messages that the cap kept back for good. */
  readonly kept: number
}

/**
 * Counts what was due and sent on one local day: those were gated on it, whatever the clock did meanwhile. What the
 * gate put off to another day is in the product's own count only.
 */
export async function judgeCap({ db }: Arena, shop: ShopId, cap: number): Promise<Capped> {
  const { rows } = await db.query<Capped>(
    `with local as (
       select customer_id, floor((settled_at + $3) / 86400000.0) as day,
         floor((greatest(created_at, due_at) + $3) / 86400000.0) as from_day
       from message where shop_id = $1 and state = 'sent' and purpose <> 'essential' and audience = 'buyer'),
     days as (select count(*) as n from local where day = from_day group by customer_id, day)
     select coalesce(max(n), 0) as most, count(*) filter (where n > $2) as over,
       (select count(*) from cap where shop_id = $1 and used > $2) as "overByCount",
       (select count(*) from message where shop_id = $1 and state = 'dropped' and verdict like '%cap%') as kept
     from days`,
    [shop, cap, 8 * HOUR],
  )
  return rows[0]!
}

export interface Calls {
  readonly calls: number
  /** The marker was visible in the gate's snapshot. */
  readonly wrong: number
  /** It was committed between the gate and the call: in flight. */
  readonly inFlight: number
  /** The same question put to the product's own columns, for what was sent. */
  readonly sent: number
  readonly sentWrong: number
}

export async function judgeCalls({ db }: Arena, shop: ShopId): Promise<Calls> {
  const { rows } = await db.query<Calls>(
    `select count(*) as calls,
       count(*) filter (where paid_in($1, c.message_id, c.gate)) as wrong,
       count(*) filter (where not paid_in($1, c.message_id, c.gate) and paid_in($1, c.message_id, c.call)) as "inFlight",
       (select count(*) from message as s where s.shop_id = $1 and s.state = 'sent' and 'paid' = any(s.stops)) as sent,
       (select count(*) from message as s where s.shop_id = $1 and s.state = 'sent' and 'paid' = any(s.stops)
          and paid_in($1, s.id, s.gate_snapshot)) as "sentWrong"
     from seen_call as c join message as m on m.shop_id = $1 and m.id = c.message_id
     where c.shop_id = $1 and 'paid' = any(m.stops)`,
    [shop],
  )
  return rows[0]!
}
