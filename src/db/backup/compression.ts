import { Readable, type Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import zlib from 'node:zlib'

/** Zstandard at its default level. Without its own checksum: the records inside end with a better one. */
export function compress(bytes: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  return through(bytes, () => zlib.createZstdCompress())
}

export function decompress(bytes: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  return through(bytes, () => zlib.createZstdDecompress())
}

/** Iterates what `transform` makes of `bytes`; an error of either is thrown to the one who iterates, and only there. */
async function* through(
  bytes: AsyncIterable<Buffer>,
  transform: () => Transform,
): AsyncGenerator<Buffer, void> {
  const stream = transform()
  let failure: unknown = null
  const flow = pipeline(Readable.from(bytes, { objectMode: false }), stream).catch((error: unknown) => {
    failure = error
  })
  try {
    for await (const chunk of stream) yield chunk
  } catch (error) {
    await flow
    throw failure ?? error
  }
  await flow
  if (failure) throw failure
}
