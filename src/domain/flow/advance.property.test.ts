import fc from 'fast-check'
import { expect, test } from 'vitest'
import { eventData } from '../event.ts'
import { advance, startRun } from './advance.ts'
import { type CompiledFlow, compileFlow } from './compile.ts'
import { flowSchema } from './flow.ts'
import type { Advance, Cause, FlowContext, FlowOrder, RunState } from './run.ts'
import { flowContext, flowEvent, flowInput, length, openOrder, START } from './story.test-kit.ts'
import { validateFlow } from './validate.ts'

const runs = { numRuns: process.env.DINGDONG_LONG === '1' ? 100_000 : 1_500 }
const FRESH = { arm: 'treated' as const, earlier: { count: 0, active: false, lastStartedAt: null } }
const STEPS = 7

// Ways are drawn as numbers and land on any step, so that circles are as likely as ladders.
const way = fc.option(fc.nat(STEPS - 1), { nil: undefined, freq: 2 })
const lengthText = fc.constantFrom('0s', '1m', '1h', '10h')
type Drawn = Record<string, unknown> & { readonly kind: string }
const calm = fc.oneof(
  fc.record({ kind: fc.constant('send'), next: way, role: fc.boolean() }),
  // biome-ignore lint/suspicious/noThenProperty: a step id, never a function
  fc.record({ kind: fc.constant('branch'), then: way, else: way }),
  // biome-ignore lint/suspicious/noThenProperty: the ways of its two arms
  fc.record({ kind: fc.constant('split'), then: way, else: way }),
  fc.record({ kind: fc.constant('wait'), for: lengthText, next: way }),
  fc.record({ kind: fc.constant('wait'), until: fc.constantFrom('now', 'order.placedAt'), next: way }),
  fc.record({ kind: fc.constant('act'), next: way }),
  fc.record({ kind: fc.constant('stop') }),
) as fc.Arbitrary<Drawn>
const any = fc.oneof(
  { arbitrary: calm, weight: 4 },
  {
    arbitrary: fc.record({
      kind: fc.constant('waitFor'),
      timeout: fc.constantFrom('1m', '5h'),
      onTimeout: fc.nat(STEPS - 1),
      next: way,
    }),
    weight: 2,
  },
  {
    arbitrary: fc.record({ kind: fc.constant('wait'), for: lengthText, ifTooLate: way, next: way }),
    weight: 1,
  },
  {
    arbitrary: fc.record({
      kind: fc.constant('cascade'),
      mode: fc.constantFrom('sequential', 'parallel', 'cheapest'),
      maxGap: fc.constantFrom('10m', '3h'),
      acted: way,
      next: way,
    }),
    weight: 2,
  },
) as fc.Arbitrary<Drawn>

/** Turns drawn steps into a flow without unreachable steps; branch `s3` goes by `extra.s3`, split `s3` by the same choice. */
function build(drawn: readonly Drawn[], changes: Record<string, unknown> = {}): Record<string, unknown> {
  const name = (to: unknown) => (typeof to === 'number' ? `s${to % drawn.length}` : undefined)
  const steps = drawn.map(({ role, ...step }, at) => {
    const made: Record<string, unknown> = { ...step, id: `s${at}` }
    for (const field of ['next', 'then', 'else', 'onTimeout', 'ifTooLate', 'acted'])
      if (field in step) made[field] = name(step[field])
    if (step.kind === 'send')
      Object.assign(made, { to: role ? { role: 'operator' } : 'buyer', channels: ['email'], template: 'x' })
    if (step.kind === 'cascade') Object.assign(made, { channels: ['email', 'inbox', 'sms'], template: 'x' })
    if (step.kind === 'branch') made.when = `has(extra.s${at}) && extra.s${at}`
    if (step.kind === 'act') made.command = 'cancel_order'
    if (step.kind === 'waitFor') made.event = ['link.clicked']
    return JSON.parse(JSON.stringify(made)) as Record<string, unknown>
  })
  return flowInput({
    purpose: 'reminder',
    stopWhen: ['paid'],
    steps: reachable(steps).map(withArms),
    ...changes,
  })
}

const forks = (kind: unknown) => kind === 'branch' || kind === 'split'

