import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mailDate, parseHttpDate } from './http-date.ts'

const seconds = fc.integer({ min: 0, max: 4_102_444_799 }).map((at) => at * 1_000)

test('a mail date is the one the platform would write', () => {
  fc.assert(
    fc.property(seconds, (at) => {
      expect(mailDate(at)).toBe(new Date(at).toUTCString().replace('GMT', '+0000'))
    }),
  )
})

test('an HTTP date is read back exactly', () => {
  fc.assert(
    fc.property(seconds, (at) => {
      expect(parseHttpDate(new Date(at).toUTCString())).toBe(at)
    }),
  )
})

test.each([
  '',
  'tomorrow',
  '2026-11-22T08:00:00Z',
  'Sun, 22 Foo 2026 08:00:00 GMT',
  'Sun, 99 Nov 2026 08:00:00 GMT',
])('no HTTP date: %j', (text) => expect(parseHttpDate(text)).toBeNull())
