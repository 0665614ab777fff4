import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ShopId } from './ids.ts'
import { SEAL_FAULTS, SealError } from './seal/fault.ts'
import { frame, newScratch, type Part } from './seal/framing.ts'
import { hashesWith, sameBytes } from './seal/hash.ts'
import { mastersWith } from './seal/master.ts'
import { plainSealer } from './seal/plain-sealer.ts'
import { pooledRandom } from './seal/random.ts'
import { needsReseal, type Place, SEALED_OVERHEAD, sealedKeyId, sealerWith } from './seal/sealer.ts'
import { loadNative, loadSodium, loadWasm } from './seal/sodium.ts'
import {
  blindIndex,
  createSealer,
  hashSecret,
  keyedHash,
  parseMasterKey,
  unwrapShopKey,
  wrapShopKey,
} from './seal.ts'

const native = await loadNative()
const wasm = await loadWasm()
const shop = 7 as ShopId
const place: Place = { shop, column: 'contact.address', row: '01936b9e-7c1c-7000-8000-000000000001' }
const shopKey = (id: number) => ({ id, key: new Uint8Array(randomBytes(32)) })
const one = shopKey(1)
const text = fc.string({ unit: 'grapheme', maxLength: 3_000 }).map((raw) => raw.toWellFormed())

function failure(act: () => unknown): SealError {
  try {
    act()
  } catch (error) {
    if (error instanceof SealError) return error
    throw error
  }
  throw new Error('expected a SealError, but nothing was thrown')
}

describe('a sealed value', () => {
  const sealer = createSealer({ current: one, all: [one] }, pooledRandom(randomBytes))

  test('opens to exactly what was sealed, text and bytes', () => {
    fc.assert(
      fc.property(text, fc.uint8Array({ maxLength: 3_000 }), (words, bytes) => {
        const sealed = sealer.seal(words, place)
        expect(sealer.openText(sealed, place)).toBe(words)
        expect(sealed.length).toBe(Buffer.byteLength(words) + SEALED_OVERHEAD)
        expect(sealer.open(sealer.seal(bytes, place), place)).toEqual(Buffer.from(bytes))
      }),
    )
  })

  test('is the same bytes from the native library and from WASM', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), fc.string(), fc.nat(), (bytes, row, number) => {
        const at: Place = { shop: number as ShopId, column: 'x', row }
        const nonce = () => randomBytes(24)
        const fixed = nonce()
        const keys = { current: one, all: [one] }
        const byNative = sealerWith(native, keys, () => fixed)
        const byWasm = sealerWith(wasm, keys, () => fixed)
        expect(byNative.seal(bytes, at)).toEqual(byWasm.seal(bytes, at))
        expect(byNative.open(byWasm.seal(bytes, at), at)).toEqual(Buffer.from(bytes))
        expect(byWasm.open(byNative.seal(bytes, at), at)).toEqual(Buffer.from(bytes))
      }),
    )
  })

  test('does not open when any bit is changed, when cut or grown, and never tells its content', () => {
    const secret = 'card key 4242-SECRET-4242'
    const sealed = sealer.seal(secret, place)
    for (const lib of [native, wasm]) {
      const opener = sealerWith(lib, { current: one, all: [one] }, randomBytes)
      for (let bit = 0; bit < sealed.length * 8; bit++) {
        const changed = Buffer.from(sealed)
        changed[bit >> 3]! ^= 1 << (bit & 7)
        const { message } = failure(() => opener.open(changed, place))
        expect(message).not.toContain('SECRET')
      }
      for (let length = 0; length < sealed.length; length++) {
        expect(failure(() => opener.open(sealed.subarray(0, length), place)).code).toBe('SEALED_VALUE_BROKEN')
      }
      const grown = Buffer.concat([sealed, Buffer.from([0])])
      expect(failure(() => opener.open(grown, place)).code).toBe('SEALED_VALUE_BROKEN')
    }
  })

  test('opens only in its own place: shop, column and row', () => {
    const sealed = sealer.seal('x', place)
    const elsewhere: Place[] = [
      { ...place, shop: 8 as ShopId },
      { ...place, column: 'contact.name' },
      { ...place, row: `${place.row}0` },
      // The same letters, split otherwise: only lengths before each part tell these apart.
      { ...place, column: 'contact.address0', row: place.row.slice(1) },
      { ...place, column: 'contact.addres', row: `s${place.row}` },
    ]
    for (const other of elsewhere) {
      expect(failure(() => sealer.open(sealed, other)).code).toBe('SEALED_VALUE_BROKEN')
    }
  })

  test('names the key it needs when that key is gone', () => {
    const old = createSealer({ current: shopKey(3), all: [] }, randomBytes).seal('x', place)
    const fault = failure(() => sealer.open(old, place))
    expect(fault.code).toBe('SHOP_KEY_MISSING')
    expect(fault.message).toContain('shop key 3')
  })

  test('of another shop with the same key id does not open', () => {
    const theirs = createSealer({ current: shopKey(1), all: [] }, randomBytes)
    expect(failure(() => sealer.open(theirs.seal('x', place), place)).code).toBe('SEALED_VALUE_BROKEN')
  })

  test('after rotation still opens, asks to be sealed anew, and new ones use the new key', () => {
    const two = shopKey(4_000_000_000)
    const rotated = createSealer({ current: two, all: [one, two] }, randomBytes)
    const old = sealer.seal('kept', place)
    expect(rotated.openText(old, place)).toBe('kept')
    expect(needsReseal(old, two.id)).toBe(true)
    const fresh = rotated.seal(rotated.open(old, place), place)
    expect(sealedKeyId(fresh)).toBe(4_000_000_000)
    expect(needsReseal(fresh, two.id)).toBe(false)
    expect(needsReseal(Buffer.from('in the clear'), two.id)).toBe(true)
  })

  test('never uses a nonce twice, over many pools and two sealers sharing them', () => {
    const random = pooledRandom(randomBytes, 240)
    const other = createSealer({ current: one, all: [one] }, random)
    const another = createSealer({ current: one, all: [one] }, random)
    const seen = new Set<string>()
    for (let at = 0; at < 2_000; at++) {
      seen.add((at % 2 ? other : another).seal('', place).toString('hex', 5, 29))
    }
    expect(seen.size).toBe(2_000)
  })

  test('refuses keys of a wrong size and ids beyond 32 bits when the sealer is made', () => {
    const short = { id: 1, key: new Uint8Array(31) }
    expect(() => createSealer({ current: short, all: [] }, randomBytes)).toThrow('expected 32')
    const wide = { id: 2 ** 32, key: one.key }
    expect(() => createSealer({ current: wide, all: [] }, randomBytes)).toThrow('32 bits')
  })
})

