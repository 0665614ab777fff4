import { describe, expect, it } from 'vitest'
import { testRails } from '../../../test/kit/rails.ts'
import type { RetryAdvice } from '../failure-class.ts'
import { DAY, HOUR, type Instant } from '../time.ts'
import { type CardTry, mayRetry, type RetryQuestion } from './ceilings.ts'
import { readCeilings } from './ceilings-file.ts'
import { problemText } from './rail-file.ts'

const NOW = Date.parse('2026-11-25T12:00:00Z')

const tried = (at: Instant, more: Partial<CardTry> = {}): CardTry => ({
  at,
  amount: { minor: 1_000, currency: 'EUR' },
  card: 'fp_1',
  networkCode: '91',
  networkAdviceCode: null,
  advice: 'AUTO_ONCE',
  ...more,
})

const question = (tries: readonly CardTry[], more: Partial<RetryQuestion> = {}): RetryQuestion => ({
  scheme: 'visa',
  country: 'DE',
  card: 'fp_1',
  amount: { minor: 1_000, currency: 'EUR' },
  tries,
  elsewhere: 'counted',
  provider: 'leaves it',
  ...more,
})

const ask = (tries: readonly CardTry[], more: Partial<RetryQuestion> = {}, now = NOW) =>
  mayRetry(testRails.ceilings, question(tries, more), now)

/** `count` tries, an hour apart, the last one an hour ago. */
const row = (count: number, now = NOW, more: Partial<CardTry> = {}) =>
  Array.from({ length: count }, (_, n) => tried(now - (count - n) * HOUR, more))

const free = { kind: 'allowed', notBefore: NOW, rule: null }

describe('Visa', () => {
  // Visa Core Rules 2026-04-18, table 7-2: 20 reattempts in 30 days after the first try.
  it('allows the twentieth reattempt and not the twenty-first', () => {
    expect(ask(row(20))).toEqual(free)
    const full = row(21)
    const oldestReattempt = full[1]!.at
    expect(ask(full)).toEqual({
      kind: 'allowed',
      notBefore: oldestReattempt + 30 * DAY + 1,
      rule: 'visa_20_in_30_days',
    })
    expect(ask(full, {}, oldestReattempt + 30 * DAY)).toMatchObject({ rule: 'visa_20_in_30_days' })
    expect(ask(full, {}, oldestReattempt + 30 * DAY + 1)).toMatchObject({ rule: null })
  })

  // developers.tabapay.com/changelog: from 15 to 20 on 2025-05-25.
  it('allowed fifteen before 2025-05-25', () => {
    const now = Date.parse('2025-05-24T12:00:00Z')
    expect(ask(row(15, now), {}, now)).toMatchObject({ notBefore: now })
    // The new rule is in force long before the old one would have let it go.
    expect(ask(row(16, now), {}, now)).toMatchObject({ rule: 'visa_15_in_30_days' })
    const later = Date.parse('2025-05-25T00:00:00Z')
    expect(ask(row(16, now), {}, later)).toMatchObject({ notBefore: later, rule: null })
  })

  it('counts an amount of its own apart, unless an amount is not known', () => {
    const other = { minor: 999, currency: 'EUR' }
    expect(ask(row(21), { amount: other })).toEqual(free)
    expect(ask(row(21, NOW, { amount: null }), { amount: other })).toMatchObject({
      rule: 'visa_20_in_30_days',
    })
  })

  it.each(['04', '07', '12', '14', '15', '41', '43', '46', 'R0', 'R1', 'R3'])(
    'never lets a card be tried again after %s, however long ago',
    (networkCode) => {
      const long = tried(NOW - 300 * DAY, { networkCode, advice: 'AUTO_ONCE' })
      expect(ask([long, tried(NOW - HOUR)])).toEqual({ kind: 'never', rule: 'visa_category_1' })
    },
  )

  it('forbids 57 by the day on which it came', () => {
    const came = (day: string) => [tried(Date.parse(day), { networkCode: '57' })]
    expect(ask(came('2026-10-24T23:59:59Z'))).toEqual(free)
    expect(ask(came('2026-10-25T00:00:00Z'))).toMatchObject({ rule: 'visa_57_since_october_2026' })
    expect(ask(came('2025-02-26T00:00:00Z'))).toMatchObject({ rule: 'visa_57_before_october_2025' })
  })

  it('says nothing about another card', () => {
    expect(ask([tried(NOW - DAY, { networkCode: '41', card: 'fp_2' }), tried(NOW - HOUR)])).toEqual(free)
    expect(ask([tried(NOW - DAY, { networkCode: '41', card: null }), tried(NOW - HOUR)])).toMatchObject({
      kind: 'never',
    })
  })
})

