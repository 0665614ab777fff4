import fc from 'fast-check'
import { expect, it } from 'vitest'
import { testRails } from '../../test/kit/rails.ts'
import type { CardTryRow } from '../db/card-tries.ts'
import type { InquiryRow } from '../db/inquiries.ts'
import type { Event } from '../domain/event.ts'
import { NO_OVERRIDES } from '../domain/failure/classify.ts'
import { HEAL_AFTER } from '../domain/healing/platform.ts'
import { retryRules } from '../domain/healing/rules.ts'
import { railOfSource } from '../domain/inquiry/rails.ts'
import { factsOf } from '../domain/order/event-facts.ts'
import { emptyFacts, joinFacts } from '../domain/order/facts.ts'
import { viewOrder } from '../domain/order/view.ts'
import { DAY, HOUR, type Instant, MINUTE, SECOND } from '../domain/time.ts'
import { beginInquiries } from './begin-inquiries.ts'
import { cardTriesIn } from './card-tries.ts'
import { type Case, moveOf, verdictOn } from './inquiry-case.ts'
import type { ShopConfig } from './shop-config.ts'

// Orders that share cards, two workers whose reading is old, a clock that jumps both ways, answers that are lost: the
// functions that decide in the program, around a table in memory. What the card's lock gives is that counting the tries
// once more and writing ours down is one step.

const START: Instant = Date.parse('2026-11-23T02:00:00Z')

/** What a try was answered, in Stripe's words, and whether its card may ever be tried again. */
const ANSWERS = {
  stumbled: { code: 'card_declined', declineCode: 'processing_error' },
  no_answer: { code: 'card_declined', declineCode: 'issuer_not_available' },
  hard: { code: 'card_declined', declineCode: 'stolen_card' },
  mac_03: { code: 'card_declined', declineCode: 'processing_error', networkAdviceCode: '03' },
  funds: { code: 'card_declined', declineCode: 'insufficient_funds' },
} as const
type Answer = keyof typeof ANSWERS
const HARD: ReadonlySet<Answer> = new Set(['hard', 'mac_03'])

interface Merchant {
  readonly scheme: 'mastercard' | 'visa' | undefined
  readonly country: 'DE' | 'BR'
  readonly source: 'stripe' | 'epay'
  readonly byShop: 'never' | 'ask'
  readonly cardKnown: boolean
}

const merchants: fc.Arbitrary<Merchant> = fc.record({
  scheme: fc.constantFrom('mastercard', 'mastercard', 'visa', undefined),
  country: fc.constantFrom('DE', 'BR'),
  source: fc.constantFrom('stripe', 'stripe', 'stripe', 'stripe', 'epay'),
  byShop: fc.constantFrom('never', 'ask'),
  cardKnown: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
})

const answer = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom<Answer>('stumbled', 'stumbled', 'no_answer') },
  { weight: 1, arbitrary: fc.constantFrom<Answer>('hard', 'mac_03', 'funds') },
)
const order = fc.nat(19)
const act = fc.oneof(
  // Most of all new failures: by the buyer, by the shop's other programs, on whatever order.
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('fails' as const), order, answer }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('read' as const), order }) },
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('work' as const),
      order,
      /** Right after a failure: a healing that is looked at minutes later is over. */
      fresh: fc.boolean(),
      /** How many looks at once, two minutes apart at first. */
      looks: fc.constantFrom(1, 4, 4),
      fares: fc.constantFrom('paid', 'declined', 'declined', 'declined', 'lost', 'refused'),
      answer,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('clock' as const),
      jump: fc.oneof(
        { weight: 8, arbitrary: fc.constantFrom(SECOND, MINUTE, HEAL_AFTER, HEAL_AFTER, 5 * MINUTE) },
        { weight: 2, arbitrary: fc.constantFrom(HOUR, DAY - 1, DAY, DAY + 1, 30 * DAY) },
        { weight: 2, arbitrary: fc.integer({ min: -DAY, max: 0 }) },
      ),
    }),
  },
)
type Act = typeof act extends fc.Arbitrary<infer T> ? T : never

interface Tried {
  readonly at: Instant
  readonly card: string
  readonly answer: Answer | null
  readonly ours: boolean
}

/** Two cards for all orders. */
const cardOf = (n: number) => (n % 4 === 0 ? 'fp_2' : 'fp_1')

