import { crc32 } from 'node:zlib'
import type { Random } from '../../domain/ids.ts'
import { pgFault } from '../postgres/errors.ts'
import {
  deriveKey,
  HEADER_BYTES,
  type KeyDerivation,
  newKeyDerivation,
  OVERHEAD_BYTES,
  secretStreams,
} from './secretstream.ts'

/**
 * A backup file is: this first line; one line of JSON (`Envelope`); then the compressed records in pieces, each
 * after its length (4 bytes, big endian). In the clear, each begins with its
 * CRC-32, and an empty one is the last. Encrypted, the pieces are
 * a libsodium secretstream after its 24-byte header, the first one only says whether the key fits, and the stream
 * itself marks the last. Either way a file that was cut off anywhere shows it.
 */
const MAGIC = 'dingdong backup\n'

interface Envelope {
  readonly format: number
  readonly encryption: KeyDerivation | null
}

const FORMAT = 1
const CRC_BYTES = 4
const PIECE_BYTES = 64 * 1024
const KEY_CHECK = Buffer.from('dingdong')
const LONGEST_LINE = 1024
/** A file may not make us spend more memory than this on its passphrase. */
const MOST_MEMORY_KIB = 1 << 20

/** Puts the beginning of a backup file before its contents, and encrypts those when there is a passphrase. */
export async function* wrap(
  bytes: AsyncIterable<Buffer>,
  passphrase: string | null,
  random: Random,
): AsyncGenerator<Buffer, void> {
  const encryption = passphrase === null ? null : newKeyDerivation(random)
  const envelope: Envelope = { format: FORMAT, encryption }
  yield Buffer.from(`${MAGIC}${JSON.stringify(envelope)}\n`)
  if (encryption === null || passphrase === null) yield* cut(bytes)
  else yield* seal(bytes, await deriveKey(passphrase, encryption))
}

async function* cut(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.length; at += PIECE_BYTES)
      yield piece(checked(chunk.subarray(at, at + PIECE_BYTES)))
  }
  yield piece(checked(Buffer.alloc(0)))
}

/** A CRC-32 before the bytes: damage is found before they go anywhere. The records' own end proves the whole. */
function checked(bytes: Buffer): Buffer {
  const sum = Buffer.alloc(CRC_BYTES)
  sum.writeUInt32BE(crc32(bytes))
  return Buffer.concat([sum, bytes])
}

async function* seal(bytes: AsyncIterable<Buffer>, key: Uint8Array): AsyncGenerator<Buffer, void> {
  const { header, stream } = (await secretStreams()).seal(key)
  yield Buffer.from(header)
  yield piece(stream.push(KEY_CHECK, false))
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
      yield piece(stream.push(chunk.subarray(at, at + PIECE_BYTES), false))
    }
  }
  yield piece(stream.push(Buffer.alloc(0), true))
}

function piece(contents: Uint8Array): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(contents.length)
  return Buffer.concat([length, contents])
}

/** The contents of a backup file. Throws `PgFault`: not a backup, newer format, passphrase missing or wrong, damaged. */
export async function* unwrap(
  bytes: AsyncIterable<Buffer>,
  file: string,
  passphrase: string | null,
): AsyncGenerator<Buffer, void> {
  const reader = readerOf(bytes)
  const envelope = await readEnvelope(reader, file)
  if (envelope.encryption === null) return yield* join(reader)
  if (passphrase === null) throw pgFault('BACKUP_PASSPHRASE_NEEDED', { file })
  yield* open(reader, await deriveKey(passphrase, envelope.encryption), file)
}

async function readEnvelope(reader: Reader, file: string): Promise<Envelope> {
  const magic = await reader.take(MAGIC.length)
  if (magic?.toString() !== MAGIC) throw pgFault('BACKUP_FOREIGN', { file })
  let line = ''
  while (!line.endsWith('\n') && line.length < LONGEST_LINE) {
    const next = await reader.take(1)
    if (next === null) throw pgFault('BACKUP_CORRUPT', { detail: 'it ends too early' })
    line += next.toString('latin1')
  }
  let envelope: Envelope
  try {
    envelope = JSON.parse(line)
  } catch (error) {
    throw pgFault('BACKUP_CORRUPT', { detail: 'its second line is no JSON' }, error)
  }
  if (envelope.format !== FORMAT)
    throw pgFault('BACKUP_NEWER', { file, found: envelope.format, known: FORMAT })
  if ((envelope.encryption?.memoryKiB ?? 0) > MOST_MEMORY_KIB) {
    throw pgFault('BACKUP_CORRUPT', { detail: 'its passphrase settings make no sense' })
  }
  return envelope
}

async function* join(reader: Reader): AsyncGenerator<Buffer, void> {
  for (;;) {
    const piece = await takePiece(reader)
    const contents = piece.subarray(CRC_BYTES)
    if (piece.length < CRC_BYTES || piece.readUInt32BE() !== crc32(contents)) {
      throw pgFault('BACKUP_CORRUPT', { detail: 'a piece was changed' })
    }
    if (contents.length === 0) return expectEnd(reader)
    yield contents
  }
}

async function* open(reader: Reader, key: Uint8Array, file: string): AsyncGenerator<Buffer, void> {
  const header = await reader.take(HEADER_BYTES)
  if (header === null) throw pgFault('BACKUP_CORRUPT', { detail: 'it ends too early' })
  const stream = (await secretStreams()).open(key, header)
  for (let n = 0; ; n++) {
    const read = stream.pull(await takePiece(reader))
    if (read === null && n === 0) throw pgFault('BACKUP_PASSPHRASE_WRONG', { file })
    if (read === null) throw pgFault('BACKUP_CORRUPT', { detail: `piece ${n} was changed` })
    if (n > 0 && read.message.length > 0) yield Buffer.from(read.message)
    if (read.last) return expectEnd(reader)
  }
}

async function takePiece(reader: Reader): Promise<Buffer> {
  const size = (await reader.take(4))?.readUInt32BE()
  if (size === undefined) throw pgFault('BACKUP_CORRUPT', { detail: 'it ends too early' })
  if (size > PIECE_BYTES + OVERHEAD_BYTES)
    throw pgFault('BACKUP_CORRUPT', { detail: 'a length makes no sense' })
  const contents = await reader.take(size)
  if (contents === null) throw pgFault('BACKUP_CORRUPT', { detail: 'it ends too early' })
  return contents
}

async function expectEnd(reader: Reader): Promise<void> {
  if ((await reader.take(1)) !== null)
    throw pgFault('BACKUP_CORRUPT', { detail: 'there is something after its end' })
}

interface Reader {
  /** The next `count` bytes, or `null` when there are fewer. */
  take(count: number): Promise<Buffer | null>
}

function readerOf(bytes: AsyncIterable<Buffer>): Reader {
  const source = bytes[Symbol.asyncIterator]()
  let held: Buffer = Buffer.alloc(0)
  return {
    async take(count) {
      while (held.length < count) {
        const { value, done } = await source.next()
        if (done) return null
        held = Buffer.concat([held, value])
      }
      const taken = held.subarray(0, count)
      held = held.subarray(count)
      return taken
    },
  }
}
