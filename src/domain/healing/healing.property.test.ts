import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RetryVerdict } from '../failure/ceilings.ts'
import { FAILURE_CLASSES, RETRY_ADVICE } from '../failure-class.ts'
import { Ladders } from '../flow/ladder.test-kit.ts'
import { START } from '../flow/story.test-kit.ts'
import type { AnswerKind } from '../inquiry/asked.ts'
import { DAY, HOUR, type Instant, MINUTE, SECOND } from '../time.ts'
import { clockOf, LADDER_WAITS, TOLD_WITHIN, TRIED_WITHIN, UNKNOWN_CLOCK } from './clocks.ts'
import { type Act, HEAL_AFTER, type Healing, NOBODY_ELSE, type Patient, platformMove } from './platform.ts'
import { unknownMove } from './unknown.ts'

/**
 * A payment at a provider, told through answers that may be late, lost or cut off by our own death. `charges` is the
 * truth that no answer can change: how often money was taken.
 */
interface Ward {
  readonly outcome: 'succeeds' | 'fails' | 'refused' | 'in_flight'
  readonly refusal: string
  /** What becomes of us around the one try: before the call, after it, or nothing. */
  readonly death: 'before' | 'after' | 'none'
  /** The try or its answer got lost on the way, and we lived to know that we know nothing. */
  readonly lost: 'try' | 'answer' | 'none'
  /** The buyer pays by himself at this moment. */
  readonly buyerPaysAt: Instant | null
  /** By another payment, of which its own webhook tells: the one we look after does not change with it. */
  readonly elsewhere: boolean
  readonly buyerBeganAt: Instant | null
  readonly expiresAt: Instant | null
  readonly ceilingUntil: Instant | null
  readonly never: boolean
  readonly canRetry: boolean
  readonly canAskShop: boolean
  readonly answers: readonly ('true' | 'later' | 'pending')[]
  /** How far the clock jumps between two looks; a clock set back is 0. */
  readonly jumps: readonly number[]
}

const within = (max: number) => fc.integer({ min: 0, max })
const maybe = (max: number) =>
  fc.option(
    within(max).map((ms) => START + ms),
    { freq: 2 },
  )
const wards: fc.Arbitrary<Ward> = fc.record({
  outcome: fc.constantFrom('succeeds', 'fails', 'refused', 'in_flight'),
  refusal: fc.constantFrom('not_saved', ...NOBODY_ELSE),
  death: fc.constantFrom('before', 'after', 'none', 'none'),
  lost: fc.constantFrom('try', 'answer', 'none', 'none'),
  buyerPaysAt: maybe(HOUR),
  elsewhere: fc.boolean(),
  buyerBeganAt: maybe(10 * MINUTE),
  expiresAt: maybe(3 * HOUR),
  ceilingUntil: fc.oneof(maybe(6 * MINUTE), maybe(2 * DAY)),
  never: fc.boolean(),
  canRetry: fc.boolean(),
  canAskShop: fc.boolean(),
  answers: fc.array(fc.constantFrom('true', 'true', 'true', 'later', 'pending'), {
    minLength: 1,
    maxLength: 20,
  }),
  jumps: fc.array(fc.oneof(within(SECOND), within(SECOND), within(2 * MINUTE), within(2 * DAY)), {
    minLength: 1,
    maxLength: 20,
  }),
})

interface Lived {
  /** When the ladder's turn was told, and by what. */
  readonly told: { readonly at: Instant; readonly why: string } | null
  /** When we heard that it was paid. */
  readonly paidAt: Instant | null
  /** Each try that was begun: when, by whom. */
  readonly tries: readonly { readonly at: Instant; readonly by: Act['by'] }[]
  /** Times money was taken by us. */
  readonly charges: number
  readonly paidBefore: boolean
  readonly end: string
  readonly askedJustBefore: boolean
  /** Somebody told since the try that the payment itself came through. */
  readonly heardPaid: boolean
}

