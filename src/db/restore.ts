import { createReadStream } from 'node:fs'
import type pg from 'pg'
import type { Instant } from '../domain/time.ts'
import { AFTER_RESTORE, type AfterRestore } from './after-restore.ts'
import { quoted, readMigrationLedger, readPartitions, readTables, type Table } from './backup/catalog.ts'
import { decompress } from './backup/compression.ts'
import { unwrap } from './backup/envelope.ts'
import {
  type BackupRecord,
  decodeRecords,
  type Header,
  type TableEnd,
  type TableStart,
} from './backup/records.ts'
import { connect, type Query, type Tx } from './connect.ts'
import { copyIn } from './copy.ts'
import { applyMigrations, type Migration, readMigrations } from './migrate.ts'
import { PgFault, pgFault } from './postgres/errors.ts'

export interface RestoreOptions {
  /** An empty database: blank (best, takes backups of every age), or freshly migrated. */
  readonly url: string
  readonly file: string
  readonly passphrase?: string
  readonly now: Instant
  readonly migrationsDir?: string
  readonly afterRestore?: readonly AfterRestore[]
}

export interface RestoreSummary {
  readonly backedUpAt: Instant
  readonly tables: number
  readonly rows: number
}

/**
 * Reads a backup into an empty database, in one transaction: all of it or nothing. Ends at the schema of the
 * backup; call `migrate` next. Throws `PgFault`: not empty, wrong passphrase, cut off, damaged, other schema.
 */
export async function restore(options: RestoreOptions): Promise<RestoreSummary> {
  const db = connect({
    url: options.url,
    max: 1,
    pipeline: false,
    statementTimeout: 0,
    applicationName: 'dingdong restore',
  })
  const records = decodeRecords(
    decompress(unwrap(fileBytes(options.file), options.file, options.passphrase ?? null)),
  )
  try {
    return await db.withClient(async (client) => {
      await client.query('begin')
      const summary = await load(client, records, options)
      await client.query('commit')
      return summary
    })
  } catch (error) {
    throw readFault(error, options.file)
  } finally {
    // Also breaks off a transaction that did not get to its end.
    await records.return()
    await db.close()
  }
}

async function load(
  client: pg.PoolClient,
  records: AsyncGenerator<BackupRecord, void>,
  options: RestoreOptions,
): Promise<RestoreSummary> {
  const tx: Tx = {
    inTransaction: true,
    query: (query: string | Query, values?: readonly unknown[]) =>
      client.query(query as string, values as unknown[]) as never,
  }
  const first = await records.next()
  if (first.done || first.value.kind !== 'H') throw pgFault('BACKUP_CORRUPT', { detail: 'it has no header' })
  const header: Header = JSON.parse(first.value.body.toString())
  await prepareSchema(tx, header, await readMigrations(options.migrationsDir), options.now)
  await makePartitions(tx, header)
  const tables = new Map((await readTables(tx)).map((table) => [table.name, table]))
  const counted = { tables: 0, rows: 0 }
  for (;;) {
    const next = await records.next()
    if (next.done) break
    const start: TableStart = JSON.parse(expectKind(next.value, 'T').body.toString())
    counted.rows += await loadTable(client, checkTable(tables, start), records)
    counted.tables++
  }
  await setSequences(tx, header)
  for (const hook of options.afterRestore ?? AFTER_RESTORE) {
    await hook(tx, { backedUpAt: header.createdAt, restoredAt: options.now })
  }
  return { backedUpAt: header.createdAt, ...counted }
}

function expectKind(record: BackupRecord, kind: BackupRecord['kind']): BackupRecord {
  if (record.kind !== kind)
    throw pgFault('BACKUP_CORRUPT', { detail: `${kind} was expected where ${record.kind} stands` })
  return record
}

