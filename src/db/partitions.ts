import type { Instant } from '../domain/time.ts'
import { quoted } from './backup/catalog.ts'
import { type Db, type Queryable, sqlState, transaction } from './connect.ts'

/** Tables that grow for ever, cut by the month in which their rows' uuid v7 was made. */
export const PARTITIONED = ['event', 'message_body', 'attempt', 'verdict_history'] as const
export type Partitioned = (typeof PARTITIONED)[number]

/** One month's part of a table: `event_2026_11` holds ids made in [from, until). */
export interface MonthPart {
  readonly name: string
  readonly from: Instant
  readonly until: Instant
}

/** The months of UTC from the one `now` lies in, `count` of them. */
export function monthParts(table: Partitioned, now: Instant, count: number): readonly MonthPart[] {
  const parts: MonthPart[] = []
  let [year, month] = monthOf(now)
  for (let made = 0; made < count; made++) {
    const from = monthStart(year, month)
    const [nextYear, nextMonth] = month === 12 ? [year + 1, 1] : [year, month + 1]
    const name = `${table}_${year}_${String(month).padStart(2, '0')}`
    parts.push({ name, from, until: monthStart(nextYear, nextMonth) })
    ;[year, month] = [nextYear, nextMonth]
  }
  return parts
}

/** Days since the epoch of a civil date (Howard Hinnant, "chrono-compatible low-level date algorithms"). */
function monthStart(year: number, month: number): Instant {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5)
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return (era * 146_097 + dayOfEra - 719_468) * 86_400_000
}

function monthOf(instant: Instant): [year: number, month: number] {
  let year = 1970 + Math.floor(instant / (365.2425 * 86_400_000))
  while (monthStart(year, 1) > instant) year--
  while (monthStart(year + 1, 1) <= instant) year++
  let month = 12
  while (monthStart(year, month) > instant) month--
  return [year, month]
}

/** The smallest uuid v7 of an instant, as a partition bound. */
export function firstId(instant: Instant): string {
  const hex = instant.toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`
}

/**
 * Makes sure that this month and the `ahead` next ones have parts of their own, in every partitioned table. Gives
 * the names of new ones. Safe to run on many processes at once; a part that cannot be made now (its rows already
 * lie in the default part, or the table is busy for over 2 s) is left for the next time: the default part takes rows.
 */
export async function ensurePartitions(db: Db, now: Instant, ahead = 2): Promise<readonly string[]> {
  const there = new Set((await readParts(db)).map((part) => part.name))
  const made: string[] = []
  for (const table of PARTITIONED) {
    for (const part of monthParts(table, now, ahead + 1)) {
      if (!there.has(part.name) && (await makePart(db, table, part))) made.push(part.name)
    }
  }
  return made
}

/** Taken by another process (42P07, 42710, 23505), rows in the default part (23514), or a lock not had in time (55P03). */
const LEAVE_IT = new Set(['42P07', '42710', '23505', '23514', '55P03', '42P17'])

async function makePart(db: Db, table: Partitioned, { name, from, until }: MonthPart): Promise<boolean> {
  try {
    await transaction(db, async (tx) => {
      // Attached instead of created in place: that locks the table only against other changes of its shape.
      await tx.query("set local lock_timeout = '2s'")
      await tx.query(`create table ${quoted(name)} (like ${quoted(table)} including all)`)
      // Bounds cannot be parameters; both are made of hexadecimal digits above.
      await tx.query(
        `alter table ${quoted(table)} attach partition ${quoted(name)} for values from ('${firstId(from)}') to ('${firstId(until)}')`,
      )
    })
    return true
  } catch (error) {
    if (LEAVE_IT.has(sqlState(error) ?? '')) return false
    throw error
  }
}

async function readParts(
  db: Queryable,
): Promise<readonly { readonly name: string; readonly parent: string }[]> {
  const { rows } = await db.query<{ name: string; parent: string }>(
    `select c.relname as name, p.relname as parent
     from pg_inherits as i join pg_class as c on c.oid = i.inhrelid join pg_class as p on p.oid = i.inhparent
     where p.relname = any($1) and p.relnamespace = current_schema()::regnamespace order by c.relname`,
    [[...PARTITIONED]],
  )
  return rows
}

/** Drops the parts of `table` whose every row is older than `before`. Gives their names. */
export async function dropOldParts(db: Db, table: Partitioned, before: Instant): Promise<readonly string[]> {
  const dropped: string[] = []
  for (const { name, parent } of await readParts(db)) {
    const month = /_(\d{4})_(\d\d)$/.exec(name)
    if (parent !== table || !month) continue
    const [part] = monthParts(table, monthStart(Number(month[1]), Number(month[2])), 1)
    if (part!.until > before) continue
    try {
      await transaction(db, async (tx) => {
        await tx.query("set local lock_timeout = '2s'")
        await tx.query(`drop table ${quoted(name)}`)
      })
      dropped.push(name)
    } catch (error) {
      if (!LEAVE_IT.has(sqlState(error) ?? '')) throw error
    }
  }
  return dropped
}