describe('Mastercard', () => {
  const mastercard = { scheme: 'mastercard' }

  // developers.tabapay.com/docs/excessive-retry-rules: 10 in a day, 35 of one amount in 30 days.
  it('allows the tenth try in 24 hours and not the eleventh', () => {
    expect(ask(row(9), mastercard)).toEqual(free)
    expect(ask(row(10), mastercard)).toEqual({
      kind: 'allowed',
      notBefore: NOW - 10 * HOUR + DAY + 1,
      rule: 'mastercard_10_in_24_hours',
    })
  })

  it('allows the thirty-fifth try of one amount in 30 days and not the thirty-sixth', () => {
    const spread = (count: number) =>
      row(count).map((each, n) => ({ ...each, at: NOW - (count - n) * 19 * HOUR }))
    expect(ask(spread(34), mastercard)).toEqual(free)
    const full = spread(35)
    expect(ask(full, mastercard)).toMatchObject({
      notBefore: full[0]!.at + 30 * DAY + 1,
      rule: 'mastercard_35_in_30_days',
    })
    expect(ask(full, { ...mastercard, amount: { minor: 5, currency: 'EUR' } })).toEqual(free)
  })

  // docs.payzu.com.br retry program: Brazil pays from the 8th try on.
  it('allows seven in Brazil, and where the country is not known', () => {
    expect(ask(row(7), { ...mastercard, country: 'BR' })).toMatchObject({
      rule: 'mastercard_7_in_24_hours_brazil',
    })
    expect(ask(row(7), { ...mastercard, country: null })).toMatchObject({
      rule: 'mastercard_7_in_24_hours_brazil',
    })
    expect(ask(row(6), { ...mastercard, country: 'BR' })).toEqual(free)
  })

  it.each(['03', '21'])('never lets a card be tried again after advice %s', (networkAdviceCode) => {
    const long = tried(NOW - 300 * DAY, { networkAdviceCode })
    expect(ask([long, tried(NOW - HOUR)], mastercard)).toEqual({
      kind: 'never',
      rule: 'mastercard_do_not_try_again',
    })
  })

  it.each([
    ['24', HOUR], ['25', DAY], ['26', 2 * DAY], ['27', 4 * DAY], ['28', 6 * DAY], ['29', 8 * DAY], ['30', 10 * DAY],
  ])('waits as advice %s says', (networkAdviceCode, wait) => {
    const at = NOW - 60_000
    expect(ask([tried(at, { networkAdviceCode, advice: 'LATER' })], mastercard)).toEqual({
      kind: 'allowed',
      notBefore: at + wait,
      rule: 'mastercard_wait_as_advised',
    })
  }) // biome-ignore format: a table
})