/** Makes the backup's own schema in a blank database; in a migrated one makes sure that it is that schema, and empty. */
async function prepareSchema(
  tx: Tx,
  header: Header,
  known: readonly Migration[],
  now: Instant,
): Promise<void> {
  const wanted = header.migrations.map(({ file, checksum }) => {
    const found = known.find((one) => one.file === file && one.checksum === checksum)
    if (found === undefined) throw pgFault('RESTORE_SCHEMA_UNKNOWN', { file })
    return found
  })
  const present = await readMigrationLedger(tx)
  const tables = await readTables(tx)
  if (present === null && tables.length === 0) {
    await applyMigrations(tx, wanted, now)
    const made = await readTables(tx)
    // Rows that migrations themselves put in come again from the backup.
    if (made.length > 0) await tx.query(`truncate ${made.map((one) => quoted(one.name)).join(', ')}`)
    return
  }
  if (JSON.stringify(present ?? []) !== JSON.stringify(header.migrations)) {
    throw pgFault('RESTORE_OTHER_SCHEMA', {
      found: present?.at(-1)?.file ?? 'none',
      wanted: wanted.at(-1)?.file ?? 'none',
    })
  }
  await refuseRows(tx, tables)
}

async function refuseRows(tx: Tx, tables: readonly Table[]): Promise<void> {
  const filled: string[] = []
  for (const { name } of tables) {
    await tx.query(`lock table ${quoted(name)} in exclusive mode`)
    const { rows } = await tx.query<{ any: boolean }>(`select exists (select from ${quoted(name)}) as any`)
    if (rows[0]?.any) filled.push(name)
  }
  if (filled.length > 0) throw pgFault('RESTORE_NOT_EMPTY', { tables: filled.slice(0, 5).join(', ') })
}

/** A bound is SQL text and cannot be a parameter; only what `pg_get_expr` writes for one is let through. */
const BOUND = /^(DEFAULT|FOR VALUES (FROM|IN|WITH) \([^;]*\)( TO \([^;]*\))?)$/

async function makePartitions(tx: Tx, header: Header): Promise<void> {
  const there = new Set((await readPartitions(tx)).map((one) => one.name))
  for (const { parent, name, bound } of header.partitions) {
    if (there.has(name)) continue
    if (!BOUND.test(bound))
      throw pgFault('BACKUP_CORRUPT', { detail: `partition ${name} has the bound ${bound}` })
    await tx.query(`create table ${quoted(name)} partition of ${quoted(parent)} ${bound}`)
  }
}

function checkTable(tables: ReadonlyMap<string, Table>, start: TableStart): Table {
  const table = tables.get(start.name)
  if (table === undefined || table.columns.join() !== start.columns.join()) {
    throw pgFault('BACKUP_CORRUPT', { detail: `table ${start.name} is not as its schema has it` })
  }
  return table
}

async function loadTable(
  client: pg.PoolClient,
  table: Table,
  records: AsyncGenerator<BackupRecord, void>,
): Promise<number> {
  let end: TableEnd | null = null
  async function* data(): AsyncGenerator<Buffer, void> {
    for (;;) {
      const next = await records.next()
      if (next.done) throw pgFault('BACKUP_CORRUPT', { detail: 'it ends too early' })
      if (next.value.kind === 'D') {
        yield next.value.body
        continue
      }
      end = JSON.parse(expectKind(next.value, 'E').body.toString())
      return
    }
  }
  const columns = table.columns.map(quoted).join(', ')
  const rows = await copyIn(client, `copy ${quoted(table.name)} (${columns}) from stdin`, data())
  const told = (end as TableEnd | null)?.rows
  if (told !== rows) {
    throw pgFault('BACKUP_CORRUPT', { detail: `table ${table.name} has ${rows} rows instead of ${told}` })
  }
  return rows
}

async function setSequences(tx: Tx, header: Header): Promise<void> {
  for (const { name, value, called } of header.sequences) {
    await tx.query('select setval($1::regclass, $2, $3)', [quoted(name), value, called])
  }
}

async function* fileBytes(file: string): AsyncGenerator<Buffer, void> {
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 18 })) yield chunk
  } catch (error) {
    throw pgFault('BACKUP_UNREADABLE', { file, detail: (error as Error).message }, error)
  }
}

function readFault(error: unknown, file: string): unknown {
  if (error instanceof PgFault) return error
  const { code, message } = error as NodeJS.ErrnoException
  if (
    error instanceof SyntaxError ||
    /^(ZSTD_|Z_|ERR_ZLIB)/.test(code ?? '') ||
    code === 'ERR_STREAM_PREMATURE_CLOSE'
  ) {
    return pgFault('BACKUP_CORRUPT', { detail: `${file}: ${message}` }, error)
  }
  // A value that does not fit its column (22), rows that cannot stand together (23): no database ever held these.
  if (/^2[23]/.test(code ?? '')) return pgFault('BACKUP_CORRUPT', { detail: message }, error)
  return error
}
