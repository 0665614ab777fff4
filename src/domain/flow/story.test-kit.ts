import { readFileSync } from 'node:fs'
import { eventData } from '../event.ts'
import type { Instant, Millis } from '../time.ts'
import { advance, startRun } from './advance.ts'
import { type CompiledFlow, compileFlow } from './compile.ts'
import { parseDuration } from './duration.ts'
import type { Advance, Effect, FlowContext, FlowEvent, FlowOrder, NotStarted, RunState } from './run.ts'
import { validateFlow } from './validate.ts'
import { parseFlowYaml } from './yaml.ts'

/** 2026-11-22T02:00:00Z: ten in the morning in Shanghai. */
export const START: Instant = 1_795_312_800_000

export const length = (text: string): Millis => parseDuration(text)!

/** An open order of ¥128 without an expiry. */
export const openOrder: FlowOrder = {
  no: '20261122-1',
  status: 'open',
  total: { minor: 12_800, currency: 'CNY' },
  title: '季度会员',
  placedAt: START,
  paidAt: null,
  expiresAt: null,
  reservedUntil: null,
  payUrl: 'https://shop.example/pay/1',
  pageUrl: null,
  attempts: 0,
  lastFailure: null,
  toldTotal: null,
  received: [],
  paid: [],
  refunded: [],
  healing: false,
  underWay: false,
}

export function flowEvent(type: string, changes: Partial<FlowEvent> = {}): FlowEvent {
  return {
    key: `evt-${type}`,
    type,
    source: 'shop',
    time: START,
    trust: 'signed',
    data: eventData.parse({}),
    ...changes,
  }
}

export function flowContext(changes: Partial<FlowContext> = {}): FlowContext {
  return {
    order: openOrder,
    customer: { locale: 'zh-CN', timeZone: 'Asia/Shanghai', tier: null, orders: 1 },
    event: flowEvent('order.created'),
    shop: { locale: 'zh-CN', timeZone: 'Asia/Shanghai', currency: 'CNY' },
    classify: () => ({ class: 'other', advice: 'NEW_METHOD' }),
    ...changes,
  }
}

export function preset(name: string): CompiledFlow {
  const text = readFileSync(new URL(`../../../flows/${name}.yaml`, import.meta.url), 'utf8')
  const flow = parseFlowYaml(text)
  if (!flow.ok) throw new Error(JSON.stringify(flow.problems))
  return compileFlow(flow.value)
}

/** A small valid flow, changed as the test needs. */
export function flowInput(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    key: 'probe',
    family: 'probe',
    title: { zh: '试', en: 'Probe' },
    description: { zh: '试', en: 'Probe' },
    audience: 'buyer',
    purpose: 'service',
    trigger: { on: ['order.created'] },
    steps: [sendTo('mail')],
    ...changes,
  }
}

export function sendTo(id: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { id, kind: 'send', to: 'buyer', channels: ['email'], template: id, ...more }
}

export function compiled(changes: Record<string, unknown> = {}): CompiledFlow {
  const flow = validateFlow(flowInput(changes))
  if (!flow.ok) throw new Error(JSON.stringify(flow.problems))
  return compileFlow(flow.value)
}

/** What event types make of the order, as far as stories need it. */
function afterEvent(order: FlowOrder, type: string, now: Instant): FlowOrder {
  if (type === 'order.paid') return { ...order, status: 'paid', paidAt: now }
  if (type === 'payment.failed') return { ...order, status: 'payment_failed', attempts: order.attempts + 1 }
  if (type === 'order.reopened') return { ...order, status: 'payment_failed' }
  if (type === 'order.cancelled') return { ...order, status: 'cancelled' }
  if (type === 'order.expired') return { ...order, status: 'expired' }
  return order
}

/** One order, one flow and a clock that only moves when told to: the order of events as the pipeline keeps it. */
export class Story {
  readonly flow: CompiledFlow
  now: Instant = START
  order: FlowOrder
  run: RunState | null = null
  refusal: NotStarted | null = null
  /** `1h send second`: every effect with the time since the start. */
  readonly log: string[] = []
  readonly effects: Effect[] = []
  readonly trace: string[] = []
  private started: FlowEvent | null = null
  world: Partial<FlowContext>

  constructor(flow: CompiledFlow, order: Partial<FlowOrder> = {}, world: Partial<FlowContext> = {}) {
    this.flow = flow
    this.world = world
    this.order = { ...openOrder, ...order }
  }

  /** The event happens now: the order learns it, then the run, else a run is started. */
  event(type: string, changes: Partial<FlowEvent> = {}): this {
    const event = flowEvent(type, { time: this.now, key: `${type}@${this.now}`, ...changes })
    this.order = afterEvent(this.order, type, this.now)
    if (this.run?.status === 'active') {
      this.keep(advance(this.flow, this.run, { kind: 'event', event }, this.context(event), this.now))
      return this
    }
    const earlier = {
      count: this.run === null ? 0 : Number(this.run.iteration) || 1,
      active: false,
      lastStartedAt: this.run === null || this.run.stopReason === 'moved_on' ? null : this.run.startedAt,
    }
    const start = startRun(this.flow, this.context(event), { arm: 'treated', earlier }, this.now)
    this.refusal = start.kind === 'not_started' ? start : null
    if (start.kind === 'advanced') {
      this.started = event
      this.keep(start)
    }
    return this
  }

  /** Time passes; timers that fall due fire at their instant. */
  after(text: string): this {
    const end = this.now + length(text)
    while (this.run?.status === 'active' && this.run.dueAt !== null && this.run.dueAt <= end) {
      this.now = Math.max(this.now, this.run.dueAt)
      this.keep(advance(this.flow, this.run, { kind: 'timer' }, this.context(this.started), this.now))
    }
    this.now = end
    return this
  }

  /** Something about the order becomes known without an event for the run. */
  learn(changes: Partial<FlowOrder>): this {
    this.order = { ...this.order, ...changes }
    if (this.run !== null)
      this.keep(advance(this.flow, this.run, { kind: 'recheck' }, this.context(this.started), this.now))
    return this
  }

  private context(event: FlowEvent | null): FlowContext {
    return flowContext({ ...this.world, order: this.order, event })
  }

  private keep({ run, effects, trace }: Advance): void {
    this.run = run
    for (const effect of effects) {
      this.effects.push(effect)
      const what = effect.kind === 'send' ? effect.template : effect.command
      this.log.push(`${sinceStart(this.now - START)} ${effect.kind} ${what}`)
    }
    this.trace.push(...trace.map(({ stepId, code }) => `${stepId}: ${code}`))
  }
}

function sinceStart(ms: Millis): string {
  const minutes = ms / 60_000
  return minutes % 60 === 0 ? `${minutes / 60}h` : `${minutes}m`
}
