import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Amounts } from '../amounts.ts'
import { EVENT_TYPES, eventData } from '../event.ts'
import { flowContext } from '../flow/story.test-kit.ts'
import { DAY, MINUTE } from '../time.ts'
import { compileRule, parseRuleYaml, validateRule } from './compile.ts'
import { type Evidence, matchOrder } from './judge.ts'
import { observe } from './observe.ts'
import type { Rule } from './rule.ts'
import { whatMatched } from './words.ts'

const folder = new URL('../../../rules/', import.meta.url)
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'))
const textOf = (file: string) => readFileSync(new URL(file, folder), 'utf8')

function preset(key: string): Rule {
  const rule = parseRuleYaml(textOf(`${key}.yaml`))
  if (!rule.ok) throw new Error(JSON.stringify(rule.problems))
  return rule.value
}

describe.each(files)('%s', (file) => {
  const rule = preset(file.replace('.yaml', ''))

  test('is named after its file, looks at events there are, and has words in both languages', () => {
    expect(rule.key).toBe(file.replace('.yaml', ''))
    for (const type of rule.trigger.on) expect(EVENT_TYPES).toContain(type)
    expect(rule.title.zh).toMatch(/\p{Script=Han}/u)
    expect(rule.description.zh).toMatch(/\p{Script=Han}/u)
    expect(rule.title.en).not.toMatch(/\p{Script=Han}/u)
  })

  test('says with numbers why it matched, in both languages', () => {
    const { count } = compileRule(rule)
    const evidence = {
      count: count && 7,
      reach: count?.reach ?? null,
      within: count?.within || null,
      orders: [],
      event: 'e',
      type: rule.trigger.on[0]!,
    }
    expect(whatMatched(rule, evidence, 'zh')).toMatch(/^.*\p{Script=Han}.*$/u)
    expect(whatMatched(rule, evidence, 'en')).not.toMatch(/\p{Script=Han}|undefined|null|NaN/u)
    if (count) expect(whatMatched(rule, evidence, 'en')).toContain('7')
  })
})

const totalOf = (minor: number, currency: string, rule = preset('large-order')) => {
  const context = flowContext()
  const order = { ...context.order!, total: { minor, currency } }
  const data = eventData.parse({})
  const event = { key: 'e', type: 'order.created', source: 's', time: 0, trust: 'signed' as const, data }
  const looked = {
    event,
    at: 0,
    orderId: 'o',
    items: [],
    customerId: 'cust',
    context: { ...context, order, event: null },
  }
  const seen = observe(compileRule(rule), looked, 0)
  return seen.kind === 'no' ? [seen.why, seen.detail] : seen.kind
}

test('a large order is one that reaches the limit of its own currency, whatever its decimals', () => {
  expect(totalOf(500_000, 'CNY')).toBe('match')
  expect(totalOf(499_999, 'CNY')).toEqual(['condition', undefined])
  expect(totalOf(6_000, 'JPY')).toEqual(['condition', undefined])
  expect(totalOf(100_000, 'JPY')).toBe('match')
  expect(totalOf(70_000, 'USD')).toBe('match')
})

test('a condition reads an amount by currency as the money in the order’s own', () => {
  const rule = preset('large-order')
  const own = { ...rule, trigger: { on: rule.trigger.on, when: 'order.total >= params.limit' } }
  expect(validateRule(own)).toMatchObject({ ok: true })
  expect(totalOf(500_000, 'CNY', own)).toBe('match')
  expect(totalOf(499_999, 'CNY', own)).toEqual(['condition', undefined])
  expect(totalOf(100_000, 'JPY', own)).toBe('match')
  expect(totalOf(900_000, 'KWD', own)).toEqual(['condition', expect.stringContaining('params.limit')])
})

test.each([
  [0, 39_900, null],
  [0, 39_899, 'match'],
  [1, 39_800, null],
  [1, 39_799, 'match'],
  [0.5, 39_849, 'match'],
] as const)('with a tolerance of %s, ¥399 of which %s fen came is underpaid or not', (value, minor, kind) => {
  const rule = preset('underpaid')
  const { tolerance, ...params } = rule.params
  const set = { ...rule, params: { ...params, tolerance: { ...tolerance!, value } } }
  const context = flowContext()
  const sums = { toldTotal: cny(399), received: [{ minor, currency: 'CNY' }] }
  const order = { ...context.order!, ...sums, status: 'paid', paidAt: 1 }
  const data = eventData.parse({})
  const event = { key: 'e', type: 'order.paid', source: 's', time: 0, trust: 'signed' as const, data }
  const looked = { event, at: 0, orderId: 'o', items: [], customerId: null }
  const seen = observe(compileRule(set), { ...looked, context: { ...context, order } }, 0)
  expect(seen.kind === 'no' ? null : seen.kind).toBe(kind)
})

