import { once } from 'node:events'
import type { Socket } from 'node:net'
import type pg from 'pg'

/**
 * PostgreSQL's COPY as async iteration, both ways, with back-pressure. Written on pg's own hooks for queries; the
 * connection must be opened with `pipeline: false`, because pg refuses such queries in a pipeline.
 */

/** The part of pg's wire connection that is used here (pg/lib/connection.js). */
interface Wire {
  readonly stream: Socket
  query(text: string): void
  sendCopyFromChunk(chunk: Uint8Array): void
  endCopyFrom(): void
  sendCopyFail(reason: string): void
}

/** What pg calls while one of its queries is answered (pg/lib/client.js); the rest is never reached by COPY. */
interface CopyQuery {
  submit(wire: Wire): void
  handleError(error: Error): void
  handleCommandComplete(message: { text: string }): void
  handleReadyForQuery(): void
  handleCopyData(message: { chunk: Buffer }, wire: Wire): void
  handleCopyInResponse(wire: Wire): void
  callback(): void
}

/** Received but not taken yet: past this much the server has to wait. */
const HIGH_WATER_BYTES = 1 << 20

/** Rows of `copy … to stdout`, in the order and pieces the server sends them. Break off only with the connection. */
export async function* copyOut(client: pg.ClientBase, text: string): AsyncGenerator<Buffer, void> {
  const pending: Buffer[] = []
  let bytes = 0
  let over = false
  let failure: Error | null = null
  let socket: Socket | null = null
  let wake = () => {}
  const finish = (error: Error | null) => {
    failure ??= error
    over = true
    wake()
  }
  submit(client, {
    submit(wire) {
      socket = wire.stream
      wire.query(text)
    },
    handleCopyData({ chunk }) {
      // pg reuses nothing of `chunk`, but it is a view on a whole packet: copying lets that go.
      pending.push(Buffer.from(chunk))
      bytes += chunk.length
      if (bytes > HIGH_WATER_BYTES) socket?.pause()
      wake()
    },
    handleCommandComplete() {},
    handleReadyForQuery: () => finish(null),
    handleError: (error) => finish(error),
    handleCopyInResponse: (wire) => wire.sendCopyFail('copyOut was given a statement that reads'),
    callback() {},
  })
  for (;;) {
    if (pending.length > 0) {
      const batch = Buffer.concat(pending.splice(0))
      bytes = 0
      ;(socket as Socket | null)?.resume()
      yield batch
    } else if (over) {
      if (failure) throw failure
      return
    } else {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
}

/** Feeds `copy … from stdin`; gives the number of rows. An error of `chunks` undoes the statement and is thrown. */
export async function copyIn(
  client: pg.ClientBase,
  text: string,
  chunks: AsyncIterable<Buffer>,
): Promise<number> {
  let rows = 0
  let broken: Error | null = null
  const ready = Promise.withResolvers<Wire>()
  const done = Promise.withResolvers<void>()
  // Both are awaited in turn below; an early failure must not count as unhandled meanwhile.
  ready.promise.catch(() => {})
  done.promise.catch(() => {})
  submit(client, {
    submit: (wire) => wire.query(text),
    handleCopyInResponse: (wire) => ready.resolve(wire),
    handleCopyData() {},
    handleCommandComplete(message) {
      rows = Number(/^COPY (\d+)/.exec(message.text)?.[1] ?? 0)
    },
    handleReadyForQuery: () => done.resolve(),
    handleError(error) {
      broken = error
      ready.reject(error)
      done.reject(error)
    },
    callback() {},
  })
  const wire = await ready.promise
  try {
    for await (const chunk of chunks) {
      if (broken) break
      wire.sendCopyFromChunk(chunk)
      if (wire.stream.writableNeedDrain) await Promise.race([once(wire.stream, 'drain'), done.promise])
    }
  } catch (error) {
    if (!broken) wire.sendCopyFail('the source of the rows failed')
    await done.promise.catch(() => {})
    throw error
  }
  if (!broken) wire.endCopyFrom()
  await done.promise
  return rows
}

function submit(client: pg.ClientBase, query: CopyQuery): void {
  client.query(query as unknown as pg.Submittable)
}
