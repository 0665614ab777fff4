import { describe, expect, it } from 'vitest'
import { type Event, provesPayment } from '../../src/domain/event.ts'
import { classify as classifyBy } from '../../src/domain/failure/classify.ts'
import type { FailureClass } from '../../src/domain/failure-class.ts'
import { advance, startRun } from '../../src/domain/flow/advance.ts'
import type { CompiledFlow } from '../../src/domain/flow/compile.ts'
import type { Effect, FlowContext, FlowEvent, RunState } from '../../src/domain/flow/run.ts'
import { preset } from '../../src/domain/flow/story.test-kit.ts'
import { gate } from '../../src/domain/gate/gate.ts'
import { POLICIES } from '../../src/domain/gate/policies.ts'
import { gateInput } from '../../src/domain/gate/testing/inputs.ts'
import { factsOf } from '../../src/domain/order/event-facts.ts'
import { emptyFacts, joinFacts, type OrderFacts } from '../../src/domain/order/facts.ts'
import { type Prng, prngOf, randomHistory } from '../../src/domain/order/history.test-kit.ts'
import { type OrderView, viewOrder } from '../../src/domain/order/view.ts'
import { HOUR, type Instant, SECOND } from '../../src/domain/time.ts'
import { testRails } from '../kit/rails.ts'

const long = process.env.DINGDONG_LONG === '1'
const HISTORIES = long ? 1_000_000 : 50_000
/** The ladder of each class of failure; a sale lives with that of one of its own failures. */
const LADDERS: Readonly<Record<FailureClass, CompiledFlow>> = {
  network_timeout: preset('payment-failed-timeout'),
  wrong_details: preset('payment-failed-details'),
  authentication_needed: preset('payment-failed-authentication'),
  insufficient_funds: preset('payment-failed-funds'),
  expired_card: preset('payment-failed-expired-card'),
  risk_block: preset('payment-failed-risk'),
  other: preset('payment-failed-other'),
}
const { paidOrder, ...OTHERS } = POLICIES
const SHOP = { locale: 'zh-CN', timeZone: 'Asia/Shanghai', currency: 'CNY' }

interface Tally {
  /** Messages that were handed over, and those that the gate stopped because the order was paid. */
  sent: number
  stopped: number
  /** Effects wanted although the facts knew of the payment, and messages sent although its marker stood. */
  effectsAfterPaid: number
  sentAfterPaid: number
}

/** What waits for its gate. */
interface Waiting {
  readonly effect: Effect
  readonly dueAt: Instant
}

/**
 * One sale, as the pipeline would live through it: an arrival commits its marker at once (intake), is applied some
 * time later and perhaps with others (decide), timers fire when they are due, and gates come when they come.
 */
class Sale {
  readonly random: Prng
  readonly tally: Tally
  readonly policies: readonly (typeof paidOrder)[]
  readonly flow: CompiledFlow
  facts: OrderFacts = emptyFacts()
  view: OrderView | null = null
  run: RunState | null = null
  runs = 0
  lastStartedAt: Instant | null = null
  marked = false
  waiting: Waiting[] = []
  pending: Event[] = []

  constructor(random: Prng, tally: Tally, policies: readonly (typeof paidOrder)[], flow: CompiledFlow) {
    this.random = random
    this.flow = flow
    this.tally = tally
    this.policies = policies
  }

  live(arrivals: readonly Event[]): void {
    let now = arrivals[0]!.receivedAt
    for (const event of arrivals) {
      now = Math.max(now, event.receivedAt)
      this.fireUntil(now)
      if (provesPayment(event)) this.marked = true
      this.pending.push(event)
      // Just after the marker, and before anything has been applied, is when a gate hurts most.
      if (this.random() < 0.3) this.gates(now)
      if (this.random() < 0.6) this.decide(now)
      if (this.random() < 0.6) this.gates(now)
    }
    this.decide(now)
    this.fireUntil(now + 30 * HOUR)
    this.gates(now + 30 * HOUR)
  }

  /** Timers that come due before `until`; a payment may already be known and not applied. */
  fireUntil(until: Instant): void {
    while (this.run?.dueAt != null && this.run.dueAt <= until) {
      const at = this.run.dueAt
      this.moveOn({ kind: 'timer' }, null, at)
      if (this.random() < 0.8) this.gates(at + Math.floor(this.random() * SECOND))
    }
  }

