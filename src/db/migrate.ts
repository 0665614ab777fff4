import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Instant } from '../domain/time.ts'
import { type Db, type Queryable, sqlState, type Tx, transaction } from './connect.ts'
import { pgFault } from './postgres/errors.ts'

/** Where the product's own migrations lie. */
export const MIGRATIONS_DIR: string = fileURLToPath(new URL('../../migrations/', import.meta.url))

const OLDEST_SERVER = 15
/** Migrations may rewrite big tables; the pool's 30 s would break them off half way. */
const NO_HURRY = 6 * 3_600_000

export interface Migration {
  readonly number: number
  readonly file: string
  readonly text: string
  readonly checksum: string
  /** Older programs cannot work beside it. */
  readonly breaking: boolean
}

interface Applied {
  readonly number: number
  readonly name: string
  readonly checksum: string
  readonly breaking: boolean
}

export interface MigrateOptions {
  readonly db: Db
  readonly now: Instant
  readonly dir?: string
}

/** Reads `NNNN_name.sql` files in order. A first line `-- breaking: true` marks one older programs cannot bear. */
export async function readMigrations(dir: string = MIGRATIONS_DIR): Promise<readonly Migration[]> {
  const files = (await readdir(dir)).filter((file) => file.endsWith('.sql') && file !== 'schema.sql').sort()
  const migrations: Migration[] = []
  for (const file of files) {
    const digits = /^(\d{4})_[a-z0-9_]+\.sql$/.exec(file)?.[1]
    if (digits === undefined) throw pgFault('SCHEMA_FILE', { dir, file, problem: 'its name does not fit' })
    const number = Number(digits)
    if (migrations.at(-1)?.number === number) {
      throw pgFault('SCHEMA_FILE', { dir, file, problem: `number ${digits} is used twice` })
    }
    // Git may check out CRLF; that must not look like a changed migration.
    const text = (await readFile(path.join(dir, file), 'utf8')).replaceAll('\r\n', '\n')
    const checksum = createHash('sha256').update(text).digest('hex').slice(0, 16)
    migrations.push({ number, file, text, checksum, breaking: /^--\s*breaking:\s*true\s*$/m.test(text) })
  }
  return migrations
}

/**
 * Brings the schema up to this program, one transaction a file, and returns the files applied now. Any number of
 * processes may call it at once: each step holds an exclusive lock on `schema_migration`. Throws `PgFault`.
 */
export async function migrate(options: MigrateOptions): Promise<readonly string[]> {
  const { db } = options
  const migrations = await readMigrations(options.dir)
  await checkServer(db)
  await createLedger(db)
  const done: string[] = []
  // Each file in a transaction of its own, so that a later one that fails keeps the earlier ones.
  for (;;) {
    const file = await transaction(db, (tx) => applyNext(tx, migrations, options.now))
    if (file === null) return done
    done.push(file)
  }
}

/** Applies all of `migrations` in one transaction, to a database that has none: for a restore. */
export async function applyMigrations(tx: Tx, migrations: readonly Migration[], now: Instant): Promise<void> {
  await createLedger(tx)
  while ((await applyNext(tx, migrations, now)) !== null);
}

/** For processes that do not migrate: throws `PgFault` when this program cannot work with the schema as it is. */
export async function checkSchema(options: Omit<MigrateOptions, 'now'>): Promise<void> {
  const migrations = await readMigrations(options.dir)
  await checkServer(options.db)
  const pending = plan(migrations, await readLedger(options.db))
  if (pending.length > 0)
    throw pgFault('SCHEMA_PENDING', { files: pending.map((one) => one.file).join(', ') })
}

async function applyNext(tx: Tx, migrations: readonly Migration[], now: Instant): Promise<string | null> {
  await tx.query("set local statement_timeout = 0; set local lock_timeout = '10min'")
  await tx.query({ text: 'lock table schema_migration in access exclusive mode', query_timeout: NO_HURRY })
  const next = plan(migrations, await readLedger(tx))[0]
  if (next === undefined) return null
  try {
    await tx.query({ text: next.text, query_timeout: NO_HURRY })
  } catch (error) {
    throw pgFault('SCHEMA_FAILED', { file: next.file, detail: describe(error, next.text) }, error)
  }
  await tx.query(
    'insert into schema_migration (number, name, checksum, breaking, applied_at) values ($1, $2, $3, $4, $5)',
    [next.number, next.file, next.checksum, next.breaking, now],
  )
  return next.file
}

/** What is still to be applied, in order. Throws when the past differs from the files. */
function plan(migrations: readonly Migration[], applied: readonly Applied[]): readonly Migration[] {
  const known = new Map(migrations.map((one) => [one.number, one]))
  const newest = migrations.at(-1)?.number ?? 0
  for (const one of applied) {
    const file = known.get(one.number)
    if (file === undefined) {
      // A newer program has been here. What it marked as harmless to us is.
      if (one.number > newest && !one.breaking) continue
      throw pgFault('SCHEMA_NEWER', { number: one.number, name: one.name })
    }
    if (file.checksum !== one.checksum) {
      throw pgFault('SCHEMA_CHANGED', { file: file.file, applied: one.checksum, found: file.checksum })
    }
  }
  const done = new Set(applied.map((one) => one.number))
  const latest = applied.at(-1)
  const pending = migrations.filter((one) => !done.has(one.number))
  const late = pending.find((one) => one.number < (latest?.number ?? 0))
  if (late && latest) throw pgFault('SCHEMA_ORDER', { file: late.file, latest: latest.name })
  return pending
}

async function checkServer(db: Db): Promise<void> {
  const { rows } = await db.query<{ version: number; shown: string; encoding: string; database: string }>(
    `select current_setting('server_version_num')::int as version, current_setting('server_version') as shown,
            current_setting('server_encoding') as encoding, current_database() as database`,
  )
  const server = rows[0]!
  if (server.version < OLDEST_SERVER * 10_000) throw pgFault('SERVER_TOO_OLD', { found: server.shown })
  if (server.encoding !== 'UTF8') {
    throw pgFault('SERVER_ENCODING', { database: server.database, found: server.encoding })
  }
}

async function createLedger(db: Queryable): Promise<void> {
  if (await ledgerExists(db)) return
  try {
    await db.query(`create table if not exists schema_migration (
      number int primary key,
      name text not null,
      checksum text not null,
      breaking boolean not null,
      applied_at bigint not null
    )`)
  } catch (error) {
    // "if not exists" is no lock: of two at the same instant one gets a duplicate in the catalog. Both are done.
    // Which of the catalog's rows is the duplicate (index entry, table, type) depends on the moment.
    if (!['23505', '42P07', '42710'].includes(sqlState(error) ?? '')) throw error
  }
}

async function ledgerExists(db: Queryable): Promise<boolean> {
  const { rows } = await db.query<{ found: boolean }>(
    "select to_regclass('schema_migration') is not null as found",
  )
  return rows[0]!.found
}

async function readLedger(db: Queryable): Promise<readonly Applied[]> {
  if (!(await ledgerExists(db))) return []
  const { rows } = await db.query<Applied>(
    'select number, name, checksum, breaking from schema_migration order by number',
  )
  return rows
}

/** The server's words with the line they are about. */
function describe(error: unknown, text: string): string {
  if (!(error instanceof Error)) return String(error)
  const position = Number((error as Error & { position?: string }).position)
  if (!position) return error.message
  const line = text.slice(0, position - 1).split('\n').length
  return `${error.message} (line ${line}: ${text.split('\n')[line - 1]?.trim()})`
}
