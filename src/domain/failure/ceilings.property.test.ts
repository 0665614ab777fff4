import fc from 'fast-check'
import { expect, it } from 'vitest'
import { testRails } from '../../../test/kit/rails.ts'
import { DAY, HOUR, type Instant, MINUTE } from '../time.ts'
import { type CardTry, mayRetry, type RetryQuestion } from './ceilings.ts'
import { classify } from './classify.ts'
import { codeIn } from './one-code.ts'

// What the schemes' documents say, written down again and on purpose more simply than the program does it.
// Sources: see rails/ceilings.yaml. One shop in Germany; both limits of Visa.
const VISA_NEVER = ['04', '07', '12', '14', '15', '41', '43', '46', 'R0', 'R1', 'R3']
const VISA_20 = Date.parse('2025-05-25T00:00:00Z')
const WAITS: Readonly<Record<string, number>> = {
  '24': HOUR, '25': DAY, '26': 2 * DAY, '27': 4 * DAY, '28': 6 * DAY, '29': 8 * DAY, '30': 10 * DAY,
} // biome-ignore format: a table

interface Recorded extends CardTry {
  readonly ours: boolean
}

/** Every rule that the tries we made have broken. */
function broken(scheme: string | null, recorded: readonly Recorded[]): string[] {
  const faults: string[] = []
  const visa = scheme === 'visa' || scheme === null
  const mastercard = scheme === 'mastercard' || scheme === null
  for (const [n, mine] of recorded.entries()) {
    if (!mine.ours) continue
    const before = recorded
      .slice(0, n)
      .filter((each) => each.card === null || mine.card === null || each.card === mine.card)
    /** The fullest window of that length that holds this try, whatever way the clock went. */
    const within = (span: number, list: readonly Recorded[]) => {
      const all = [...list, mine]
      const starts = all.filter(({ at }) => at <= mine.at && mine.at <= at + span)
      return Math.max(
        ...starts.map((start) => all.filter(({ at }) => start.at <= at && at <= start.at + span).length),
      )
    }
    const sameAmount = before.filter(
      (each) => each.amount === null || mine.amount === null || each.amount.minor === mine.amount.minor,
    )
    const earliest = Math.min(...sameAmount.map((each) => each.at))
    const first = sameAmount.findIndex((each) => each.at === earliest)
    const limit = mine.at < VISA_20 ? 15 : 20
    if (
      visa &&
      within(
        30 * DAY,
        sameAmount.filter((_, at) => at !== first),
      ) > limit
    )
      faults.push('visa count')
    if (visa && before.some((each) => VISA_NEVER.includes(each.networkCode ?? ''))) faults.push('visa never')
    if (mastercard && within(DAY, before) > 10) faults.push('mastercard day')
    if (mastercard && within(30 * DAY, sameAmount) > 35) faults.push('mastercard month')
    if (mastercard && before.some((each) => ['03', '21'].includes(each.networkAdviceCode ?? '')))
      faults.push('mastercard never')
    for (const each of mastercard ? before : []) {
      const wait = WAITS[each.networkAdviceCode ?? '']
      if (wait !== undefined && mine.at < each.at + wait) faults.push(`wait ${each.networkAdviceCode}`)
    }
    if (before.some((each) => each.advice === 'NEVER')) faults.push('hard decline')
  }
  return faults
}

