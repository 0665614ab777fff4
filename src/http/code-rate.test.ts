import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DAY, HOUR, MINUTE } from '../domain/time.ts'
import { CODE_LIFE, CODES, GUESSED_A_DAY, MAX_TRIES, nextCodeAt, rememberSent } from './code-rate.ts'

const T = 1_790_000_000_000

test('the first code may be sent at once, the second to the same browser a minute later, to another at once', () => {
  expect(nextCodeAt([], null, T)).toBe(T)
  expect(nextCodeAt([T], T, T + 10)).toBe(T + MINUTE)
  expect(nextCodeAt([T], T, T + MINUTE)).toBe(T + MINUTE)
  expect(nextCodeAt([T], null, T + 10)).toBe(T + 10)
})

/** What somebody does: asks from a browser, or tries a code in it, so long after what they did before. */
const doings = fc.array(
  fc.record({
    after: fc.oneof(fc.integer({ min: 0, max: MINUTE }), fc.integer({ min: 0, max: 3 * HOUR })),
    browser: fc.integer({ min: 0, max: 30 }),
    guess: fc.boolean(),
  }),
  { minLength: 1, maxLength: 600 },
)

test('however many browsers ask and guess, no hour sees six codes, no day eleven, and fifty looks are all they get', () => {
  fc.assert(
    fc.property(doings, (doing) => {
      let now = T
      let sent: readonly number[] = []
      const alive = new Map<number, { sentAt: number; looks: number }>()
      const all: { at: number; browser: number; looks: number }[] = []
      for (const { after, browser, guess } of doing) {
        now += after
        const code = alive.get(browser)
        if (guess) {
          if (!code || code.looks >= MAX_TRIES || now >= code.sentAt + CODE_LIFE) continue
          code.looks++
          all.findLast((each) => each.browser === browser)!.looks++
        } else if (nextCodeAt(sent, code?.sentAt ?? null, now) <= now) {
          sent = rememberSent(sent, now)
          alive.set(browser, { sentAt: now, looks: 0 })
          all.push({ at: now, browser, looks: 0 })
        }
      }
      for (const { at, browser } of all) {
        const within = (span: number) => all.filter((other) => other.at >= at && other.at < at + span)
        expect(within(MINUTE).filter((other) => other.browser === browser)).toHaveLength(1)
        expect(within(HOUR).length).toBeLessThanOrEqual(5)
        expect(within(DAY).length).toBeLessThanOrEqual(10)
        const looks = within(DAY).reduce((sum, each) => sum + each.looks, 0)
        expect(looks / CODES).toBeLessThanOrEqual(GUESSED_A_DAY)
      }
    }),
  )
})

test('the chance of a stranger is one in twenty thousand a day', () => {
  expect(1 / GUESSED_A_DAY).toBeCloseTo(20_000)
})

test('an honest person who waits gets ten codes a day', () => {
  let sent: readonly number[] = []
  for (let n = 0; n < 10; n++) {
    const now = T + n * 2 * HOUR
    expect(nextCodeAt(sent, sent.at(-1) ?? null, now)).toBe(now)
    sent = rememberSent(sent, now)
  }
  expect(nextCodeAt(sent, sent.at(-1)!, T + 20 * HOUR)).toBe(T + DAY)
})
