import { expect, test } from 'vitest'
import { deriveKey, secretStreams } from './secretstream.ts'

const key = new Uint8Array(32).fill(7)
const text = (value: string) => Buffer.from(value)

test('what one build of libsodium seals, the other opens, and each tells the last piece', async () => {
  const [native, wasm] = [await secretStreams(), await secretStreams('wasm')]
  for (const [from, to] of [
    [native, wasm],
    [wasm, native],
  ] as const) {
    const { header, stream } = from.seal(key)
    const pieces = [
      stream.push(text('one'), false),
      stream.push(text(''), false),
      stream.push(text('last'), true),
    ]
    const opened = to.open(key, header)
    const read = pieces.map((piece) => opened.pull(piece)!)
    expect(read.map((one) => Buffer.from(one.message).toString())).toEqual(['one', '', 'last'])
    expect(read.map((one) => one.last)).toEqual([false, false, true])
  }
})

test.each(['any', 'wasm'] as const)(
  'a changed, swapped or foreign piece is not opened (%s)',
  async (build) => {
    const streams = await secretStreams(build)
    const { header, stream } = streams.seal(key)
    const [first, second] = [stream.push(text('first'), false), stream.push(text('second'), false)]
    expect(streams.open(key, header).pull(second)).toBeNull()
    expect(streams.open(new Uint8Array(32), header).pull(first)).toBeNull()
    const changed = Uint8Array.from(first)
    changed[3]! ^= 1
    expect(streams.open(key, header).pull(changed)).toBeNull()
    expect(streams.open(key, header).pull(first.subarray(0, 5))).toBeNull()
  },
)

test('a passphrase gives the same key however its letters are composed, and another with other salt', async () => {
  const how = { salt: Buffer.alloc(16, 1).toString('base64'), passes: 1, memoryKiB: 64 }
  const composed = await deriveKey('é', how)
  expect(Buffer.from(await deriveKey('e\u0301', how)).equals(composed)).toBe(true)
  const other = await deriveKey('é', { ...how, salt: Buffer.alloc(16, 2).toString('base64') })
  expect(Buffer.from(other).equals(composed)).toBe(false)
})

test('the key is Argon2id as everybody computes it', async () => {
  // libsodium's crypto_pwhash, algorithm argon2id13, on the same input.
  const { default: lib } = (await import('sodium-native')) as unknown as {
    default: { crypto_pwhash(...given: unknown[]): void }
  }
  const salt = Buffer.alloc(16, 9)
  const expected = Buffer.alloc(32)
  lib.crypto_pwhash(expected, text('pass'), salt, 2, 65_536, 2)
  const key = await deriveKey('pass', { salt: salt.toString('base64'), passes: 2, memoryKiB: 64 })
  expect(Buffer.from(key).toString('hex')).toBe(expected.toString('hex'))
})
