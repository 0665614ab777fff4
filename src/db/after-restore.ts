import type { Instant } from '../domain/time.ts'
import { runCount, sql, type Tx } from './connect.ts'

/** When the rows were copied, and when they are put back. In between the old system may have gone on working. */
export interface Restored {
  readonly backedUpAt: Instant
  readonly restoredAt: Instant
}

/** Puts right what is not true any more in a restored database, in the transaction that restores it. */
export type AfterRestore = (tx: Tx, restored: Restored) => Promise<void>

// Transaction ids belong to the server that gave them; on another one they would be compared with its own, and a
// snapshot of the one could seem to see, or not to see, a marker of the other. What they proved stays proved by
// what was recorded about it; the marker itself, `paid_at`, is kept.
const forgetMarkers = sql(
  'restore_forget_markers',
  'update order_ref set paid_xid = null where paid_xid is not null',
)
const forgetSnapshots = sql(
  'restore_forget_snapshots',
  'update message set gate_snapshot = null where gate_snapshot is not null',
)
const forgetWork = sql(
  'restore_forget_work',
  'update message_work set gate_snapshot = null where gate_snapshot is not null',
)
// A lease was given by the clock of a server that is gone, to a worker that is gone. What was being sent then
// (`calling`) stays `calling`: with its lease over it is an unknown outcome, like after a crash, and is asked about
// or reported, never simply sent again. What was only claimed had not left.
const endLeases = sql(
  'restore_end_leases',
  "update message_work set lease_until = '-infinity', fence = fence + 1 where lease_until is not null",
)
// The old system may have begun a try after the backup: what is restored as untried is taken as tried, and is only
// asked about.
const forgetTries = sql(
  'restore_forget_tries',
  `update inquiry set lease_until = null, fence = fence + 1, act_by = coalesce(act_by, 'source'),
     act_outcome = case when act_at is null or act_outcome = 'refused' then 'unknown' else act_outcome end,
     act_at = coalesce(act_at, $1)
   where kind = 'platform' and due_at is not null`,
)

// The gate asks: what was due before may have been sent by the system that was backed up.
const noteRestore = sql('restore_note', 'update installation set restored_at = $1')

/** In order. Whoever owns a table adds here what must hold for its rows after a restore. */
export const AFTER_RESTORE: readonly AfterRestore[] = [
  async (tx) => {
    await runCount(tx, forgetMarkers, [])
    await runCount(tx, forgetSnapshots, [])
    await runCount(tx, forgetWork, [])
  },
  async (tx) => {
    await runCount(tx, endLeases, [])
  },
  async (tx, { backedUpAt }) => {
    await runCount(tx, forgetTries, [backedUpAt])
  },
  async (tx, { restoredAt }) => {
    await runCount(tx, noteRestore, [restoredAt])
  },
]
