import { readdirSync } from 'node:fs'
import { FAILURE_CLASSES, type FailureClass } from '../failure-class.ts'
import type { Channel } from '../message.ts'
import type { Instant } from '../time.ts'
import { advance, startRun } from './advance.ts'
import type { Effect, FlowContext, FlowEvent, FlowFailure, FlowOrder, RunState } from './run.ts'
import { flowContext, flowEvent, openOrder, preset, START } from './story.test-kit.ts'

const NAMES = readdirSync(new URL('../../../flows/', import.meta.url))
  .filter((file) => file.startsWith('payment-failed-'))
  .map((file) => file.replace('.yaml', ''))
  .sort()

/** The ladder of each class, by class, as its own `while` names it. */
export const LADDERS = new Map(
  NAMES.map((name) => {
    const flow = preset(name)
    const named = FAILURE_CLASSES.filter((each) => flow.flow.while?.includes(`"${each}"`))
    return [named.join(), flow] as const
  }),
)

export interface Said {
  readonly at: Instant
  readonly flow: string
  readonly effect: Effect
}

/** One order and all ladders at once, worked as `pipeline/decide.ts` and `pipeline/timers.ts` work them. */
export class Ladders {
  now: Instant = START
  order: FlowOrder
  runs: { readonly event: FlowEvent; run: RunState }[] = []
  readonly said: Said[] = []
  private failures = 0
  private readonly news = new Map<string, FlowEvent>()
  private readonly reach: readonly Channel[]

  constructor(order: Partial<FlowOrder> = {}, reach: readonly Channel[] = ['email']) {
    this.reach = reach
    this.order = { ...openOrder, ...order }
  }

  /** `minutes: template` of everything said so far. */
  get log(): string[] {
    return this.said.map(({ at, effect }) => {
      const what = effect.kind === 'send' ? effect.template : effect.command
      return `${(at - START) / 60_000}m ${what.replace('payment_failed_', '')}`
    })
  }

  get active() {
    return this.runs.filter(({ run }) => run.status === 'active')
  }

  fails(failureClass: FailureClass): this {
    this.failures++
    const lastFailure: FlowFailure = {
      // Tables are tested elsewhere: here the code is the class.
      code: failureClass,
      declineCode: null,
      adviceCode: null,
      networkCode: null,
      networkAdviceCode: null,
      scheme: null,
      rail: 'stripe',
      method: 'card',
      at: this.now,
    }
    this.order = { ...this.order, attempts: this.order.attempts + 1, lastFailure }
    if (this.order.paidAt === null) this.order = { ...this.order, status: 'payment_failed' }
    return this.event('payment.failed', { key: `failure-${this.failures}` })
  }

  event(type: string, changes: Partial<FlowEvent> = {}, learnt: Partial<FlowOrder> = {}): this {
    this.order = { ...this.order, ...learnt }
    const event = flowEvent(type, { time: this.now, key: `${type}@${this.now}`, ...changes })
    this.recheck()
    this.news.set(event.key, event)
    for (const each of this.active) this.move(each, { kind: 'event', event })
    for (const flow of LADDERS.values()) {
      const own = this.runs.filter(({ run }) => run.flow === flow.flow.key)
      const stayed = own.filter(({ run }) => run.stopReason !== 'moved_on')
      const earlier = {
        count: own.length,
        active: own.some(({ run }) => run.status === 'active'),
        lastStartedAt: stayed.length === 0 ? null : Math.max(...stayed.map(({ run }) => run.startedAt)),
      }
      const result = startRun(flow, this.context(event), { arm: 'treated', earlier }, this.now)
      if (result.kind === 'not_started') continue
      this.runs.push({ event, run: result.run })
      this.keep(result.run.flow, result.effects)
    }
    return this
  }

  /** Something about the order becomes known. */
  learn(changes: Partial<FlowOrder>): this {
    this.order = { ...this.order, ...changes }
    this.recheck()
    return this
  }

  after(ms: number): this {
    const end = this.now + ms
    for (;;) {
      const due = this.active
        .filter(({ run }) => run.dueAt! <= end)
        .sort((a, b) => a.run.dueAt! - b.run.dueAt!)
      const next = due[0]
      if (next === undefined) break
      this.now = Math.max(this.now, next.run.dueAt!)
      const { heard, waitingFor } = next.run
      const news = heard && waitingFor?.includes(heard.type) ? this.news.get(heard.key) : undefined
      this.move(next, news ? { kind: 'event', event: news } : { kind: 'timer' })
    }
    this.now = end
    return this
  }

  private recheck(): void {
    for (const each of this.active) this.move(each, { kind: 'recheck' })
  }

  private move(each: Ladders['runs'][number], cause: Parameters<typeof advance>[2]): void {
    const flow = [...LADDERS.values()].find(({ flow }) => flow.key === each.run.flow)!
    const event = cause.kind === 'event' ? cause.event : each.event
    // A run crosses the database between two advances.
    const stored = JSON.parse(JSON.stringify(each.run)) as RunState
    const { run, effects } = advance(flow, stored, cause, this.context(event), this.now)
    each.run = run
    this.keep(run.flow, effects)
  }

  private keep(flow: string, effects: readonly Effect[]): void {
    for (const effect of effects) this.said.push({ at: this.now, flow, effect })
  }

  private context(event: FlowEvent): FlowContext {
    const classify: FlowContext['classify'] = ({ code }) => ({ class: code as FailureClass, advice: 'LATER' })
    return { ...flowContext({ order: this.order, event, reach: this.reach }), classify }
  }
}
