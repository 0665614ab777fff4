import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { prngOf } from '../order/history.test-kit.ts'
import { DAY, HOUR, type Instant, MINUTE, SECOND } from '../time.ts'
import type { AnswerKind, Asked } from './asked.ts'
import { AFTER_END, RAILS, type RailRules } from './rails.ts'
import { type Sale, type UnpaidInquiry, unpaidMove, unpaidUntil } from './unpaid.ts'

const START: Instant = Date.parse('2026-11-23T02:00:00Z')
const WECHAT = RAILS.find(({ rail }) => rail === 'wechat')!

/** What truly happens at the rail, and how badly it can be reached. */
interface Story {
  /** When the money arrives; `null`: never. */
  readonly paidAt: Instant | null
  /** Whether the success's callback ever comes, and how late. */
  readonly callback: number | null
  readonly expiresAt: Instant | null
  /** How each question in turn fares: truth, no answer, or the truth of a while ago (a replica that lags). */
  readonly fares: readonly ('true' | 'later' | 'stale')[]
  /** How late each question is asked: workers are slow, stop, and come back. */
  readonly delays: readonly number[]
}

const within = (max: number) => fc.integer({ min: 0, max })
const stories: fc.Arbitrary<Story> = fc.record({
  paidAt: fc.option(
    within(3 * HOUR).map((ms) => START + ms),
    { freq: 1 },
  ),
  callback: fc.option(within(HOUR), { freq: 2 }),
  expiresAt: fc.option(
    within(2 * HOUR).map((ms) => START + ms),
    { freq: 3 },
  ),
  fares: fc.array(fc.constantFrom('true', 'true', 'later', 'stale'), { minLength: 1, maxLength: 30 }),
  delays: fc.array(fc.oneof(within(SECOND), within(10 * MINUTE), within(DAY)), {
    minLength: 1,
    maxLength: 30,
  }),
})

/** A replica is at most so far behind. */
const LAG = 30 * SECOND

interface Seen {
  readonly asked: readonly { readonly at: Instant; readonly answer: AnswerKind }[]
  readonly concludedAt: Instant | null
  readonly concludedOn: Asked | null
  readonly done: string
  readonly knownPaidAt: Instant | null
}

function live(rules: RailRules, story: Story): Seen {
  const asked: { at: Instant; answer: AnswerKind }[] = []
  let inquiry: UnpaidInquiry = { startedAt: START, asks: 0, last: null, concluded: false }
  let seen: Omit<Seen, 'done' | 'asked'> = { concludedAt: null, concludedOn: null, knownPaidAt: null }
  let now = START
  for (let turn = 0; turn < 500; turn++) {
    const told = story.paidAt !== null && story.callback !== null && now >= story.paidAt + story.callback
    const paid = told || inquiry.last?.answer === 'paid'
    if (paid && seen.knownPaidAt === null) seen = { ...seen, knownPaidAt: now }
    const sale: Sale = { paid, closed: false, failedAt: null, expiresAt: story.expiresAt }
    const move = unpaidMove(rules, inquiry, sale, now)
    if (move.kind === 'done') return { ...seen, asked, done: move.why }
    if (move.kind === 'conclude') {
      seen = { ...seen, concludedAt: now, concludedOn: inquiry.last }
      inquiry = { ...inquiry, concluded: true }
      continue
    }
    const late = story.delays[turn % story.delays.length]!
    now = Math.max(now, move.at) + late
    const fares = story.fares[turn % story.fares.length]!
    const looksAt = fares === 'stale' ? now - LAG : now
    const truth = story.paidAt !== null && looksAt >= story.paidAt ? 'paid' : 'pending'
    const answer = fares === 'later' ? 'later' : truth
    asked.push({ at: now, answer })
    inquiry = { ...inquiry, asks: inquiry.asks + 1, last: { at: now, answer, again: null } }
  }
  throw new Error('it never ended')
}

