import { createHash, type Hash } from 'node:crypto'
import { pgFault } from '../postgres/errors.ts'

/**
 * What is inside a backup, before compression: records of one letter, a length (4 bytes, big endian) and contents.
 *   H  header, JSON          T  a table begins, JSON        D  rows of it, as COPY's text format
 *   E  the table ends, JSON  Z  the end, JSON, with a SHA-256 over everything before it
 */
export type RecordKind = 'H' | 'T' | 'D' | 'E' | 'Z'

export interface BackupRecord {
  readonly kind: RecordKind
  readonly body: Buffer
}

export interface Header {
  readonly createdAt: number
  readonly postgres: string
  readonly migrations: readonly { readonly file: string; readonly checksum: string }[]
  /** Partitions made since the migrations ran. */
  readonly partitions: readonly { readonly parent: string; readonly name: string; readonly bound: string }[]
  readonly sequences: readonly { readonly name: string; readonly value: number; readonly called: boolean }[]
}

export interface TableStart {
  readonly name: string
  readonly columns: readonly string[]
}

export interface TableEnd {
  readonly rows: number
}

const KINDS = new Set(['H', 'T', 'D', 'E', 'Z'])
const PREFIX = 5
/** No record we write is longer; a length beyond it means the file is damaged. */
const LONGEST = 1 << 30

/** Turns records into bytes, and adds the closing `Z`. */
export async function* encodeRecords(records: AsyncIterable<BackupRecord>): AsyncGenerator<Buffer, void> {
  const hash = createHash('sha256')
  for await (const record of records) {
    const prefix = Buffer.alloc(PREFIX)
    prefix.write(record.kind, 0, 'latin1')
    prefix.writeUInt32BE(record.body.length, 1)
    hash.update(prefix).update(record.body)
    yield prefix
    if (record.body.length > 0) yield record.body
  }
  const body = Buffer.from(JSON.stringify({ sha256: hash.digest('hex') }))
  const prefix = Buffer.alloc(PREFIX)
  prefix.write('Z', 0, 'latin1')
  prefix.writeUInt32BE(body.length, 1)
  yield Buffer.concat([prefix, body])
}

/** Turns bytes back into records, without the closing one. Throws `BACKUP_CORRUPT` unless that one is there and fits. */
export async function* decodeRecords(bytes: AsyncIterable<Buffer>): AsyncGenerator<BackupRecord, void> {
  const hash = createHash('sha256')
  let held: Buffer = Buffer.alloc(0)
  let ended = false
  for await (const chunk of bytes) {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    for (;;) {
      const record = takeRecord(held)
      if (record === null) break
      if (ended) throw pgFault('BACKUP_CORRUPT', { detail: 'there is something after its end' })
      if (record.kind === 'Z') {
        checkEnd(record.body, hash)
        ended = true
      } else {
        hash.update(held.subarray(0, PREFIX + record.body.length))
        yield record
      }
      held = held.subarray(PREFIX + record.body.length)
    }
  }
  if (!ended || held.length > 0) throw pgFault('BACKUP_CORRUPT', { detail: 'it ends too early' })
}

function takeRecord(held: Buffer): BackupRecord | null {
  if (held.length < PREFIX) return null
  const kind = held.toString('latin1', 0, 1)
  const length = held.readUInt32BE(1)
  if (!KINDS.has(kind) || length > LONGEST)
    throw pgFault('BACKUP_CORRUPT', { detail: 'a record makes no sense' })
  if (held.length < PREFIX + length) return null
  return { kind: kind as RecordKind, body: held.subarray(PREFIX, PREFIX + length) }
}

function checkEnd(body: Buffer, hash: Hash): void {
  if (body.toString() !== JSON.stringify({ sha256: hash.digest('hex') })) {
    throw pgFault('BACKUP_CORRUPT', { detail: 'its checksum does not fit' })
  }
}

export const jsonRecord = (kind: RecordKind, value: Header | TableStart | TableEnd): BackupRecord => ({
  kind,
  body: Buffer.from(JSON.stringify(value)),
})