describe('pooled random bytes', () => {
  test('are the source’s bytes in order, each given once, and slices stay as they were', () => {
    let next = 0
    const random = pooledRandom((bytes) => Uint8Array.from({ length: bytes }, () => next++ % 251), 100)
    const slices = Array.from({ length: 40 }, () => random(10))
    const copies = slices.map((slice) => [...slice])
    expect(copies.flat()).toEqual(Array.from({ length: 400 }, (_, at) => at % 251))
    expect(random(1_000).length).toBe(1_000)
    expect(slices.map((slice) => [...slice])).toEqual(copies)
  })
})

describe('framing', () => {
  const part = fc.oneof(fc.string({ maxLength: 5 }), fc.uint8Array({ maxLength: 5 }))
  const bytesOf = (parts: readonly Part[]) =>
    parts.map((each) => Buffer.from(each as string).toString('hex')).join('|')

  test('gives different bytes for different lists of parts', () => {
    const scratch = newScratch(8)
    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), fc.array(part, { maxLength: 4 }), (a, b) => {
        const same = frame(scratch, a).toString('hex') === frame(scratch, b).toString('hex')
        expect(same).toBe(a.length === b.length && bytesOf(a) === bytesOf(b))
      }),
    )
  })

  test('keeps numbers beyond 32 bits apart and refuses what is no whole number', () => {
    const scratch = newScratch()
    const of = (value: number) => frame(scratch, [value]).toString('hex')
    expect(of(1)).toBe('000000080000000000000001')
    expect(of(2 ** 32 + 1)).toBe('000000080000000100000001')
    for (const bad of [-1, 0.5, Number.NaN, 2 ** 53]) expect(() => of(bad)).toThrow(RangeError)
  })
})

