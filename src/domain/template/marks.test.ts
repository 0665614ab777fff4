import fc from 'fast-check'
import { expect, test } from 'vitest'
import { marksOf, replaceMarks } from './marks.ts'

const MARKS = /\{%-?\s*([\s\S]*?)\s*-?%\}|\{\{-?\s*([\s\S]*?)\s*-?\}\}/g

test('marks are what a pattern finds, whatever stands around', () => {
  const piece = fc.constantFrom('{', '}', '%', '-', '{{', '}}', '{%', '%}', 'a', ' ', '\n', '"')
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 24 }), (pieces) => {
      const text = pieces.join('')
      const wanted = [...text.matchAll(MARKS)].map(({ 0: whole, 1: tag, 2: output, index }) => ({
        tag: tag !== undefined,
        inside: (tag ?? output)!,
        from: index,
        to: index + whole.length,
      }))
      expect(marksOf(text)).toEqual(wanted)
    }),
    { numRuns: 5_000 },
  )
})

test('each is written anew, and what lies between', () => {
  const upper = (written: string) => written.toUpperCase()
  expect(replaceMarks('a{{ b }}c{%- if d -%}e{{ f', (_, { inside }) => `<${inside}>`, upper)).toBe(
    'A<b>C<if d>E{{ F',
  )
})