describe('without the buyer', () => {
  it('nothing is tried that the provider tries itself, or may', () => {
    for (const provider of ['retries', 'unknown'] as const)
      expect(ask(row(1), { provider })).toEqual({ kind: 'never', rule: 'provider_retries' })
  })

  it('nothing is tried where tries made elsewhere cannot be known', () => {
    expect(ask(row(1), { elsewhere: 'unknown' })).toEqual({ kind: 'never', rule: 'elsewhere_unknown' })
  })

  it('nothing is tried after a hard decline, nor where the advice needs somebody', () => {
    const advised = (advice: RetryAdvice | null) => ask([tried(NOW - HOUR, { advice })], { scheme: null })
    expect(advised('NEVER')).toEqual({ kind: 'never', rule: 'hard_decline' })
    for (const advice of [
      'FIX_THEN_RETRY',
      'AUTH_THEN_RETRY',
      'NEW_METHOD',
      'NEW_ORDER',
      'MERCHANT_FIX',
      'STOP',
    ] as const)
      expect(advised(advice)).toEqual({ kind: 'never', rule: 'needs_the_buyer' })
    expect(advised(null)).toEqual({ kind: 'never', rule: 'nothing_to_retry' })
    expect(ask([])).toEqual({ kind: 'never', rule: 'nothing_to_retry' })
  })

  it('every scheme’s rules hold where the scheme is not known or has published none', () => {
    for (const scheme of [null, 'jcb']) {
      expect(ask(row(7), { scheme })).toMatchObject({ rule: null })
      expect(ask(row(10), { scheme })).toMatchObject({ rule: 'mastercard_10_in_24_hours' })
      expect(ask([tried(NOW - HOUR, { networkAdviceCode: '21' })], { scheme })).toMatchObject({
        kind: 'never',
      })
      expect(ask([tried(NOW - HOUR, { networkCode: '41' })], { scheme })).toMatchObject({ kind: 'never' })
    }
  })

  it('a clock that has gone back waits until it has caught up', () => {
    expect(ask([tried(NOW + HOUR)])).toEqual({ kind: 'allowed', notBefore: NOW + HOUR, rule: 'clock_behind' })
  })
})

describe('the file of ceilings', () => {
  const problems = (text: string, language: 'en' | 'zh' = 'en') => {
    const read = readCeilings('ceilings.yaml', text, language)
    return 'problems' in read ? read.problems.map(problemText) : []
  }
  const rule = (more: string) => `rules:\n  - rule: one\n    scheme: visa\n    source: here\n${more}`

  it.each([
    [
      'nothing to do',
      rule(''),
      'rails/ceilings.yaml:2: rules[0]: expected exactly one of "never", "count" and "wait"',
    ],
    [
      'two things to do',
      rule("    wait: { '24': 1h }\n    never: { codes: ['04'] }\n"),
      'rails/ceilings.yaml:2: rules[0]: expected exactly one of "never", "count" and "wait"',
    ],
    [
      'a window that is no duration',
      rule('    count: { limit: 2, of: tries, window: month, sameAmount: true }\n'),
      'rails/ceilings.yaml:5: rules[0].count.window: expected a duration such as 30d, 24h or 15m',
    ],
    [
      'a window that lacks its unit',
      rule('    count: { limit: 2, of: tries, window: 30, sameAmount: true }\n'),
      'rails/ceilings.yaml:5: rules[0].count.window: expected a duration such as 30d, 24h or 15m',
    ],
    [
      'a limit of nothing',
      rule('    count: { limit: 0, of: tries, window: 30d, sameAmount: true }\n'),
      'rails/ceilings.yaml:5: rules[0].count.limit: expected a number, 1 or more, got 0',
    ],
    [
      'no code',
      rule('    never: { }\n'),
      'rails/ceilings.yaml:5: rules[0].never: expected "codes" or "advice"',
    ],
  ])('with %s is refused, naming file, line and field', (_, text, problem) => {
    expect(problems(text)).toEqual([problem])
    const chinese = problems(text, 'zh')
    expect(chinese).toEqual([expect.stringMatching(/^rails\/ceilings\.yaml:\d+: \S+: .*\p{Script=Han}/u)])
    expect(chinese[0]).not.toMatch(/expected|too small/i)
  })
})