class Shop {
  now = START
  /** What really happened at the bank. */
  readonly tried: Tried[] = []
  readonly charges = new Map<number, number>()
  private readonly store = new Map<string, CardTryRow>()
  private readonly facts = new Map<number, ReturnType<typeof emptyFacts>>()
  private readonly rows = new Map<number, InquiryRow>()
  /** Readings that somebody still works with. */
  private readonly readings = new Map<number, readonly CardTryRow[]>()
  private readonly merchant: Merchant
  private readonly config: ShopConfig
  private readonly rules
  private payments = 0

  constructor(merchant: Merchant) {
    this.merchant = merchant
    this.rules = retryRules(
      { table: testRails.table, overrides: NO_OVERRIDES },
      testRails.ceilings,
      merchant.country,
    )
    const asked = {
      id: 'conn',
      source: { actions: { retry_payment: () => {} } },
      settings: {},
      rules: railOfSource(merchant.source),
    }
    this.config = {
      countsTries: true,
      asked: [asked],
      accounts: new Map(merchant.byShop === 'ask' ? [['command', [{}]]] : []),
      settings: { retries: { byShop: merchant.byShop } },
    } as unknown as ShopConfig
  }

  private get retrying() {
    return { rules: this.rules, byUs: 'once' as const, byShop: this.merchant.byShop }
  }
  private onCard = (token: string | null): readonly CardTryRow[] =>
    [...this.store.values()].filter(({ card }) => card.toString() === token)
  private keep = (row: CardTryRow) => this.store.set(`${row.card} ${row.payment}`, row)

  /** A try failed, and its rail tells of it. */
  fails(n: number, said: Answer, ours = false): void {
    const card = cardOf(n)
    if (!ours) this.tried.push({ at: this.now, card, answer: said, ours })
    const { scheme, cardKnown } = this.merchant
    const event = {
      key: `e${++this.payments}`,
      type: 'payment.failed',
      trust: 'signed',
      connection: 'conn',
      time: this.now,
      receivedAt: this.now,
      data: {
        refs: [],
        payment: {
          id: `ch_${this.payments}`,
          rail: this.merchant.source,
          ...(scheme ? { scheme } : {}),
          ...(cardKnown ? { card } : {}),
          amount: { minor: 1_999, currency: 'EUR' },
          failure: ANSWERS[said],
        },
      },
    } as unknown as Event
    for (const row of cardTriesIn(
      this.rules,
      { index: (_: string, token: string) => Buffer.from(token) } as never,
      [event],
    ))
      this.keep(row)
    const facts = joinFacts(this.facts.get(n) ?? emptyFacts(), factsOf(event))
    const folded = { facts, view: viewOrder(facts) }
    const retrying = { ...this.retrying, onCard: this.onCard }
    const begun = beginInquiries(this.config, retrying, { id: `o${n}` as never, events: [event] }, folded, {
      now: this.now,
      restoredAt: null,
    })
    this.facts.set(n, begun.facts)
    for (const { kind, startedAt, payment } of begun.start) {
      if (kind !== 'platform') continue
      this.rows.set(n, {
        kind,
        started_at: startedAt,
        payment,
        asks: 0,
        asked_at: null,
        act_at: null,
        concluded_at: null,
      } as InquiryRow)
    }
  }

  read = (n: number) => void this.readings.set(n, this.onCard(cardOf(n)))

  live(act: Extract<Act, { kind: 'work' }>): void {
    for (let look = 0; look < act.looks; look++) {
      if (look === 1) this.now += HEAL_AFTER
      this.work(act.order, act)
    }
    this.readings.delete(act.order)
  }

  /** One look at a healing, with what was read of its card some time ago. */
  private work(n: number, { fares, answer: said }: Extract<Act, { kind: 'work' }>): void {
    const row = this.rows.get(n)
    if (!row || row.due_at === null) return
    const facts = this.facts.get(n)!
    const paid = (this.charges.get(n) ?? 0) > 0
    const one = {
      row,
      facts,
      view: viewOrder(facts),
      paid,
      asked: this.config.asked[0]!,
      canAskShop: this.merchant.byShop === 'ask',
      retrying: this.retrying,
      onCard: this.readings.get(n) ?? this.onCard(cardOf(n)),
    } as unknown as Case
    const move = moveOf(one, this.now)
    if (move.kind === 'ask') {
      if (move.at > this.now) return
      this.set(n, { asks: row.asks + 1, asked_at: this.now, answer: paid ? 'paid' : 'failed' })
    } else if (move.kind === 'retry') this.try(n, one, move.by, fares, said)
    else this.set(n, { due_at: null })
  }