test('an order in a currency without a limit is not judged, and neither breaks a row nor belongs to one', () => {
  expect(totalOf(Number.MAX_SAFE_INTEGER, 'KWD')).toEqual(['currency', 'KWD'])
  expect(totalOf(Number.MAX_SAFE_INTEGER, 'KWD', preset('high-value-row'))).toEqual(['currency', 'KWD'])
})

test('both rules about amounts know the same currencies, the row from less on', () => {
  const [limit, amount] = ['large-order', 'high-value-row'].map((key) => {
    const { from } = compileRule(preset(key))
    return typeof from === 'object' && from !== null ? from : {}
  }) as [Amounts, Amounts]
  expect(Object.keys(amount)).toEqual(Object.keys(limit))
  for (const [currency, from] of Object.entries(amount)) expect(from).toBeLessThan(limit[currency]!)
})

test.each([
  ['no currency at all', {}],
  ['nothing', { CNY: 0 }],
  ['more decimals than the currency has', { JPY: 0.5 }],
  ['a currency in small letters', { cny: 5000 }],
  ['a text', 'much'],
])('an amount that is %s is refused', (_title, value) => {
  const rule = preset('large-order')
  const limit = { ...rule.params.limit!, value }
  const checked = validateRule({ ...rule, params: { ...rule.params, limit } })
  expect(checked.ok).toBe(false)
  if (!checked.ok)
    expect(checked.problems[0]).toMatchObject({ problem: expect.stringContaining('CNY: 5000') })
})

test('an amount in a currency that is not there is refused by its place, with the nearest', () => {
  const rule = preset('large-order')
  const limit = { ...rule.params.limit!, value: { CNY: 5000, RMB: 5000 } }
  expect(validateRule({ ...rule, params: { ...rule.params, limit } })).toEqual({
    ok: false,
    problems: [
      {
        path: 'params.limit.value.RMB',
        problem: 'expected a currency of ISO 4217; came RMB, did you mean CNY?',
      },
    ],
  })
})

test('the fifth failure in a row is the one that asks for a person', () => {
  const rule = compileRule(preset('repeated-failure'))
  const match = (attempts: number) =>
    matchOrder(rule, { orderId: 'o', event: { key: 'e', type: 'payment.failed' }, attempts })
  expect(match(4)).toBeNull()
  expect(match(5)).toMatchObject({ iteration: 1 })
})

const cny = (whole: number) => ({ minor: whole * 100, currency: 'CNY' })
const WINDOW = { count: 8, reach: 8, within: 30 * MINUTE }

test.each([
  [
    'large-order',
    { count: null, reach: null, within: null, named: { total: cny(6480), limit: cny(5000) } },
    'order 6,480 CNY, above the limit of 5,000 CNY',
    '订单金额 6,480 CNY，超过限额 5,000 CNY',
  ],
  [
    'unauthorised',
    { named: { total: cny(200), payment: { id: 'pi_1', rail: 'stripe', amount: cny(128) } } },
    'stripe reports that the cardholder did not agree to payment pi_1 of 128 CNY',
    'stripe 报告：付款（pi_1，128 CNY）未经持卡人授权',
  ],
  [
    'underpaid',
    {
      named: {
        difference: {
          total: cny(399),
          received: { minor: 1, currency: 'CNY' },
          refunded: cny(0),
          differs: 'too_little',
          by: { minor: 39_899, currency: 'CNY' },
        },
      },
    },
    'received 0.01 CNY for a total of 399 CNY: 398.99 CNY too little',
    '实收 0.01 CNY，订单金额 399 CNY：少收 398.99 CNY',
  ],
  [
    'unauthorised',
    { named: { total: cny(200) } },
    'the provider reports that the cardholder did not agree to a payment of 200 CNY',
    '支付渠道报告：付款（200 CNY）未经持卡人授权',
  ],
  [
    'repeated-failure',
    { count: 5, reach: 5 },
    '5 failed payments of this order; the rule allows 4',
    '该订单支付失败 5 次（规则最多允许 4 次）',
  ],
  [
    'failed-burst-buyer',
    WINDOW,
    '8 failed payments of this buyer within 30 min; the rule allows 7',
    '30 分钟内同一买家支付失败 8 次（规则最多允许 7 次）',
  ],
  [
    'failed-burst-ip',
    WINDOW,
    '8 failed payments from one network address within 30 min; the rule allows 7',
    '30 分钟内同一网络地址支付失败 8 次（规则最多允许 7 次）',
  ],
  [
    'failed-burst-card',
    WINDOW,
    '8 failed payments with this card within 30 min; the rule allows 7',
    '30 分钟内同一张卡支付失败 8 次（规则最多允许 7 次）',
  ],
  [
    'duplicate-swipe',
    { ...WINDOW, count: 2, reach: 2, named: { payment: { amount: cny(128) } } },
    '2 payments with this card and of the same amount (128 CNY) within 30 min; the rule allows 1',
    '30 分钟内同一张卡、相同金额（128 CNY）有 2 笔付款（规则最多允许 1 笔）',
  ],
  [
    'duplicate-order',
    { ...WINDOW, count: 2, reach: 2, named: { total: cny(128) } },
    '2 orders of this buyer, for the same things and of the same amount (128 CNY) within 30 min; the rule allows 1',
    '30 分钟内同一买家、相同商品、相同金额（128 CNY）有 2 笔订单（规则最多允许 1 笔）',
  ],
  [
    'same-ip',
    WINDOW,
    '8 orders from one network address within 30 min; the rule allows 7',
    '30 分钟内同一网络地址有 8 笔订单（规则最多允许 7 笔）',
  ],
  [
    'high-value-row',
    {
      ...WINDOW,
      count: 3,
      within: DAY,
      named: { limit: cny(5000) },
      row: [
        { no: 'A', total: cny(6000) },
        { no: 'B', total: cny(7200) },
        { no: 'C', total: { minor: 510_050, currency: 'CNY' } },
      ],
    },
    '3 orders of 5,000 CNY or more in a row within 1 d: A 6,000 CNY, B 7,200 CNY, C 5,100.50 CNY',
    '1 天内连续 3 笔不低于 5,000 CNY 的订单：A 6,000 CNY，B 7,200 CNY，C 5,100.50 CNY',
  ],
  [
    'large-order',
    { named: { total: { minor: 9_007_199_254_740_991, currency: 'CNY' }, limit: cny(5000) } },
    'order 90,071,992,547,409.91 CNY, above the limit of 5,000 CNY',
    '订单金额 90,071,992,547,409.91 CNY，超过限额 5,000 CNY',
  ],
] as const)('%s says what matched with its figures', (key, said, en, zh) => {
  const rule = preset(key)
  const nothing = { total: null, limit: null, payment: { id: null, rail: null, amount: null } }
  const { named, ...rest } = said as Partial<Evidence>
  const evidence: Evidence = {
    count: null,
    reach: null,
    within: null,
    orders: [],
    event: 'e',
    type: rule.trigger.on[0]!,
    ...rest,
    named: { ...nothing, ...named, payment: { ...nothing.payment, ...named?.payment } },
  }
  expect(whatMatched(rule, evidence, 'en')).toBe(en)
  expect(whatMatched(rule, evidence, 'zh')).toBe(zh)
})

