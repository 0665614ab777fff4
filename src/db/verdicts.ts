import type { AccountId, MessageId, ShopId } from '../domain/ids.ts'
import type { Instant, Millis } from '../domain/time.ts'
import { columns } from './columns.ts'
import { run, sql, type Tx } from './connect.ts'
import { LOST_CODE, lostCalls } from './withdraw.ts'

const allow = sql(
  'work_allow',
  `update message_work as w set state = t.state, fence = w.fence + 1, verdict = t.verdict, gate_snapshot = $5::pg_snapshot,
     account_id = t.account_id, crashes = w.crashes + t.crashed,
     lease_until = clock_timestamp() + $6 * interval '1 ms'
   from unnest($2::uuid[], $3::text[], $4::uuid[], $7::int[], $8::text[]) with ordinality as t (id, verdict, account_id, crashed, state, nr)
   where w.shop_id = $1 + (t.nr * 0)::int and w.message_id = t.id`,
)

export interface Allowed {
  readonly id: MessageId
  readonly verdict: string
  readonly account: AccountId
  /** 1 when it was taken over from a worker that did not finish it. */
  readonly crashed: 0 | 1
  /** `calling`: an earlier call broke off and is only asked about; nothing is handed over. */
  readonly state: 'claimed' | 'calling'
}

/** Claims messages that the gate lets go: leased, with their verdict and the snapshot it was made on. */
export async function allowMessages(
  tx: Tx,
  shop: ShopId,
  messages: readonly Allowed[],
  snapshot: string,
  lease: Millis,
): Promise<void> {
  if (messages.length === 0) return
  const [ids, verdicts, accounts, crashed, states] = columns(
    messages,
    (m) => m.id,
    (m) => m.verdict,
    (m) => m.account,
    (m) => m.crashed,
    (m) => m.state,
  )
  await run(tx, allow, [shop, ids, verdicts, accounts, snapshot, lease, crashed, states])
}

const hold = sql(
  'work_hold',
  `with changed as (
     insert into verdict_history (shop_id, message_id, at, verdict)
     select $1, t.id, $5, w.verdict from unnest($2::uuid[], $3::text[]) with ordinality as t (id, verdict, nr)
     join message_work as w on w.shop_id = $1 and w.message_id = t.id
     where w.verdict is not null and split_part(w.verdict, ':', 2) <> split_part(t.verdict, ':', 2)
     on conflict do nothing)
   update message_work as w set state = 'waiting', lease_until = null, verdict = t.verdict, due_at = t.due_at,
     crashes = w.crashes + t.crashed
   from unnest($2::uuid[], $3::text[], $4::bigint[], $6::int[]) with ordinality as t (id, verdict, due_at, crashed, nr)
   where w.shop_id = $1 + (t.nr * 0)::int and w.message_id = t.id`,
)

export interface Held {
  readonly id: MessageId
  readonly verdict: string
  readonly until: Instant
  readonly crashed: 0 | 1
}

/** Puts messages back until the gate may look at them again. */
export async function holdMessages(
  tx: Tx,
  shop: ShopId,
  messages: readonly Held[],
  now: Instant,
): Promise<void> {
  if (messages.length === 0) return
  const [ids, verdicts, until, crashed] = columns(
    messages,
    (m) => m.id,
    (m) => m.verdict,
    (m) => m.until,
    (m) => m.crashed,
  )
  await run(tx, hold, [shop, ids, verdicts, until, now, crashed])
}

// A call of which nobody knows how it ended may have been received: such a message is not "not sent".
const finish = sql(
  'work_finish',
  `with gone as (
     delete from message_work as w
     using unnest($2::uuid[], $3::text[], $4::text[], $6::text[]) with ordinality as t (id, state, verdict, code, nr)
     where w.shop_id = $1 + (t.nr * 0)::int and w.message_id = t.id
     returning t.*, w.tries, w.gate_snapshot, ${lostCalls('w')} as lost)
   update message as m set verdict = gone.verdict, settled_at = $5, attempts = gone.tries,
     gate_snapshot = gone.gate_snapshot,
     state = case when gone.lost = 0 or gone.state = 'poison' then gone.state
       when m.delivered_at is null then 'unknown' else 'sent' end,
     fate_code = case when gone.lost > 0 and gone.state <> 'poison' and m.delivered_at is null then coalesce(gone.code, ${LOST_CODE}) else gone.code end
   from gone where m.shop_id = $1 and m.id = gone.id`,
)

export interface Finished {
  readonly id: MessageId
  readonly state: 'dropped' | 'unknown' | 'poison'
  readonly verdict: string
  readonly code: string | null
}

/** Ends messages at the gate: dropped, of unknown outcome, or set aside after too many crashes. */
export async function finishMessages(
  tx: Tx,
  shop: ShopId,
  messages: readonly Finished[],
  now: Instant,
): Promise<void> {
  if (messages.length === 0) return
  const [ids, states, verdicts, codes] = columns(
    messages,
    (m) => m.id,
    (m) => m.state,
    (m) => m.verdict,
    (m) => m.code,
  )
  await run(tx, finish, [shop, ids, states, verdicts, now, codes])
}
