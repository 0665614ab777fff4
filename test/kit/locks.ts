import type { Db } from '../../src/db/connect.ts'

/** Until so many statements of this database wait for a lock. */
export async function waitingForLocks(db: Db, count: number): Promise<void> {
  for (;;) {
    const { rows } = await db.query<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    )
    if (rows[0]!.n >= count) return
  }
}