const START = Date.parse('2025-05-10T00:00:00Z')
const scheme = fc.constantFrom('visa', 'mastercard', null)
/** Mostly soft, so that histories grow long enough to reach the counts. */
const code = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom('91', '51', '96') },
  { weight: 1, arbitrary: fc.constantFrom('41', '14', '59', '57', 'R1') },
)
const networkAdvice = fc.oneof(
  { weight: 30, arbitrary: fc.constant(null) },
  { weight: 2, arbitrary: fc.constantFrom('24', '25', '26') },
  { weight: 1, arbitrary: fc.constantFrom('03', '21', '30', '02') },
)
const card = fc.oneof(
  { weight: 8, arbitrary: fc.constant('fp_1') },
  { weight: 1, arbitrary: fc.constantFrom('fp_2', null) },
)
const amount = fc.oneof(
  { weight: 8, arbitrary: fc.constant({ minor: 1_000, currency: 'EUR' }) },
  { weight: 1, arbitrary: fc.constantFrom({ minor: 2_000, currency: 'EUR' }, null) },
)
/** What the world does next: somebody else tries the card, or we are asked to, after the clock has jumped. */
const act = fc.record({
  elsewhere: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
  jump: fc.oneof(
    { weight: 12, arbitrary: fc.integer({ min: 0, max: 3 * HOUR }) },
    { weight: 3, arbitrary: fc.integer({ min: 0, max: 40 * DAY }) },
    { weight: 2, arbitrary: fc.integer({ min: -3 * DAY, max: 0 }) },
    // To the very edge of a window, and one tick beside it.
    {
      weight: 3,
      arbitrary: fc.constantFrom(HOUR, DAY - 1, DAY, DAY + 1, 30 * DAY - 1, 30 * DAY, 30 * DAY + 1),
    },
  ),
  /** Do as we are told, exactly when we are told. */
  obey: fc.boolean(),
  networkCode: code,
  networkAdviceCode: networkAdvice,
  card,
  amount,
})

it('no history, no other hand and no clock makes us try beyond a ceiling or after a hard decline', () => {
  let made = 0
  let refused = 0
  fc.assert(
    fc.property(scheme, fc.array(act, { minLength: 20, maxLength: 90 }), (of, acts) => {
      const recorded: Recorded[] = []
      let now: Instant = START
      for (const next of acts) {
        now = Math.max(START - 60 * DAY, now + next.jump)
        const codes = codeIn(
          'pos',
          {
            networkCode: next.networkCode,
            ...(next.networkAdviceCode === null ? {} : { networkAdviceCode: next.networkAdviceCode }),
          },
          of,
        )
        const answer = { ...next, advice: classify(testRails.table, codes, now).advice }
        if (recorded.length === 0 || next.elsewhere) {
          recorded.push({ ...answer, at: now, ours: false })
          continue
        }
        const question: RetryQuestion = {
          scheme: of,
          country: 'DE',
          card: next.card,
          amount: next.amount,
          tries: recorded,
          elsewhere: 'counted',
          provider: 'leaves it',
        }
        const verdict = mayRetry(testRails.ceilings, question, now)
        if (verdict.kind === 'never') {
          refused++
          continue
        }
        expect(verdict.notBefore).toBeGreaterThanOrEqual(now)
        if (verdict.notBefore > now && !next.obey) continue
        now = verdict.notBefore
        // What is allowed at a moment is allowed when that moment has come.
        expect(mayRetry(testRails.ceilings, question, now)).toMatchObject({ kind: 'allowed', notBefore: now })
        recorded.push({ ...answer, at: now, ours: true })
        made++
      }
      expect(broken(of, recorded)).toEqual([])
    }),
    { numRuns: 400 },
  )
  // The histories did lead somewhere.
  expect(made).toBeGreaterThan(1_000)
  expect(refused).toBeGreaterThan(1_000)
})

it('a frantic merchant gets exactly as many tries as the schemes allow', () => {
  const hammer = (of: string, until: Instant, step: number) => {
    const recorded: Recorded[] = []
    for (let now = START + 100 * DAY, end = now + until; now <= end; now += step) {
      const one = {
        at: now,
        amount: null,
        card: 'fp_1',
        networkCode: '91',
        networkAdviceCode: null,
        advice: 'AUTO_ONCE',
      } as const
      if (recorded.length === 0) recorded.push({ ...one, ours: false })
      const verdict = mayRetry(
        testRails.ceilings,
        {
          scheme: of,
          country: 'DE',
          card: 'fp_1',
          amount: null,
          tries: recorded,
          elsewhere: 'counted',
          provider: 'leaves it',
        },
        now,
      )
      if (verdict.kind === 'allowed' && verdict.notBefore <= now) recorded.push({ ...one, ours: true })
    }
    return recorded.length
  }
  // Visa: the first try and twenty more. Mastercard: ten a day, and thirty-five in a month.
  expect(hammer('visa', 30 * DAY, 10 * MINUTE)).toBe(21)
  expect(hammer('mastercard', DAY, 10 * MINUTE)).toBe(10)
  expect(hammer('mastercard', 30 * DAY, 10 * MINUTE)).toBe(35)
})
