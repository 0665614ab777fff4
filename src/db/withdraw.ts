import { type Statement, sql } from './connect.ts'
import { RESERVED, type Reserved } from './free-reserved.ts'

/**
 * Of a work row: calls that were begun and of which nobody knows how they ended. Calls are counted in `tries` before they
 * are made and leave an attempt when their end is known.
 */
export const lostCalls = (work: 'w' | 'due') => `${work}.tries - case when ${work}.tries = 0 then 0 else (
     select count(*)::int from attempt as a
     where a.shop_id = $1 and a.message_id = ${work}.message_id and a.fate <> 'unknown') end`

/** What is known of such a call of message `m`. */
export const LOST_CODE = `coalesce((
     select a.code from attempt as a where a.shop_id = $1 and a.message_id = m.id and a.fate = 'unknown'
     order by a.n desc limit 1), 'worker_lost')`

interface Withdrawal {
  /** A query for the ids of messages that have not ended, by $1 the shop. */
  readonly found: string
  /** The verdict, and when, as SQL. */
  readonly verdict: string
  readonly at: string
  /** The gate would find out by itself what has become of their reason. */
  readonly gateKnows: boolean
}

// What is claimed has not left yet: its row goes, and whoever holds the claim finds so when he wants to begin the call.
// What is being called cannot be stopped. Should it come back for another try, the gate finds `verdict` on the message
// and ends it. Somebody may have got what was called before: such a message is not "not sent", and keeps its slots.
const withdrawn = ({ found, verdict, at, gateKnows }: Withdrawal) => `with old as materialized (${found}),
   gone as (
     delete from message_work as w using old
     where w.shop_id = $1 and w.message_id = old.id and w.state in ('waiting', 'claimed')
     returning w.message_id, w.verdict, w.tries, ${lostCalls('w')} as lost),
   ${
     gateKnows
       ? ''
       : `noted as (
     update message as m set verdict = ${verdict} from old
     where m.shop_id = $1 and m.id = old.id and m.state = 'waiting' and m.id not in (select message_id from gone)),`
   }
   dropped as (
     update message as m set verdict = ${verdict}, settled_at = ${at}, attempts = gone.tries,
       state = case when gone.lost = 0 then 'dropped' when m.delivered_at is null then 'unknown' else 'sent' end,
       fate_code = case when gone.lost > 0 and m.delivered_at is null then ${LOST_CODE} else m.fate_code end
     from gone where m.shop_id = $1 and m.id = gone.message_id
     returning ${RESERVED}, gone.lost)
   select * from dropped where lost = 0 and starts_with(verdict, 'send')`

/** Takes messages back that are no longer to be said; gives those whose slots are free again. */
export const withdrawal = (name: string, what: Withdrawal): Statement<Reserved> => sql(name, withdrawn(what))
