import { expect, test } from 'vitest'
import { eventData } from '../event.ts'
import { compileExpression, evaluateInstant, type Gives, holds } from './condition.ts'
import { buildFacts, type ParamValues, paramFacts } from './facts.ts'
import { say } from './problems.ts'
import type { FlowContext } from './run.ts'
import { flowContext, flowEvent, length, openOrder, START } from './story.test-kit.ts'

function ask(source: string, context: FlowContext = flowContext(), params: ParamValues = {}) {
  const facts = paramFacts(params)
  const made = compileExpression(source, 'bool', facts, [])
  if ('problem' in made) throw new Error(say(made.problem.code, made.problem.params, 'en'))
  return holds(made.expression, buildFacts(context, facts, START))
}

function moment(source: string, context: FlowContext = flowContext(), params: ParamValues = {}) {
  const facts = paramFacts(params)
  const made = compileExpression(source, 'timestamp', facts, [])
  if ('problem' in made) throw new Error(say(made.problem.code, made.problem.params, 'en'))
  return evaluateInstant(made.expression, buildFacts(context, facts, START))
}

function refusal(source: string, gives: Gives = 'bool', params: ParamValues = {}): string | null {
  const made = compileExpression(source, gives, paramFacts(params), [])
  return 'problem' in made ? say(made.problem.code, made.problem.params, 'en') : null
}

const withTotal = (minor: number, currency: string) =>
  flowContext({ order: { ...openOrder, total: { minor, currency } } })

test('amounts compare in their currency, whatever its decimals', () => {
  expect(ask('order.total >= money(5000, "CNY")', withTotal(500_000, 'CNY'))).toEqual({ value: true })
  expect(ask('order.total >= money(5000, "CNY")', withTotal(499_999, 'CNY'))).toEqual({ value: false })
  expect(ask('order.total == money(5000, "JPY")', withTotal(5_000, 'JPY')).value).toBe(true)
  expect(ask('order.total != money("19.90", "CNY")', withTotal(1_990, 'CNY')).value).toBe(false)
  expect(ask('order.total < money(19.9, "CNY")', withTotal(1_989, 'CNY')).value).toBe(true)
  expect(
    ask('order.total.minor >= 500000 && order.total.currency == "CNY"', withTotal(500_000, 'CNY')).value,
  ).toBe(true)
  expect(ask('order.total.major >= 5.5', withTotal(5_500, 'KWD')).value).toBe(true)
})

test('amounts of different currencies are never compared: the condition is false and says so', () => {
  const answer = ask('order.total >= money(1, "USD")', withTotal(500_000, 'CNY'))
  expect(answer).toMatchObject({ value: false, detail: expect.any(String) })
  expect(ask('order.total < money(1, "USD")', withTotal(1, 'CNY')).value).toBe(false)
  expect(ask('order.total == money(1, "USD")', withTotal(1, 'CNY')).detail).toBeDefined()
})

test('the example of a finance rule reads as it is said: total of 5000 or more, and the first order', () => {
  const rule = 'order.total >= money(params.limit, "CNY") && customer.orders == 1'
  const first = withTotal(600_000, 'CNY')
  expect(ask(rule, first, { limit: 5000 }).value).toBe(true)
  expect(ask(rule, { ...first, customer: { ...first.customer!, orders: 2 } }, { limit: 5000 }).value).toBe(
    false,
  )
})

test('what nobody knows is absent: asking for it is false, using it is false with a reason', () => {
  expect(ask('has(order.paidAt)')).toEqual({ value: false })
  expect(ask('has(order.total)')).toEqual({ value: true })
  expect(ask('order.expiresAt > now')).toEqual({ value: false, detail: 'no_such_key at "order.expiresAt"' })
  expect(ask('!(order.expiresAt > now)').value).toBe(false)
  expect(ask('!has(order.expiresAt) || order.expiresAt > now').value).toBe(true)
  expect(ask('order.total.minor > 0', flowContext({ order: null })).value).toBe(false)
  expect(ask('has(customer.tier) && customer.tier == "gold"', flowContext({ customer: null })).value).toBe(
    false,
  )
})

test('what the sender added is read as extra, whatever its type', () => {
  const extra = { score: 7, tags: ['vip', 'new'], 渠道: '直播', nested: { deep: true } }
  const context = flowContext({ event: flowEvent('order.created', { data: eventData.parse({ extra }) }) })
  for (const source of [
    'extra.score >= 5',
    'extra.tags.exists(tag, tag == "vip")',
    'extra["渠道"] == "直播"',
    'extra.nested.deep',
    '!has(extra.missing)',
    'size(extra.tags) == 2',
  ])
    expect(ask(source, context), source).toEqual({ value: true })
  expect(ask('extra.score', context)).toEqual({ value: false, detail: 'not true or false' })
})

test('reasons quote the condition, never what was read', () => {
  const extra = { secret: 'KEY-12345' }
  const context = flowContext({ event: flowEvent('order.created', { data: eventData.parse({ extra }) }) })
  for (const source of [
    'int(extra.secret) > 1',
    'duration(extra.secret) > duration("1h")',
    'extra.secret < 5',
  ]) {
    const answer = ask(source, context)
    expect(answer.value).toBe(false)
    expect(answer.detail).toBeDefined()
    expect(answer.detail).not.toContain('KEY-12345')
  }
})

test('moments are worked out from the order’s, and a parameter such as 10m is a length of time', () => {
  const context = flowContext({ order: { ...openOrder, expiresAt: START + length('2h') } })
  expect(moment('order.expiresAt - duration("10m")', context)).toEqual({ instant: START + length('1h50m') })
  expect(moment('order.expiresAt - params.before', context, { before: '10m' })).toEqual({
    instant: START + length('1h50m'),
  })
  expect(moment('now + params.far', context, { far: '400d' })).toEqual({ instant: START + length('400d') })
  expect(moment('order.expiresAt - duration("10m")')).toMatchObject({ instant: null })
})

