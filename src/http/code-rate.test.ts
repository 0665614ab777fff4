import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DAY, HOUR, MINUTE } from '../domain/time.ts'
import { nextCodeAt, rememberSent } from './code-rate.ts'

const T = 1_790_000_000_000

test('the first code may be sent at once, the second a minute later', () => {
  expect(nextCodeAt([], T)).toBe(T)
  expect(nextCodeAt([T], T + 10)).toBe(T + MINUTE)
  expect(nextCodeAt([T], T + MINUTE)).toBe(T + MINUTE)
})

test('however somebody asks, no minute sees two codes, no hour six, no day eleven', () => {
  const asks = fc.array(fc.integer({ min: 0, max: 3 * HOUR }), { minLength: 1, maxLength: 200 })
  fc.assert(
    fc.property(asks, (gaps) => {
      let now = T
      let sent: readonly number[] = []
      const all: number[] = []
      for (const gap of gaps) {
        now += gap
        if (nextCodeAt(sent, now) > now) continue
        sent = rememberSent(sent, now)
        all.push(now)
      }
      for (const [count, within] of [
        [1, MINUTE],
        [5, HOUR],
        [10, DAY],
      ] as const) {
        for (const at of all) {
          expect(all.filter((other) => other >= at && other < at + within).length).toBeLessThanOrEqual(count)
        }
      }
    }),
  )
})

test('an honest person who waits gets ten codes a day', () => {
  let sent: readonly number[] = []
  for (let n = 0; n < 10; n++) {
    const now = T + n * 2 * HOUR
    expect(nextCodeAt(sent, now)).toBe(now)
    sent = rememberSent(sent, now)
  }
  expect(nextCodeAt(sent, T + 20 * HOUR)).toBe(T + DAY)
})
