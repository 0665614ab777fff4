import fc from 'fast-check'
import { expect, test } from 'vitest'
import { differingPaths } from './differing-paths.ts'

test('values differ where their last members do, or where one ends', () => {
  const one = { a: 1, b: { c: [1, 2], d: null }, e: { f: 1 }, g: [] }
  const other = { a: 1, b: { c: [1, 3, 4], d: 'x' }, e: 7, g: {}, h: { i: 1 } }
  expect(differingPaths(one, other, 9)).toEqual(['b.c.1', 'b.c.2', 'b.d', 'e', 'g', 'h'])
  expect(differingPaths(one, other, 2)).toEqual(['b.c.1', 'b.c.2'])
  expect(differingPaths({ a: 1 }, JSON.parse('{"a":1,"__proto__":2}'), 9)).toEqual(['__proto__'])
})

test('equal values differ nowhere, others somewhere', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
      expect(differingPaths(one, structuredClone(one), 9)).toEqual([])
      const same = JSON.stringify(one) === JSON.stringify(other)
      if (!same && typeof one !== 'object') expect(differingPaths(one, other, 9)).not.toEqual([])
    }),
  )
})
