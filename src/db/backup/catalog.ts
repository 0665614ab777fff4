import type { Queryable } from '../connect.ts'
import type { Header } from './records.ts'

/** A table whose rows are kept: an ordinary one, or the head of partitions. */
export interface Table {
  readonly name: string
  /** Without generated columns, which PostgreSQL computes again. */
  readonly columns: readonly string[]
}

const LEDGER = 'schema_migration'

/** Every table of ours, each after those it refers to. Throws on tables that refer to each other in a circle. */
export async function readTables(db: Queryable): Promise<readonly Table[]> {
  const { rows } = await db.query<{ name: string; columns: string[]; refers: string[] }>(
    `select c.relname::text as name,
       array(select a.attname::text from pg_attribute a
             where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
             order by a.attnum) as columns,
       array(select distinct f.relname::text from pg_constraint k join pg_class f on f.oid = k.confrelid
             where k.conrelid = c.oid and k.contype = 'f' and k.confrelid <> c.oid) as refers
     from pg_class c
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
       and c.relname <> $1
       and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
     order by c.relname`,
    [LEDGER],
  )
  const ordered: Table[] = []
  const placed = new Set<string>()
  let left = [...rows]
  while (left.length > 0) {
    const free = left.filter((one) => one.refers.every((other) => placed.has(other)))
    if (free.length === 0) {
      throw new Error(`Tables refer to each other in a circle: ${left.map((one) => one.name).join(', ')}`)
    }
    for (const { name, columns } of free) {
      placed.add(name)
      ordered.push({ name, columns })
    }
    left = left.filter((one) => !placed.has(one.name))
  }
  return ordered
}

/** Partitions other than the ones the migrations make, whose names the reader knows. */
export async function readPartitions(db: Queryable): Promise<Header['partitions']> {
  const { rows } = await db.query<Header['partitions'][number]>(
    `select p.relname::text as parent, c.relname::text as name, pg_get_expr(c.relpartbound, c.oid) as bound
     from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent
     where c.relispartition and c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
     order by p.relname, c.relname`,
  )
  return rows
}

/**
 * Where each counter stands. Counters are outside of snapshots: read after the snapshot is taken, they stand at or
 * past every number in it.
 */
export async function readSequences(db: Queryable): Promise<Header['sequences']> {
  const { rows } = await db.query<{ name: string; value: number | null; start: number }>(
    `select sequencename::text as name, last_value as value, start_value as start
     from pg_sequences where schemaname = 'public' order by sequencename`,
  )
  return rows.map((row) => ({ name: row.name, value: row.value ?? row.start, called: row.value !== null }))
}

/** What the migrations left behind, oldest first; `null` in a database that never saw one. */
export async function readMigrationLedger(db: Queryable): Promise<Header['migrations'] | null> {
  const found = await db.query<{ found: boolean }>('select to_regclass($1) is not null as found', [LEDGER])
  if (!found.rows[0]?.found) return null
  const { rows } = await db.query<{ file: string; checksum: string }>(
    `select name as file, checksum from ${LEDGER} order by number`,
  )
  return rows
}

/** An identifier for a statement's text: these come from a catalog or a file, where no parameter can stand. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`