test('unknown names are refused with the nearest known one, inside has() too', () => {
  expect(refusal('ordr.total.minor > 1')).toBe('unknown name "ordr" at character 1; did you mean "order"?')
  expect(refusal('order.totl.minor > 1')).toBe('unknown name "totl" at character 7; did you mean "total"?')
  expect(refusal('has(order.totl)')).toBe('unknown name "totl" at character 11; did you mean "total"?')
  expect(refusal('order.total.minr > 1')).toBe('unknown name "minr" at character 13; did you mean "minor"?')
  expect(refusal('params.limt > 1', 'bool', { limit: 5 })).toContain('did you mean "limit"?')
  expect(refusal('order.constructor == 1')).toContain('unknown name "constructor"')
})

test('wrong syntax and wrong types are refused with their place', () => {
  expect(refusal('order.status == "open" &&')).toMatch(/^not a valid CEL expression, at character 26: /)
  expect(refusal('order.status == 5')).toMatch(/^the types do not fit, at character 1: .*string == int/)
  expect(refusal('order.expiresAt == null')).toContain('write has(order.total)')
  expect(refusal('order.status')).toBe('expected an expression that gives bool; this one gives string')
  expect(refusal('true', 'timestamp')).toBe(
    'expected an expression that gives timestamp; this one gives bool',
  )
  expect(refusal('hash(order.no) == "x"')).toMatch(/^the types do not fit/)
})

test('conditions whose cost could explode are refused', () => {
  expect(refusal('order.no.matches("(a+)+$")')).toMatch(/^matches\(\) is not offered/)
  expect(refusal('extra.x.matches("(a+)+$")')).toMatch(/^matches\(\) is not offered/)
  expect(refusal('extra.a.exists(x, extra.a.exists(y, x == y))')).toMatch(/^a list macro inside another/)
  expect(refusal('cel.bind(a, order.no, a + a == "x")')).toMatch(/^bind\(\) is not offered/)
  expect(refusal('size([order.no].map(a, a + a).map(b, b + b)) == 1')).toMatch(/^map\(\) is not offered/)
  expect(refusal('extra.a.all(x, extra.b.filter(y, y == x) == [])')).toMatch(/^a list macro inside another/)
  expect(refusal('extra.a.filter(x, x > 1).exists(y, y == 2)')).toBeNull()
  expect(refusal(`${'('.repeat(200)}true${')'.repeat(200)}`)).toMatch(/^the expression is too large/)
  expect(refusal(Array.from({ length: 400 }, () => 'true').join(' && '))).toMatch(
    /^the expression is too large/,
  )
})

test('a value that a field never has is refused, with the nearest that it has', () => {
  expect(refusal('order.lastFailure.class == "insuficient_funds"')).toBe(
    'order.lastFailure.class is never "insuficient_funds", at character 28; did you mean "insufficient_funds"?',
  )
  expect(refusal('"expird" == order.status')).toContain('did you mean "expired"')
  expect(refusal('order.lastFailure.class in ["other", "risk_blok"]')).toContain('"risk_block"')
  expect(refusal('has(order.lastFailure) && order.lastFailure.class != "funds_gone_for_good"')).toContain(
    'one of network_timeout, wrong_details',
  )
  expect(refusal('order.lastFailure.class in ["other", "risk_block"] && order.status != "paid"')).toBeNull()
  expect(refusal('order.lastFailure.code == "whatever the rail says"')).toBeNull()
})

test('an amount by currency is the money in the order’s own, and absent where it has none', () => {
  const params = { large: { CNY: 5000, JPY: 100_000 } }
  const large = (minor: number, currency: string) =>
    ask('order.total >= params.large', withTotal(minor, currency), params)
  expect(large(500_000, 'CNY')).toEqual({ value: true })
  expect(large(499_999, 'CNY')).toEqual({ value: false })
  expect(large(100_000, 'JPY').value).toBe(true)
  expect(large(900_000, 'USD')).toEqual({ value: false, detail: expect.stringContaining('params.large') })
  expect(ask('has(params.large)', withTotal(1, 'USD'), params)).toEqual({ value: false })
  expect(ask('has(params.large)', withTotal(1, 'CNY'), params)).toEqual({ value: true })
  expect(ask('has(params.large)', flowContext({ order: null }), params)).toEqual({ value: false })
  expect(ask('params.large.currency == "JPY"', withTotal(1, 'JPY'), params).value).toBe(true)
})

test('a table that is taken for a number is refused, and what it is said, and so is a number taken for a table', () => {
  const params = { from: { CNY: 200, USD: 30 }, one: 200, soon: '30m' }
  for (const source of ['money(params.from, shop.currency)', 'money(params.from * 2, "CNY")'])
    expect(refusal(source, 'money', params)).toMatch(/params\.from is a table by currency.*order.total/)
  expect(refusal('order.attempts > params.from', 'bool', params)).toMatch(/params\.from is a table/)
  expect(refusal('params.from', 'bool', params)).toMatch(/gives bool/)
  expect(refusal('params.one', 'money', params)).toMatch(
    /"one" is one value \(200\).*CNY: 200.*money\(params.one/,
  )
  expect(refusal('params.soon', 'money', params)).toMatch(/"soon" is one value \(30m\)/)
  expect(refusal('params.form', 'money', params)).toMatch(/"form".*did you mean "from"/)
  expect(refusal('params.from', 'money', params)).toBeNull()
  expect(refusal('order.total >= params.from', 'bool', params)).toBeNull()
})