describe('a payment that nobody speaks about', () => {
  it('is never called failed before its time is over and the rail, asked after that, knows of none', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const seen = live(WECHAT, story)
        if (seen.concludedAt === null) return
        const end = unpaidUntil(WECHAT, { startedAt: START }, story)
        expect(seen.concludedOn?.answer).toBe('pending')
        expect(seen.concludedOn!.at).toBeGreaterThanOrEqual(end + AFTER_END)
        // Whatever was paid in time, a replica's lag included, is never called failed.
        if (story.paidAt !== null) expect(story.paidAt).toBeGreaterThan(end + AFTER_END - LAG)
      }),
      { numRuns: 2_000 },
    )
  })

  it('is asked about again after it was called failed, while the order lives: a success without a callback is found', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const seen = live(WECHAT, story)
        const reachable = story.fares.every((fares) => fares === 'true')
        if (!reachable || story.paidAt === null) return
        const until = Math.max(unpaidUntil(WECHAT, { startedAt: START }, story), story.expiresAt ?? 0)
        if (story.paidAt <= until) expect(seen.done).toBe('paid')
      }),
      { numRuns: 2_000 },
    )
  })

  it('is silent from the moment the payment is known: nothing is asked and nothing concluded', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const { asked, concludedAt, knownPaidAt } = live(WECHAT, story)
        if (knownPaidAt === null) return
        expect(asked.filter(({ at }) => at > knownPaidAt)).toEqual([])
        if (concludedAt !== null) expect(concludedAt).toBeLessThan(knownPaidAt + 1)
      }),
      { numRuns: 2_000 },
    )
  })

  it('costs no more questions than the rail allows, and none within the gap', () => {
    fc.assert(
      fc.property(stories, fc.constantFrom(...RAILS), (story, rules) => {
        const { asked } = live(rules, story)
        expect(asked.length).toBeLessThanOrEqual(rules.perOrder)
        for (const [n, { at }] of asked.entries()) {
          if (n > 0) expect(at - asked[n - 1]!.at).toBeGreaterThanOrEqual(rules.gap)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  it('has failed for certain only where the rail is silent: others tell their failures themselves', () => {
    const stripe = RAILS.find(({ rail }) => rail === 'stripe')!
    fc.assert(
      fc.property(stories, (story) => {
        expect(live(stripe, story).concludedAt).toBe(null)
      }),
    )
  })
})

describe('traces of trade states', () => {
  it('end in the right state: paid where money came, failed where none did, over 20,000 sales with bad lines', () => {
    const draw = prngOf(20261122)
    let right = 0
    let falselyFailed = 0
    const sales = 20_000
    for (let n = 0; n < sales; n++) {
      const life = (5 + draw() * 115) * MINUTE
      // A rail takes no payment after the order's end (time_expire, timeout_express).
      const paidAt = draw() < 0.6 ? START + draw() * life : null
      const seen = live(WECHAT, {
        paidAt,
        callback: draw() < 0.8 ? draw() * HOUR : null,
        expiresAt: START + life,
        fares: Array.from({ length: 30 }, () => (draw() < 0.2 ? 'later' : draw() < 0.1 ? 'stale' : 'true')),
        delays: Array.from({ length: 30 }, () => draw() * 5 * SECOND),
      })
      const end = unpaidUntil(WECHAT, { startedAt: START }, { expiresAt: START + life })
      const saysPaid = seen.knownPaidAt !== null
      if (paidAt === null ? seen.concludedAt !== null && !saysPaid : saysPaid) right++
      if (paidAt !== null && paidAt <= end && seen.concludedAt !== null) falselyFailed++
    }
    expect(falselyFailed).toBe(0)
    expect(right / sales).toBeGreaterThanOrEqual(0.99)
  })
})

describe('the usual course', () => {
  const sale = { paid: false, closed: false, failedAt: null, expiresAt: START + 10 * MINUTE }
  const ask = (last: number | null, answer: AnswerKind = 'pending', more: Partial<Sale> = {}) =>
    unpaidMove(
      WECHAT,
      {
        startedAt: START,
        asks: last === null ? 0 : 1,
        last: last === null ? null : { at: START + last, answer, again: null },
        concluded: false,
      },
      { ...sale, ...more },
      START,
    )
  it.each([
    [null, 5 * SECOND],
    [5 * SECOND, 30 * SECOND],
    [30 * SECOND, 3 * MINUTE],
    [3 * MINUTE, 10 * MINUTE],
    [10 * MINUTE, 11 * MINUTE],
  ])('asks after 5 s, 30 s, 3 min, at expiry and a minute later: after %j ms', (last, next) => {
    expect(ask(last)).toEqual({ kind: 'ask', at: START + next })
  })
  it('ends in a failure', () => expect(ask(11 * MINUTE)).toEqual({ kind: 'conclude' }))
  it('ends without one where the rail never saw a payment begin', () => {
    expect(ask(11 * MINUTE, 'stranger')).toEqual({ kind: 'done', why: 'stranger' })
  })
  it('leaves out what would come after the end', () => {
    expect(ask(30 * SECOND, 'pending', { expiresAt: START + MINUTE })).toEqual({
      kind: 'ask',
      at: START + MINUTE,
    })
  })
  it('ends when the rail tells a failure after all, but not for one that came before this payment', () => {
    expect(ask(5 * SECOND, 'pending', { failedAt: START + 1 })).toEqual({ kind: 'done', why: 'failed' })
    expect(ask(5 * SECOND, 'pending', { failedAt: START - 1 }).kind).toBe('ask')
  })
})