function live(ward: Ward): Lived {
  const tries: { at: Instant; by: Act['by'] }[] = []
  let charges = 0
  let healing: Healing = { startedAt: START, asks: 0, last: null, act: null, over: false }
  let now = START
  let paidBefore = false
  let askedJustBefore = true
  let told: Lived['told'] = null
  const paidBy = (elsewhere: boolean) =>
    ward.elsewhere === elsewhere && ward.buyerPaysAt !== null && now >= ward.buyerPaysAt
  const buyerPaid = () => paidBy(false)
  const hear = (answer: AnswerKind) => {
    healing = { ...healing, asks: healing.asks + 1, last: { at: now, answer, again: null } }
  }
  const ended = (end: string): Lived => {
    const heardPaid = healing.last?.answer === 'paid'
    const paidAt = paidBy(true) ? ward.buyerPaysAt : heardPaid ? healing.last!.at : null
    return { told, paidAt, tries, charges, paidBefore, askedJustBefore, heardPaid, end }
  }
  for (let turn = 0; turn < 400; turn++) {
    const jump = ward.jumps[turn % ward.jumps.length]!
    // What a webhook tells of our own charge or of the buyer's comes whenever it comes; here: with the next answer.
    const move = platformMove(
      healing,
      patientAt(ward, now, healing.last?.answer === 'paid' || paidBy(true)),
      now,
    )
    if (move.kind === 'done') return ended(`done ${move.why}`)
    if (move.kind === 'healed') return ended('healed')
    if (move.kind === 'not_healed') {
      told = { at: now, why: move.why }
      if (!move.asksOn) return ended(`not_healed ${move.why}`)
      healing = { ...healing, over: true }
      continue
    }
    if (move.kind === 'ask' && move.at > now) {
      now = move.at + jump
      continue
    }
    if (move.kind === 'ask') {
      now += Math.min(jump, SECOND)
      const fares = ward.answers[turn % ward.answers.length]!
      const truth =
        charges > 0 || buyerPaid()
          ? 'paid'
          : ward.outcome === 'in_flight' && tries.length > 0
            ? 'pending'
            : 'failed'
      hear(fares === 'true' ? truth : fares)
      continue
    }
    expect(told).toBeNull()
    tries.push({ at: now, by: move.by })
    // The provider takes a payment's money once, whoever asks; the buyer's own payment counts as that once.
    if (buyerPaid()) paidBefore = true
    askedJustBefore &&= healing.last?.answer === 'failed' && now - healing.last.at <= 30 * SECOND
    healing = { ...healing, act: { at: now, by: move.by, outcome: 'begun', code: null } }
    if (ward.death === 'before') continue
    const arrives = move.by === 'shop' || ward.lost !== 'try'
    if (arrives && ward.outcome === 'succeeds' && !buyerPaid()) charges++
    if (ward.death === 'after') continue
    if (move.by === 'shop') continue
    if (ward.lost !== 'none') {
      healing = { ...healing, act: { ...healing.act!, outcome: 'unknown' } }
      continue
    }
    healing = {
      ...healing,
      act: { ...healing.act!, outcome: ward.outcome === 'refused' ? 'refused' : 'done', code: ward.refusal },
    }
    if (ward.outcome !== 'refused') {
      hear(ward.outcome === 'succeeds' ? 'paid' : ward.outcome === 'fails' ? 'failed' : 'pending')
    }
  }
  throw new Error('it never ended')
}

function patientAt(ward: Ward, now: Instant, paid: boolean): Patient {
  return {
    paid,
    closed: false,
    expiresAt: ward.expiresAt,
    buyerBeganAt: ward.buyerBeganAt !== null && ward.buyerBeganAt <= now ? ward.buyerBeganAt : null,
    canRetry: ward.canRetry,
    canAskShop: ward.canAskShop,
    verdict: verdictAt(ward, now),
  }
}

function verdictAt({ never, ceilingUntil }: Ward, now: Instant): RetryVerdict {
  if (never) return { kind: 'never', rule: 'hard_decline' }
  return { kind: 'allowed', notBefore: Math.max(now, ceilingUntil ?? 0), rule: null }
}