function withArms(step: Record<string, unknown>): Record<string, unknown> {
  if (step.kind !== 'split') return step
  const arms = [
    { name: 'a', share: 50, next: step.then },
    { name: 'b', share: 50, next: step.else },
  ]
  return JSON.parse(JSON.stringify({ id: step.id, kind: 'split', experiment: step.id, arms }))
}

/** Drops what nothing leads to, naming the ways that dropping would bend. */
function reachable(steps: readonly Record<string, unknown>[]): Record<string, unknown>[] {
  const ids = steps.map((step) => step.id)
  const following = ['next', 'then', 'else']
  const seen = new Set([0])
  for (const at of seen) {
    const step = steps[at]!
    if (step.kind === 'stop') continue
    const fields = forks(step.kind) ? ['then', 'else'] : ['next', 'onTimeout', 'ifTooLate', 'acted']
    for (const field of fields) {
      const to =
        step[field] === undefined ? (following.includes(field) ? at + 1 : -1) : ids.indexOf(step[field])
      if (to >= 0 && to < steps.length) seen.add(to)
    }
  }
  return steps.flatMap((step, at) => {
    if (!seen.has(at)) return []
    const explicit: Record<string, unknown> = {}
    const fields = forks(step.kind) ? ['then', 'else'] : step.kind === 'stop' ? [] : ['next']
    for (const field of fields)
      if (step[field] === undefined && at + 1 < steps.length) explicit[field] = `s${at + 1}`
    return [{ ...step, ...explicit }]
  })
}

/** What happens to a run: time passes and a timer, an event or a change of the order arrives. */
interface Happening {
  readonly passes: number
  readonly what: 'timer' | 'click' | 'failed' | 'recheck' | 'paid'
  /** New expiry after the start; `null` leaves it as it is. */
  readonly expiry: number | null
}
const happening: fc.Arbitrary<Happening> = fc.record({
  passes: fc.oneof(fc.nat(length('20m')), fc.nat(length('12h'))),
  what: fc.constantFrom('timer', 'timer', 'timer', 'click', 'failed', 'recheck', 'paid'),
  expiry: fc.option(fc.nat(length('2d')), { freq: 2 }),
})

interface Moment {
  readonly now: number
  readonly order: FlowOrder
  readonly result: Advance
}

/** Plays the happenings; returns each advance with the order it saw. */
function play(flow: CompiledFlow, choices: readonly boolean[], happenings: readonly Happening[]): Moment[] {
  const extra = Object.fromEntries(choices.map((choice, at) => [`s${at}`, choice]))
  const data = eventData.parse({ extra })
  let now = START
  let order: FlowOrder = openOrder
  const draw = (experiment: string, arm: string) =>
    new Uint8Array(32).fill((arm === 'a') === choices[Number(experiment.slice(1))] ? 255 : 1)
  const context = (): FlowContext => flowContext({ order, event: flowEvent('order.created', { data }), draw })
  const begun = startRun(flow, context(), FRESH, now)
  if (begun.kind !== 'advanced') return []
  const moments: Moment[] = [{ now, order, result: begun }]
  let run: RunState = begun.run
  for (const { passes, what, expiry } of happenings) {
    now += passes
    if (expiry !== null) order = { ...order, expiresAt: START + expiry }
    if (what === 'paid') order = { ...order, status: 'paid', paidAt: order.paidAt ?? now }
    const event = what === 'click' ? 'link.clicked' : 'payment.failed'
    const cause: Cause =
      what === 'timer' || what === 'recheck'
        ? { kind: what }
        : { kind: 'event', event: flowEvent(what === 'paid' ? 'order.paid' : event, { data }) }
    // A run crosses the database between two advances.
    const stored = JSON.parse(JSON.stringify(run)) as RunState
    const result = advance(flow, stored, cause, context(), now)
    expect(advance(flow, stored, cause, context(), now), 'the same inputs give the same answer').toEqual(
      result,
    )
    run = result.run
    moments.push({ now, order, result })
  }
  return moments
}

const drawnFlow = fc.array(any, { minLength: 1, maxLength: STEPS })
const choices = fc.array(fc.boolean(), { minLength: STEPS, maxLength: STEPS })
const happenings = fc.array(happening, { maxLength: 25 })

