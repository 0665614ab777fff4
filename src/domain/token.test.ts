import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { newId, type ShopId } from './ids.ts'
import { newApiKey, newSessionToken, readApiKey, sessionHash } from './secret-text.ts'
import { DAY, MINUTE } from './time.ts'
import { linkKey, readToken, signToken, TOKEN_KINDS, type TokenContent, tokenShop } from './token.ts'

const now = Date.UTC(2026, 10, 22, 8)
const key = { version: 3, key: linkKey(randomBytes(32)) }
const keys = (_shop: ShopId, version: number) => (version === key.version ? key.key : null)
const content: TokenContent = {
  shop: 7 as ShopId,
  kind: 'order',
  id: newId('ord', now, randomBytes),
  expiresAt: now + 30 * DAY,
}

describe('a link token', () => {
  test('reads back what was signed, for every kind, shop, id and expiry', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...TOKEN_KINDS),
        fc.oneof(fc.nat(20_000), fc.nat(0x7fffffff)),
        fc.nat(2 ** 40),
        fc.integer({ min: 1, max: 900 * DAY }),
        (kind, shop, born, life) => {
          const id = newId('msg', born, randomBytes)
          const text = signToken(key, { shop: shop as ShopId, kind, id, expiresAt: now + life })
          const expiresAt = Math.ceil((now + life) / MINUTE) * MINUTE
          expect(readToken(keys, text, now)).toEqual({ shop, kind, id, expiresAt })
          expect(tokenShop(text)).toEqual({ shop, version: 3 })
          expect(text).toMatch(/^[A-Za-z0-9_-]{41,45}[A-Za-z0-9]$/)
        },
      ),
    )
  })

  test('has 42 characters for shops up to 16,383', () => {
    const lengthFor = (shop: number) => signToken(key, { ...content, shop: shop as ShopId }).length
    expect([0, 16_383, 16_384, 4_194_303, 4_194_304].map(lengthFor)).toEqual([42, 42, 43, 43, 46])
  })

  test('is forged when any bit of it is changed, and when spelled otherwise', () => {
    const text = signToken(key, content)
    const bytes = Buffer.from(text, 'base64url')
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes)
      changed[bit >> 3]! ^= 1 << (bit & 7)
      expect(readToken(() => key.key, changed.toString('base64url'), now)).toBe('forged')
    }
    // The last character carries two bits; four of its spellings decode to the same bytes.
    const last = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.indexOf(text.at(-1)!)
    const other =
      text.slice(0, -1) + 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'[last + 1]
    expect(Buffer.from(other, 'base64url')).toEqual(bytes)
    expect(readToken(keys, other, now)).toBe('forged')
  })

  test('is forged under another shop’s key, an unknown version, and never throws on nonsense', () => {
    const text = signToken(key, content)
    expect(readToken(() => randomBytes(32), text, now)).toBe('forged')
    expect(readToken(() => null, text, now)).toBe('forged')
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.base64String(), fc.string({ minLength: 42, maxLength: 46 })),
        (any) => {
          expect(readToken(() => key.key, any, now)).toBe('forged')
          tokenShop(any)
        },
      ),
    )
  })

  test('expires at its minute, and says so only when it was genuine', () => {
    const expiresAt = now + 5 * MINUTE
    const text = signToken(key, { ...content, expiresAt })
    expect(readToken(keys, text, expiresAt - 1)).toMatchObject({ expiresAt })
    expect(readToken(keys, text, expiresAt)).toBe('expired')
    expect(readToken(() => randomBytes(32), text, expiresAt)).toBe('forged')
  })

  test('refuses to be signed with what it could not carry', () => {
    const bad: readonly (readonly [Partial<TokenContent>, string])[] = [
      [{ expiresAt: Date.UTC(2024) }, '2025 to 2056'],
      [{ expiresAt: Date.UTC(2060) }, '2025 to 2056'],
      [{ expiresAt: Number.NaN }, '2025 to 2056'],
      [{ id: '3f333df6-90a4-4fda-8dd3-9485d27cee36' }, 'uuid v7'],
      [{ shop: -1 as ShopId }, 'shop'],
    ]
    for (const [part, said] of bad) expect(() => signToken(key, { ...content, ...part })).toThrow(said)
    expect(() => signToken({ version: 32, key: key.key }, content)).toThrow('0 to 31')
  })
})

describe('an API key', () => {
  test('reads back its shop and the hash that was kept', () => {
    fc.assert(
      fc.property(fc.nat(0x7fffffff), (shop) => {
        const made = newApiKey(shop as ShopId, randomBytes)
        expect(readApiKey(made.text)).toEqual({ shop, hash: made.hash })
        expect(made.text.startsWith(made.hint.slice(0, -1))).toBe(true)
        expect(made.hint.length).toBeLessThan(20)
      }),
    )
  })

  test('with one character wrong, missing or two swapped is a typo, not a wrong key', () => {
    const { text } = newApiKey(7 as ShopId, randomBytes)
    for (let at = 3; at < text.length; at++) {
      const wrong = text[at] === 'x' ? 'y' : 'x'
      expect(readApiKey(text.slice(0, at) + wrong + text.slice(at + 1))).toBe('typo')
      expect(readApiKey(text.slice(0, at) + text.slice(at + 1))).toBe('typo')
      const swapped = text.slice(0, at - 1) + text[at] + text[at - 1] + text.slice(at + 1)
      if (swapped !== text && swapped.startsWith('dk_')) expect(readApiKey(swapped)).toBe('typo')
    }
    expect(readApiKey('sk_live_123')).toBe('not_a_key')
    expect(readApiKey('')).toBe('not_a_key')
  })

  test('of all-zero and all-one random bytes still has its full length', () => {
    for (const byte of [0, 255]) {
      const { text } = newApiKey(1 as ShopId, (bytes) => new Uint8Array(bytes).fill(byte))
      expect(text).toHaveLength('dk_1_'.length + 49)
      expect(readApiKey(text)).toMatchObject({ shop: 1 })
    }
  })
})

test('a session token is found by its hash; anything else is no session', () => {
  const session = newSessionToken(randomBytes)
  expect(sessionHash(session.text)).toEqual(session.hash)
  expect(sessionHash(`${session.text}x`)).toBeNull()
  expect(sessionHash('ds_')).toBeNull()
})
