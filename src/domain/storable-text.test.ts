import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findUnstorable, mendJson, mendKept, mendText, unstorableIn } from './storable-text.ts'

/** Texts of UTF-16 units, dense in what cannot be kept and in what mending writes. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.constantFrom('\0', '\ud83d', '\ude00', '\ud800', '\uFFFD', '0000', 'd', '8', '00', 'x'))
    .map((parts) => parts.join('')),
)

const isStorable = (each: string) => each.isWellFormed() && !each.includes('\0')

test('NUL and halves of pairs are found where they stand', () => {
  fc.assert(
    fc.property(text, (each) => {
      expect(unstorableIn(each) === null).toBe(isStorable(each))
    }),
  )
  expect(unstorableIn('S\ud800')).toEqual({ what: 'half_pair', at: 2 })
  expect(unstorableIn('NUL\0X')).toEqual({ what: 'nul', at: 4 })
  expect(unstorableIn('😀')).toBeNull()
})

test('mended text can be kept, and texts that differ still differ', () => {
  fc.assert(
    fc.property(text, text, (one, other) => {
      expect(isStorable(mendText(one))).toBe(true)
      expect(mendText(one) === mendText(other)).toBe(one === other)
    }),
    { numRuns: 2_000 },
  )
  expect(mendText('NUL\0X')).toBe('NUL\uFFFD0000X')
  expect(mendText('S\ud800')).not.toBe(mendText('S\udfff'))
  expect(mendText('S\uFFFDd800')).not.toBe(mendText('S\ud800'))
  expect(mendText('年度会员 😀 \uFFFD')).toBe('年度会员 😀 \uFFFD')
})

test('all texts of a value are mended, names too, whatever the name; what has been mended stays', () => {
  const json = '{"a\\u0000":["b\\ud800",1,null],"__proto__":{"c":"\\udfff"},"ok":"\\ud83d\\ude00"}'
  const mended = mendJson(JSON.parse(json), json)
  expect(JSON.stringify(mended)).toBe(
    '{"a\uFFFD0000":["b\uFFFDd800",1,null],"__proto__":{"c":"\uFFFDdfff"},"ok":"😀"}',
  )
  expect(mendKept(mended, JSON.stringify(mended))).toEqual(mended)
  expect(mendKept(JSON.parse(json), json)).toEqual(mended)
})

test('every place is named', () => {
  expect(findUnstorable({ a: [{ b: 'x\0' }], 'c\ud800': 'fine', d: '\udfff' })).toEqual([
    { path: 'a.0.b', what: 'nul', at: 2 },
    { path: '', what: 'half_pair', at: 2 },
    { path: 'd', what: 'half_pair', at: 1 },
  ])
})
