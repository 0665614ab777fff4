import type { Millis } from '../domain/time.ts'
import type { Query } from './connect.ts'

export type Health = { readonly ok: true } | { readonly ok: false; readonly reason: string }

/**
 * Can the database keep something now? Writes a log record and waits until it is on the disk, so that a full,
 * read-only or dead server shows before an event is acknowledged. Works on any PostgreSQL, and changes no table.
 */
export async function probeWrite(
  db: { query(query: Query): Promise<unknown> },
  within: Millis = 5_000,
): Promise<Health> {
  try {
    await db.query({
      text: "select pg_logical_emit_message(true, 'dingdong', 'probe')",
      query_timeout: within,
    })
    return { ok: true }
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) }
  }
}
