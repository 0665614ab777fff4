import type { ArmCounts } from '../domain/flow/comparison.ts'
import type { ShopId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import { type Queryable, run, sql } from './connect.ts'

export interface ArmRow extends ArmCounts {
  /** Persons whose first run began before this are counted: all those runs have ended. `null`: none is open. */
  readonly counted_before: Instant | null
}

// A rare read that walks the shop's runs and the flow's messages once; one statement, so that all its figures are of
// one moment. `first` is what was drawn: whoever was merged is one person, with the arm of the earliest run. Cutting
// all arms at the same instant, the start of the earliest first run that is still open, keeps them comparable: were
// open runs only left out, an arm that waits longer would lose those who do not pay.
const arms = sql<ArmRow>(
  'comparison_arms',
  `with recursive ours as materialized (
     select id, order_id, customer_id, status, started_at,
       case when arm = 'held' then 'holdout' when $3::text is null then arm else progress->'arms'->>$3 end as arm
     from run
     where shop_id = $1 and flow = $2 and started_at >= $4 and customer_id is not null
       and stop_reason is distinct from 'order_merged' and ($3::text is null or progress->'arms' ? $3)),
   merged (was, id, hops) as (
     select distinct customer_id, customer_id, 0 from ours
     union all
     select m.was, c.merged_into, m.hops + 1 from merged as m join customer as c on c.shop_id = $1 and c.id = m.id
     where c.merged_into is not null and m.hops < 10),
   person as (select distinct on (was) was, id from merged order by was, hops desc),
   runs as materialized (select o.*, p.id as person from ours as o join person as p on p.was = o.customer_id),
   first as materialized (
     select distinct on (person) person, arm, order_id, status, started_at from runs order by person, started_at, id),
   several as (select person from runs group by person having count(distinct arm) > 1),
   open as (select min(started_at) as since from first where status = 'active'),
   people as (
     select f.arm, count(*)::int as persons,
       count(v.person)::int as moved,
       count(*) filter (where known)::int as counted,
       count(*) filter (where known and o.paid_at >= f.started_at)::int as paid,
       count(*) filter (where exists (
         select from contact as c where c.shop_id = $1 and c.customer_id = f.person and c.state = 'unsubscribed'
           and c.state_at >= f.started_at))::int as unsubscribed
     from first as f left join several as v on v.person = f.person
       left join orders as o on o.shop_id = $1 and o.id = f.order_id
       cross join lateral (
         select f.order_id is not null and f.started_at < coalesce((select since from open), 9223372036854775807) as known)
     group by f.arm),
   work as (
     select f.arm, count(*)::int as runs, count(*) filter (where r.status = 'active')::int as running,
       count(distinct r.order_id)::int as orders,
       count(distinct r.order_id) filter (where o.paid_at >= r.started_at)::int as orders_paid
     from runs as r join first as f using (person) left join orders as o on o.shop_id = $1 and o.id = r.order_id
     group by f.arm),
   said as (
     select arm, jsonb_object_agg(channel, n) as messages from (
       select f.arm, m.channel, count(*) as n
       from message as m join runs as r on r.id = m.run_id join first as f using (person)
       where m.shop_id = $1 and m.flow = $2 and m.state = 'sent' and m.audience = 'buyer' and m.channel <> 'command'
       group by f.arm, m.channel) as t
     group by arm)
   select p.*, w.runs, w.running, w.orders, w.orders_paid as "ordersPaid", coalesce(s.messages, '{}') as messages,
     (select since from open) as counted_before
   from people as p join work as w using (arm) left join said as s using (arm)`,
)

/**
 * What became of each arm of an experiment among the flow's runs since an instant; without an experiment, of those
 * who are treated and those who are held.
 */
export function countArms(
  db: Queryable,
  shop: ShopId,
  flow: string,
  experiment: string | null,
  since: Instant,
): Promise<readonly ArmRow[]> {
  return run(db, arms, [shop, flow, experiment, since])
}