  private set = (n: number, known: Partial<InquiryRow>) =>
    this.rows.set(n, { ...this.rows.get(n)!, ...known })

  private try(n: number, one: Case, by: 'source' | 'shop', fares: string, said: Answer): void {
    const card = cardOf(n)
    const counted = { ...one, onCard: this.onCard(card) }
    const verdict = verdictOn(counted, this.now)
    if (verdict.kind === 'never' || verdict.notBefore > this.now) {
      this.read(n)
      return
    }
    const planned = {
      card: Buffer.from(card),
      payment: `dingdong:${n}`,
      at: this.now,
      amount: { minor: 1_999, currency: 'EUR' },
      networkCode: null,
      networkAdviceCode: null,
      advice: 'AUTO_ONCE' as const,
    }
    this.keep(planned)
    const refused = fares === 'refused' && by === 'source'
    const known = fares === 'paid' || fares === 'declined' || refused
    const outcome = by === 'shop' || !known ? 'unknown' : refused ? 'refused' : 'done'
    this.set(n, { act_at: this.now, act_by: by, act_outcome: outcome, act_code: 'method_not_saved' })
    if (refused) {
      this.store.delete(`${planned.card} ${planned.payment}`)
      return
    }
    this.tried.push({ at: this.now, card, answer: fares === 'declined' ? said : null, ours: true })
    if (fares === 'paid') this.charges.set(n, (this.charges.get(n) ?? 0) + 1)
    if (fares === 'declined') this.fails(n, said, true)
  }
}

/** The schemes' documents once more, and more simply than the program reads them (rails/ceilings.yaml has the sources). */
function broken(
  { scheme, country, source, cardKnown }: Merchant,
  tried: readonly Tried[],
): readonly string[] {
  const faults: string[] = []
  for (const [n, mine] of tried.entries()) {
    if (!mine.ours) continue
    if (!cardKnown || source !== 'stripe') faults.push('elsewhere unknown')
    const before = tried.slice(0, n).filter(({ card }) => card === mine.card)
    const fullest = (span: number, list: readonly Tried[]) => {
      const all = [...list, mine]
      const starts = all.filter(({ at }) => at <= mine.at && mine.at <= at + span)
      return Math.max(
        ...starts.map((start) => all.filter(({ at }) => start.at <= at && at <= start.at + span).length),
      )
    }
    if (scheme !== 'visa' && fullest(DAY, before) > (country === 'BR' ? 7 : 10)) faults.push('mastercard day')
    if (scheme !== 'visa' && fullest(30 * DAY, before) > 35) faults.push('mastercard month')
    if (scheme !== 'mastercard' && fullest(30 * DAY, before) > 21) faults.push('visa month')
    if (before.some((each) => each.answer === 'hard')) faults.push('hard decline')
    if (scheme !== 'visa' && before.some((each) => each.answer === 'mac_03')) faults.push('told never again')
    if (HARD.has(before.at(-1)?.answer ?? 'stumbled') && scheme !== 'visa')
      faults.push('after a hard decline')
  }
  return faults
}

it('orders that share cards never try one beyond a ceiling, after a hard decline, or uncounted, nor charge twice', () => {
  let made = 0
  let atCeiling = 0
  fc.assert(
    fc.property(merchants, fc.array(act, { minLength: 80, maxLength: 200 }), (merchant, acts) => {
      const shop = new Shop(merchant)
      for (const each of acts) {
        if (each.kind === 'fails') shop.fails(each.order, each.answer)
        if (each.kind === 'read') shop.read(each.order)
        if (each.kind === 'work' && each.fresh) shop.fails(each.order, 'stumbled')
        if (each.kind === 'work') shop.live(each)
        if (each.kind === 'clock') shop.now = Math.max(START - DAY, shop.now + each.jump)
      }
      expect(broken(merchant, shop.tried)).toEqual([])
      expect([...shop.charges.values()].every((charged) => charged <= 1)).toBe(true)
      const ours = shop.tried.filter((each) => each.ours)
      made += ours.length
      if (ours.length > 0 && shop.tried.length > 10) atCeiling++
    }),
    { numRuns: process.env.DINGDONG_LONG === '1' ? 20_000 : 600 },
  )
  // The histories did lead somewhere.
  expect(made).toBeGreaterThan(150)
  expect(atCeiling).toBeGreaterThan(100)
})
