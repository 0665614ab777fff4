/**
 * Parts as bytes with each part's length before it, so that no two lists of parts give the same bytes:
 * ('ab','c') is not ('a','bc'). Numbers are 8 bytes, big-endian. Returns a view of `into.buffer` valid until
 * the next call with the same scratch.
 */
export type Part = string | number | Uint8Array

export interface Scratch {
  bytes: Buffer
}

export function newScratch(size = 512): Scratch {
  return { bytes: Buffer.allocUnsafeSlow(size) }
}

export function frame(scratch: Scratch, parts: readonly Part[]): Buffer {
  let most = 0
  for (const part of parts) most += 4 + (typeof part === 'number' ? 8 : part.length * 3)
  if (most > scratch.bytes.length) scratch.bytes = Buffer.allocUnsafeSlow(most * 2)
  const into = scratch.bytes
  let at = 0
  for (const part of parts) {
    const start = at + 4
    let length = 8
    if (typeof part === 'string') length = into.write(part, start)
    else if (typeof part === 'number') writeWide(into, part, start)
    else {
      into.set(part, start)
      length = part.length
    }
    at = into.writeUInt32BE(length, at) + length
  }
  return into.subarray(0, at)
}

function writeWide(into: Buffer, value: number, at: number): void {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`expected a non-negative safe integer, got ${value}`)
  }
  into.writeUInt32BE(Math.floor(value / 4_294_967_296), at)
  into.writeUInt32BE(value >>> 0, at + 4)
}