describe('the master key', () => {
  const raw = randomBytes(32)

  test('reads as hex and as base64 of either alphabet, with the newline a file ends on', () => {
    for (const written of ['hex', 'base64', 'base64url'] as const) {
      expect(Buffer.from(parseMasterKey(` ${raw.toString(written)}\n`).bytes)).toEqual(raw)
    }
  })

  test.each([
    ['', 'nothing was given'],
    ['abcd', '4 hex digits'],
    [randomBytes(31).toString('base64'), '31 bytes'],
    [randomBytes(33).toString('hex'), '66 hex digits'],
    ['correct horse battery staple', 'neither hex nor base64'],
    ['00'.repeat(32), 'not random'],
    [Buffer.alloc(32, 'changeme').toString('base64'), 'not random'],
  ])('refuses %j and says what came, without repeating it', (given, said) => {
    const fault = failure(() => parseMasterKey(given))
    expect(fault.code).toBe('MASTER_KEY_INVALID')
    expect(fault.message).toContain(said)
    if (given !== '') expect(fault.message).not.toContain(given)
  })

  test('wraps a shop’s key so that only the same master and the same name open it', () => {
    const master = parseMasterKey(raw.toString('hex'))
    const name = { shop, keyId: 1, kind: 'data' } as const
    const wrapped = wrapShopKey(master, name, one.key, randomBytes)
    expect(unwrapShopKey(master, name, wrapped)).toEqual(Buffer.from(one.key))
    for (const other of [
      { ...name, shop: 8 as ShopId },
      { ...name, keyId: 2 },
      { ...name, kind: 'index' as const },
    ]) {
      expect(failure(() => unwrapShopKey(master, other, wrapped)).code).toBe('SEALED_VALUE_BROKEN')
    }
    expect(failure(() => unwrapShopKey(master, name, wrapped.subarray(1))).code).toBe('SEALED_VALUE_BROKEN')
    const another = parseMasterKey(randomBytes(32).toString('hex'))
    const fault = failure(() => unwrapShopKey(another, name, wrapped))
    expect(fault.code).toBe('MASTER_KEY_WRONG')
    expect(fault.message).toContain(master.fingerprint)
    expect(fault.message).toContain(another.fingerprint)
  })

  test('and its wrapped keys are the same under both libraries', () => {
    const nonce = randomBytes(24)
    const name = { shop, keyId: 1, kind: 'index' } as const
    const [a, b] = [native, wasm].map((lib) => {
      const masters = mastersWith(lib)
      return masters.wrapShopKey(masters.parseMasterKey(raw.toString('hex')), name, one.key, () => nonce)
    })
    expect(a).toEqual(b)
  })
})

describe('keyed hashes', () => {
  test('agree between both libraries and with the BLAKE2b of a known vector', () => {
    // RFC 7693, appendix A: BLAKE2b-512("abc").
    for (const lib of [native, wasm]) {
      const out = Buffer.alloc(64)
      lib.hash(out, Buffer.from('abc'), null)
      expect(out.toString('hex')).toMatch(/^ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b7/)
    }
    const [a, b] = [hashesWith(native), hashesWith(wasm)]
    fc.assert(
      fc.property(fc.string(), fc.string(), (left, right) => {
        expect(a!.keyedHash(one.key, left, right)).toEqual(b!.keyedHash(one.key, left, right))
        expect(a!.blindIndex(one.key, 3, left, right)).toEqual(b!.blindIndex(one.key, 3, left, right))
        expect(a!.hashSecret(left)).toEqual(b!.hashSecret(left))
      }),
    )
  })

  test('change with the key, with every part, and with where parts are split', () => {
    const base = keyedHash(one.key, 'ab', 'c').toString('hex')
    expect(keyedHash(one.key, 'a', 'bc').toString('hex')).not.toBe(base)
    expect(keyedHash(shopKey(1).key, 'ab', 'c').toString('hex')).not.toBe(base)
    expect(keyedHash(one.key, 'ab', 'c').toString('hex')).toBe(base)
  })

  test('a blind index finds the same value, begins with its version and differs by column and shop key', () => {
    const index = (key: Uint8Array, version: number, column: string) =>
      blindIndex(key, version, column, 'li@example.com').toString('hex')
    const base = index(one.key, 2, 'contact.address')
    expect(index(one.key, 2, 'contact.address')).toBe(base)
    expect(base).toHaveLength(34)
    expect(base.slice(0, 2)).toBe('02')
    expect(index(one.key, 2, 'member.email')).not.toBe(base)
    expect(index(shopKey(1).key, 2, 'contact.address')).not.toBe(base)
    expect(() => index(one.key, 256, 'x')).toThrow('0 to 255')
  })

  test('secrets are compared as a whole', () => {
    expect(sameBytes(hashSecret('dk_1_abc'), hashSecret('dk_1_abc'))).toBe(true)
    expect(sameBytes(hashSecret('dk_1_abc'), hashSecret('dk_1_abd'))).toBe(false)
    expect(sameBytes(Buffer.from('ab'), Buffer.from('abc'))).toBe(false)
  })
})

test('where the native library does not load, WASM does the work', async () => {
  expect((await loadSodium()).kind).toBe('native')
  const fallback = await loadSodium(() => Promise.reject(new Error('No native build was found')))
  expect(fallback.kind).toBe('wasm')
})

test('every text about keys exists in both languages and uses the same parameters', () => {
  const names = (sentence: string) => [...sentence.matchAll(/\{\w+\}/g)].map(String).sort()
  for (const { en, zh } of Object.values(SEAL_FAULTS)) expect(names(zh)).toEqual(names(en))
})

test('the sealer that seals nothing is imported by no part of the program', () => {
  expect(plainSealer().seal('clear', place).toString()).toBe('clear')
  const src = join(import.meta.dirname, '..')
  const importers = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .filter((file) => /plain-sealer|plainSealer/.test(readFileSync(join(src, file), 'utf8')))
  expect(importers).toEqual([join('domain', 'seal', 'plain-sealer.ts')])
})