  decide(now: Instant): void {
    if (this.pending.length === 0) return
    const events = this.pending
    this.pending = []
    for (const event of events) this.facts = joinFacts(this.facts, factsOf(event))
    this.view = viewOrder(this.facts)
    this.moveOn({ kind: 'recheck' }, null, now)
    for (const event of events) {
      const seen = flowEvent(event)
      this.moveOn({ kind: 'event', event: seen }, seen, now)
      if (event.trust === 'browser' || !this.flow.events.has(event.type)) continue
      const earlier = {
        count: this.runs,
        active: this.run?.status === 'active',
        lastStartedAt: this.lastStartedAt,
      }
      const result = startRun(this.flow, this.context(seen), { arm: 'treated', earlier }, now)
      if (result.kind === 'not_started') continue
      this.runs++
      this.lastStartedAt = now
      this.take(result.run, result.effects, now)
    }
  }

  moveOn(cause: Parameters<typeof advance>[2], event: FlowEvent | null, now: Instant): void {
    if (this.run?.status !== 'active') return
    const { run, effects } = advance(this.flow, this.run, cause, this.context(event), now)
    this.take(run, effects, now)
  }

  take(run: RunState, effects: readonly Effect[], now: Instant): void {
    this.run = run
    if (this.view?.paidAt != null) this.tally.effectsAfterPaid += effects.length
    for (const effect of effects) this.waiting.push({ effect, dueAt: now })
  }

  gates(now: Instant): void {
    const waiting = this.waiting
    this.waiting = []
    for (const { effect, dueAt } of waiting) {
      const input = gateInput({
        now,
        message: {
          channel: 'email',
          dueAt,
          expiresAt: effect.expiresAt,
          stopsWhenPaid: effect.stopsWhenPaid,
          stopsWhenClosed: effect.stopsWhenClosed,
        },
        order: { paid: this.marked, closed: null, expiresAt: this.view?.expiresAt ?? null },
        quiet: [],
      })
      const verdict = gate(input, this.policies)
      if (verdict.kind === 'send') {
        this.tally.sent++
        if (this.marked) this.tally.sentAfterPaid++
      } else if (verdict.kind === 'drop' && verdict.reasons.includes('paid')) this.tally.stopped++
    }
  }

  context(event: FlowEvent | null): FlowContext {
    return { order: this.view, customer: { locale: null, timeZone: null }, event, shop: SHOP, classify }
  }
}

const classes = new Map<string, ReturnType<FlowContext['classify']>>()

/** No code of these histories changes its meaning with the days, so each is looked up once. */
const classify: FlowContext['classify'] = (failure) => {
  const name = `${failure.rail} ${failure.code} ${failure.declineCode}`
  const known = classes.get(name) ?? classifyBy(testRails.table, failure, failure.at)
  classes.set(name, known)
  return known
}

/** By one of the failures that were told, whichever chance names. */
function ladderFor(random: Prng, arrivals: readonly Event[]): CompiledFlow {
  const payments = arrivals.flatMap(({ data }) => (data.payment?.failure ? [data.payment] : []))
  const one = payments[Math.floor(random() * payments.length)]
  if (!one?.failure) return LADDERS.other
  const { code, declineCode = null } = one.failure
  const codes = { code, declineCode, adviceCode: null, networkCode: null, networkAdviceCode: null }
  return LADDERS[classify({ ...codes, rail: one.rail ?? null, scheme: null, method: null, at: 0 }).class]
}

function flowEvent({ key, type, source, time, trust, data }: Event): FlowEvent {
  return { key, type, source, time, trust, data }
}

function play(histories: number, policies: readonly (typeof paidOrder)[], seed: number): Tally {
  const tally: Tally = { sent: 0, stopped: 0, effectsAfterPaid: 0, sentAfterPaid: 0 }
  const random = prngOf(seed)
  for (let number = 1; number <= histories; number++) {
    const { arrivals } = randomHistory(random, { number })
    new Sale(random, tally, policies, ladderFor(random, arrivals)).live(arrivals)
  }
  return tally
}

describe('no reminder leaves after the payment is known', () => {
  it(
    `in ${HISTORIES} random order histories through the pure rules`,
    () => {
      const started = performance.now()
      const tally = play(HISTORIES, Object.values(POLICIES), 1)
      console.log(`${HISTORIES} histories, ${Math.round(performance.now() - started)} ms:`, tally)
      expect(tally.effectsAfterPaid).toBe(0)
      expect(tally.sentAfterPaid).toBe(0)
      // Both must have happened often, or nothing was proven.
      expect(tally.sent).toBeGreaterThan(HISTORIES / 10)
      expect(tally.stopped).toBeGreaterThan(HISTORIES / 500)
    },
    long ? 1_800_000 : 60_000,
  )

  it('which a gate without the policy of the paid order would break', () => {
    const tally = play(2_000, Object.values(OTHERS), 1)
    expect(tally.sentAfterPaid).toBeGreaterThan(0)
  })
})
