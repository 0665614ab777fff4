import { constants, createWriteStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import type { Random } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import { quoted, readMigrationLedger, readPartitions, readSequences, readTables } from './backup/catalog.ts'
import { compress } from './backup/compression.ts'
import { wrap } from './backup/envelope.ts'
import { type BackupRecord, encodeRecords, type Header, jsonRecord } from './backup/records.ts'
import { connect, type Query, type Queryable } from './connect.ts'
import { copyOut } from './copy.ts'
import { pgFault } from './postgres/errors.ts'

export interface BackupOptions {
  readonly url: string
  /** Must not exist yet. Appears only when complete, readable by its owner alone. */
  readonly file: string
  readonly passphrase?: string
  readonly now: Instant
  readonly random: Random
}

export interface BackupSummary {
  readonly tables: number
  readonly rows: number
  readonly bytes: number
}

/**
 * Writes every row of one moment into `file`, while the system goes on working. Streams: needs little memory
 * whatever the size. Throws `PgFault` and leaves no file behind when it cannot finish.
 */
export async function backup(options: BackupOptions): Promise<BackupSummary> {
  const { file } = options
  const partial = `${file}.partial`
  const counted = { tables: 0, rows: 0 }
  const db = connect({
    url: options.url,
    max: 1,
    pipeline: false,
    statementTimeout: 0,
    applicationName: 'dingdong backup',
  })
  try {
    await refuseExisting(file)
    const bytes = await db.withClient(async (client) => {
      await client.query('begin isolation level repeatable read read only')
      const contents = compress(encodeRecords(everything(client, options.now, counted)))
      const written = await write(wrap(contents, options.passphrase ?? null, options.random), partial)
      await client.query('commit')
      return written
    })
    await rename(partial, file)
    return { ...counted, bytes }
  } catch (error) {
    await rm(partial, { force: true })
    throw writeFault(error, file)
  } finally {
    await db.close()
  }
}

async function refuseExisting(file: string): Promise<void> {
  const found = await open(file, constants.O_RDONLY).catch(() => null)
  if (found === null) return
  await found.close()
  throw pgFault('BACKUP_EXISTS', { file })
}

/** The whole database as records, in an order in which it can be read back. */
async function* everything(
  client: pg.PoolClient,
  now: Instant,
  counted: { tables: number; rows: number },
): AsyncGenerator<BackupRecord, void> {
  const db: Queryable = {
    query: (query: string | Query, values?: readonly unknown[]) =>
      client.query(query as string, values as unknown[]) as never,
  }
  const { rows } = await db.query<{ version: string }>("select current_setting('server_version') as version")
  const header: Header = {
    createdAt: now,
    postgres: rows[0]!.version,
    migrations: (await readMigrationLedger(db)) ?? [],
    partitions: await readPartitions(db),
    sequences: await readSequences(db),
  }
  yield jsonRecord('H', header)
  for (const table of await readTables(db)) {
    yield jsonRecord('T', table)
    const columns = table.columns.map(quoted).join(', ')
    let count = 0
    for await (const body of copyOut(
      client,
      `copy (select ${columns} from ${quoted(table.name)}) to stdout`,
    )) {
      // In the text format a line break always ends a row; one inside a value is written as \n.
      for (const byte of body) if (byte === 10) count++
      yield { kind: 'D', body }
    }
    yield jsonRecord('E', { rows: count })
    counted.tables++
    counted.rows += count
  }
}

async function write(bytes: AsyncIterable<Buffer>, partial: string): Promise<number> {
  const out = createWriteStream(partial, { flags: 'w', mode: 0o600, flush: true })
  await pipeline(bytes, out)
  return out.bytesWritten
}

function writeFault(error: unknown, file: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException
  if (code && /^(ENOSPC|EDQUOT|EACCES|EPERM|EROFS|ENOENT|ENOTDIR|EISDIR)$/.test(code)) {
    return pgFault('BACKUP_UNWRITABLE', { file, dir: path.dirname(file), detail: message }, error)
  }
  return error
}
