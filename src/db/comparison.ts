import type { ArmCounts } from '../domain/flow/comparison.ts'
import type { ShopId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import { type Queryable, run, sql } from './connect.ts'

export interface ArmRow extends ArmCounts {
  /** Persons whose first run began before this are counted: all those runs have ended. `null`: none is open. */
  readonly counted_before: Instant | null
}

// A rare read that walks the shop's runs and the flow's messages once; one statement, so that all its figures are of
// one moment. Whoever was merged is one person, with the arm of the earliest run. All arms are cut at the same instant,
// the start of the earliest first run that is still open: were open runs only left out, an arm that waits longer would
// lose those who do not pay. Windows and look-ups by key instead of joins with the runs: the planner cannot guess how
// many of them have the experiment, and did those joins as loops (1,500 runs: 1 s).
const arms = sql<ArmRow>(
  'comparison_arms',
  `with ours as (
     select r.id, r.order_id, r.status, r.started_at,
       case when c.merged_into is null then r.customer_id else (
         with recursive up (id, hops) as (
           select c.merged_into, 1
           union all
           select a.merged_into, up.hops + 1 from up join customer as a on a.shop_id = $1 and a.id = up.id
           where a.merged_into is not null and up.hops < 10)
         select up.id from up order by hops desc limit 1) end as person,
       case when r.arm = 'held' then 'holdout' when $3::text is null then r.arm else r.progress->'arms'->>$3 end as own
     from run as r left join customer as c on c.shop_id = $1 and c.id = r.customer_id
     where r.shop_id = $1 and r.flow = $2 and r.started_at >= $4 and r.customer_id is not null
       and r.stop_reason is distinct from 'order_merged' and ($3::text is null or r.progress->'arms' ? $3)),
   runs as materialized (
     select ours.*, first_value(own) over one as arm, row_number() over one as nr,
       min(own) over (partition by person) <> max(own) over (partition by person) as moved
     from ours window one as (partition by person order by started_at, id)),
   open as materialized (select min(started_at) as since from runs where nr = 1 and status = 'active'),
   told as (
     select r.*, o.paid_at >= r.started_at and o.status <> 'refunded' as paid, r.nr = 1 as is_first,
       r.nr = 1 and r.order_id is not null
         and r.started_at < coalesce((select since from open), 9223372036854775807) as known,
       r.nr = 1 and exists (
         select from contact as c where c.shop_id = $1 and c.customer_id = r.person and c.state = 'unsubscribed'
           and c.state_at >= r.started_at) as unsubscribed
     from runs as r left join orders as o on o.shop_id = $1 and o.id = r.order_id),
   work as (
     select arm, count(*) filter (where is_first)::int as persons, count(*) filter (where is_first and moved)::int as moved,
       count(*) filter (where known)::int as counted, count(*) filter (where known and paid)::int as paid,
       count(*)::int as runs, count(*) filter (where status = 'active')::int as running,
       count(distinct order_id)::int as orders, count(distinct order_id) filter (where paid)::int as "ordersPaid",
       count(*) filter (where unsubscribed)::int as unsubscribed
     from told group by arm),
   sent as (
     select max(arm) over (partition by run) as arm, channel from (
       select id as run, arm, null as channel from runs
       union all
       select run_id, null, channel from message
       where shop_id = $1 and flow = $2 and state = 'sent' and audience = 'buyer' and channel <> 'command') as t),
   said as (
     select arm, jsonb_object_agg(channel, n) as messages from (
       select arm, channel, count(*) as n from sent where arm is not null and channel is not null group by arm, channel) as t
     group by arm)
   select work.*, coalesce(said.messages, '{}') as messages, (select since from open) as counted_before
   from work left join said using (arm)`,
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