describe('a failure that is the platform’s', () => {
  it('is tried once at most, and never charged twice, whenever we die and whatever the answers say', () => {
    fc.assert(
      fc.property(wards, (ward) => {
        const { tries, charges } = live(ward)
        expect(charges).toBeLessThanOrEqual(1)
        expect(tries.filter(({ by }) => by === 'source').length).toBeLessThanOrEqual(1)
        expect(tries.filter(({ by }) => by === 'shop').length).toBeLessThanOrEqual(1)
        // A second try exists only where the first was certainly none.
        if (tries.length === 2) {
          expect([ward.outcome, ward.death, ward.lost]).toEqual(['refused', 'none', 'none'])
          expect(tries.map(({ by }) => by)).toEqual(['source', 'shop'])
        }
      }),
      { numRuns: 5_000 },
    )
  })

  it('is never tried beyond a ceiling, where none is allowed, before two minutes, or after the order’s life', () => {
    fc.assert(
      fc.property(wards, (ward) => {
        const [first, second] = live(ward).tries
        if (!first) return
        for (const { at } of second ? [first, second] : [first]) {
          expect(ward.never).toBe(false)
          expect(at).toBeGreaterThanOrEqual(START + HEAL_AFTER)
          expect(at).toBeLessThan(START + TRIED_WITHIN)
          expect(at).toBeGreaterThanOrEqual(ward.ceilingUntil ?? 0)
          if (ward.expiresAt !== null) expect(at).toBeLessThan(ward.expiresAt)
        }
        expect(first.by).toBe(ward.canRetry ? 'source' : 'shop')
      }),
      { numRuns: 5_000 },
    )
  })

  it('is tried only right after the provider has said that it failed, and never beside the buyer’s own payment', () => {
    fc.assert(
      fc.property(wards, (ward) => {
        const { tries, askedJustBefore } = live(ward)
        expect(askedJustBefore).toBe(true)
        const first = tries[0]
        if (first && ward.buyerBeganAt !== null) expect(first.at).toBeLessThan(ward.buyerBeganAt)
      }),
      { numRuns: 5_000 },
    )
  })

  it('that was healed was paid; that was given up was not charged by a try whose end we know', () => {
    fc.assert(
      fc.property(wards, (ward) => {
        const { end, tries, charges } = live(ward)
        if (end === 'healed')
          expect(tries.length > 0 && (charges === 1 || ward.buyerPaysAt !== null)).toBe(true)
        if (end === 'not_healed still_failing' && tries[0]?.by === 'source') expect(charges).toBe(0)
      }),
      { numRuns: 5_000 },
    )
  })

  it('that the buyer paid otherwise is called healed only where our try took money too, and that is found out', () => {
    const seen = { healed: 0, found: 0, untouched: 0 }
    const tried = { never: false, canRetry: true, ceilingUntil: null, expiresAt: null, buyerBeganAt: null }
    fc.assert(
      fc.property(wards, (ward) => {
        const early = live({ ...ward, elsewhere: true, buyerPaysAt: START })
        expect([early.end, early.tries]).toEqual(['done paid', []])
        const { end, tries, charges, heardPaid } = live({
          ...ward,
          ...tried,
          elsewhere: true,
          buyerPaysAt: START + HEAL_AFTER + MINUTE,
        })
        if (end === 'healed') expect([charges, heardPaid]).toEqual([1, true])
        // Where the other side answers truly, money that our try took never stays unseen.
        if (charges === 1 && ward.answers.every((answer) => answer === 'true')) {
          expect(heardPaid).toBe(true)
          seen.found++
        }
        if (end === 'healed') seen.healed++
        if (tries.length > 0 && end === 'done paid') seen.untouched++
      }),
      { numRuns: 5_000 },
    )
    for (const times of Object.values(seen)) expect(times).toBeGreaterThan(20)
  })

  it('is never tried after its ladder has spoken, and what is not paid is told once, at once or when waiting is over', () => {
    let triedBefore = 0
    const why = new Map<string, number>()
    fc.assert(
      fc.property(wards, fc.boolean(), (ward, timerFirst) => {
        const { tries, told, paidAt } = live(ward)
        const order = new Ladders({ healing: true, expiresAt: null }).fails('network_timeout')
        // The events in the order of time; at one instant the ladder's timer comes first or last.
        const events = [
          ...(told ? [{ at: told.at, type: 'payment.heal_failed' }] : []),
          ...(paidAt !== null ? [{ at: paidAt, type: 'order.paid' }] : []),
        ].sort((a, b) => a.at - b.at)
        for (const { at, type } of events) {
          order.after(at - order.now - (timerFirst ? 0 : 1))
          if (!timerFirst) order.now = at
          order.event(
            type,
            {},
            type === 'order.paid' ? { status: 'paid', paidAt: at, healing: false } : { healing: false },
          )
        }
        order.after(HOUR)
        const words = order.said.filter(
          ({ effect }) => effect.kind === 'send' && effect.template === 'payment_failed_timeout',
        )
        // A try that fails at once is told in its own instant.
        for (const { at } of tries) for (const word of words) expect(at).toBeLessThanOrEqual(word.at)
        if (words.length > 0 && tries.length > 0) triedBefore++
        const turn = Math.min(told?.at ?? Number.POSITIVE_INFINITY, START + LADDER_WAITS)
        expect(words.map(({ at }) => at)).toEqual(paidAt !== null && paidAt <= turn ? [] : [turn])
        // Where nobody came late to it, the ladder heard before it lost patience, or a try was made.
        if (told && tries.length === 0) why.set(told.why, (why.get(told.why) ?? 0) + 1)
        if (tries.length === 0 && ward.jumps.every((jump) => jump <= SECOND))
          expect((told?.at ?? paidAt)! - START).toBeLessThanOrEqual(TOLD_WITHIN + 2 * SECOND)
      }),
      { numRuns: 5_000 },
    )
    expect(triedBefore).toBeGreaterThan(200)
    for (const each of ['too_late', 'undecided', 'buyer_tried_again', 'order_life'])
      expect([each, (why.get(each) ?? 0) > 0]).toEqual([each, true])
  })

  it('is over after a bounded number of looks, whatever happens', () => {
    fc.assert(
      fc.property(wards, (ward) => {
        expect(live(ward).end).toMatch(/^(healed|done|not_healed)/)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('an outcome that nobody knows', () => {
  it('is asked about at once, then on the clock of 5 min, 1 h and five days, and is never concluded', () => {
    const asked: number[] = []
    let last: { at: Instant; answer: AnswerKind; again: null } | null = null
    for (let asks = 0; ; asks++) {
      const move = unknownMove({ startedAt: START, asks, last }, { paid: false, closed: false })
      if (move.kind === 'done') break
      if (move.kind !== 'ask') throw new Error('it concluded something')
      asked.push(move.at - START)
      last = { at: move.at, answer: 'pending', again: null }
    }
    let sum = 0
    expect(asked).toEqual([0, ...UNKNOWN_CLOCK.map((distance) => (sum += distance))])
  })
})

describe('whose failure it is', () => {
  it('is the buyer’s for every class but a platform’s stumble, and for everything that must not be tried', () => {
    for (const kind of FAILURE_CLASSES) {
      for (const advice of RETRY_ADVICE) {
        const clock = clockOf({ class: kind, advice }, true)
        const hard = advice === 'NEVER' || advice === 'STOP'
        const platform = kind === 'network_timeout' || advice === 'AUTO_ONCE' || advice === 'QUERY_FIRST'
        expect([kind, advice, clock]).toEqual([kind, advice, !hard && platform ? 'platform' : 'customer'])
      }
    }
  })
  it('is only to be asked about where nobody can try again and the rail says to ask first', () => {
    expect(clockOf({ class: 'network_timeout', advice: 'QUERY_FIRST' }, false)).toBe('unknown')
    expect(clockOf({ class: 'network_timeout', advice: 'AUTO_ONCE' }, false)).toBe('customer')
  })
})