test('after the payment is known no effect leaves and the run is over, whatever the flow and the order of things', () => {
  let paidWhileActive = 0
  fc.assert(
    fc.property(drawnFlow, choices, happenings, (drawn, picks, happens) => {
      const valid = validateFlow(build(drawn))
      fc.pre(valid.ok)
      let active = false
      for (const { order, result } of play(compileFlow(valid.value), picks, happens)) {
        if (order.paidAt !== null) {
          if (active) paidWhileActive++
          expect(result.effects).toEqual([])
          expect(result.run.status).not.toBe('active')
        }
        active = result.run.status === 'active'
      }
    }),
    runs,
  )
  // Payments that never met a running flow would prove nothing.
  expect(paidWhileActive).toBeGreaterThan(runs.numRuns / 20)
})

test('nothing is said to the buyer at or after the order’s expiry, and what is said ends with it', () => {
  let limited = 0
  fc.assert(
    fc.property(drawnFlow, choices, happenings, (drawn, picks, happens) => {
      const valid = validateFlow(build(drawn))
      fc.pre(valid.ok)
      for (const { now, order, result } of play(compileFlow(valid.value), picks, happens))
        for (const effect of result.effects) {
          if (effect.kind !== 'send' || effect.to.kind !== 'buyer' || order.expiresAt === null) continue
          limited++
          expect(now).toBeLessThan(order.expiresAt)
          expect(effect.expiresAt).toBeLessThanOrEqual(order.expiresAt)
        }
    }),
    runs,
  )
  // About one in 40; fewer than one in 500 would prove nothing.
  expect(limited).toBeGreaterThan(runs.numRuns / 500)
})

test('no two effects of a run share a dedupe key, and an active run always knows when it is next due', () => {
  fc.assert(
    fc.property(drawnFlow, choices, happenings, (drawn, picks, happens) => {
      const valid = validateFlow(build(drawn))
      fc.pre(valid.ok)
      const moments = play(compileFlow(valid.value), picks, happens)
      const keys = moments.flatMap(({ result }) => result.effects.map(({ dedupe }) => JSON.stringify(dedupe)))
      expect(new Set(keys).size).toBe(keys.length)
      for (const { now, result } of moments) {
        const { status, dueAt, stepId } = result.run
        expect(dueAt === null).toBe(status !== 'active')
        expect(stepId === null).toBe(status !== 'active')
        if (result.trace.length > 0 && dueAt !== null) expect(dueAt).toBeGreaterThan(now)
      }
    }),
    runs,
  )
})

test('a flow that passes validation never runs into the step limit of one advance', () => {
  fc.assert(
    fc.property(drawnFlow, choices, happenings, (drawn, picks, happens) => {
      const valid = validateFlow(build(drawn))
      fc.pre(valid.ok)
      for (const { result } of play(compileFlow(valid.value), picks, happens))
        expect(result.run.stopReason).not.toBe('step_limit')
    }),
    runs,
  )
})

test('a flow refused for a circle really would run round in it for some answers of its branches', () => {
  let circles = 0
  fc.assert(
    fc.property(fc.array(calm, { minLength: 1, maxLength: STEPS }), (drawn) => {
      const input = build(drawn)
      const valid = validateFlow(input)
      fc.pre(!valid.ok)
      for (const { problem } of valid.problems) expect(problem).toContain('run in a circle')
      circles++
      const flow = compileFlow(flowSchema.parse(input))
      const timers: Happening[] = Array.from({ length: 30 }, () => ({
        passes: length('10h'),
        what: 'timer',
        expiry: null,
      }))
      const branches = drawn.flatMap(({ kind }, at) => (forks(kind) ? [at] : []))
      const found = Array.from({ length: 2 ** branches.length }, (_, bits) => {
        const picks = Array.from(
          { length: STEPS },
          (_, at) => ((bits >> Math.max(0, branches.indexOf(at))) & 1) === 1,
        )
        return play(flow, picks, timers).some(({ result }) => result.run.stopReason === 'step_limit')
      })
      expect(found).toContain(true)
    }),
    { numRuns: Math.ceil(runs.numRuns / 5) },
  )
  expect(circles).toBeGreaterThan(0)
})
