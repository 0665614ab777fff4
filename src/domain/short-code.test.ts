import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readShortCode, SHORT_CODE_ALPHABET, SHORT_CODE_LENGTH, shortCodeOf } from './short-code.ts'

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })

test('a code is read however it is typed', () => {
  fc.assert(
    fc.property(hash, (bytes) => {
      const code = shortCodeOf(bytes)
      expect(code).toHaveLength(SHORT_CODE_LENGTH)
      const typed = [` ${code.toLowerCase()} `, `${code.slice(0, 4)}-${code.slice(4)}`, [...code].join(' ')]
      const wide = [...code].map((char) => String.fromCharCode(char.charCodeAt(0) + 0xfee0)).join('')
      for (const text of [code, wide, ...typed]) expect(readShortCode(text)).toBe(code)
    }),
  )
})

test('nothing else is one', () => {
  for (const text of [
    '',
    '1234567',
    '123456789',
    '7K3M9QZ0',
    '7K3M9QZO',
    '7K3M9QZI',
    "7K3M9QZ'",
    '短短短短短短短短',
  ])
    expect(readShortCode(text)).toBeNull()
})

test('no characters that are taken for one another', () => {
  expect(SHORT_CODE_ALPHABET).not.toMatch(/[01OILU]/)
  expect(new Set(SHORT_CODE_ALPHABET).size).toBe(23)
})

test('codes are spread over the whole alphabet', () => {
  const seen = new Map<string, number>()
  let seed = 1
  for (let n = 0; n < 3_000; n++) {
    const bytes = Uint8Array.from({ length: 32 }, () => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
      return seed >>> 24
    })
    for (const char of shortCodeOf(bytes)) seen.set(char, (seen.get(char) ?? 0) + 1)
  }
  for (const char of SHORT_CODE_ALPHABET) expect(seen.get(char)).toBeGreaterThan(600)
})