describe('a rule that is wrong', () => {
  const sound = {
    key: 'x',
    title: { zh: '测试', en: 'Test' },
    description: { zh: '测试', en: 'Test' },
    trigger: { on: ['order.created'] },
    counts: { by: ['ip'], of: 'order', within: '10m', reach: 5 },
    does: 'flag',
    severity: 'low',
    tell: ['support'],
  }
  test.each([
    ['an unknown word', { does: 'hodl' }, 'does', 'did you mean "hold"?'],
    ['an unknown field', { sevrity: 'low' }, 'sevrity', 'did you mean "severity"?'],
    ['nothing to test', { counts: undefined }, 'rule', 'would match every event'],
    ['a watch on itself', { trigger: { on: ['review.opened'] } }, 'trigger.on[0]', 'watch itself'],
    [
      'a count without a window',
      { counts: { by: ['ip'], of: 'order', reach: 5 } },
      'counts',
      'by and within',
    ],
    ['a number that is too large', { counts: { ...sound.counts, reach: 65 } }, 'counts.reach', '64'],
    [
      'a parameter that is not there',
      { counts: { ...sound.counts, reach: 'params.n' } },
      'counts.reach',
      'no parameter "n"',
    ],
    [
      'a row without a condition',
      { counts: { ...sound.counts, inARow: true } },
      'counts.inARow',
      'trigger.when',
    ],
    [
      'a condition with a typo',
      { trigger: { on: ['order.created'], when: 'order.totl > 1' } },
      'trigger.when',
      'totl',
    ],
    ['no time to answer', { answerWithin: '5s' }, 'answerWithin', '1m or more'],
  ])('with %s is refused with what was expected', (_title, changes, path, words) => {
    const checked = validateRule({ ...sound, ...changes })
    expect(checked.ok).toBe(false)
    if (checked.ok) return
    expect(checked.problems.map((each) => each.path)).toContain(path)
    expect(checked.problems.map((each) => each.problem).join()).toContain(words)
  })

  test('in a file names the line', () => {
    const text = textOf('same-ip.yaml').replace('reach: params.orders', 'reach: params.ordrs')
    expect(parseRuleYaml(text, 'zh')).toMatchObject({
      ok: false,
      problems: [{ path: 'counts.reach', problem: expect.stringMatching(/orders.*第 \d+ 行/) }],
    })
  })

  test('without changes is sound', () => {
    expect(validateRule(sound).ok).toBe(true)
  })
})

test('a rule on an event type that is nearly one we know is refused', () => {
  const text = readFileSync(new URL('large-order.yaml', folder), 'utf8')
  const typo = text.replace(/^( *)on: \[[\w.]+/m, '$1on: [order.piad')
  expect(typo).not.toBe(text)
  expect(JSON.stringify(parseRuleYaml(typo))).toContain('did you mean \\"order.paid\\"?')
})
