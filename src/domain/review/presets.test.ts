import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { EVENT_TYPES, eventData } from '../event.ts'
import { flowContext } from '../flow/story.test-kit.ts'
import { compileRule, parseRuleYaml, validateRule } from './compile.ts'
import { matchOrder } from './judge.ts'
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

const totalOf = (minor: number, currency: string) => {
  const context = flowContext()
  const order = { ...context.order!, total: { minor, currency } }
  const data = eventData.parse({})
  const event = { key: 'e', type: 'order.created', source: 's', time: 0, trust: 'signed' as const, data }
  const looked = {
    event,
    at: 0,
    orderId: 'o',
    items: [],
    customerId: null,
    context: { ...context, order, event: null },
  }
  return observe(compileRule(preset('large-order')), looked, 0).kind
}

test('a large order is one of 5000 whole units of its own currency or more', () => {
  expect(totalOf(500_000, 'CNY')).toBe('match')
  expect(totalOf(499_999, 'CNY')).toBe('no')
  expect(totalOf(5_000, 'JPY')).toBe('match')
  expect(totalOf(4_999_999, 'KWD')).toBe('no')
})

test('the fifth failure in a row is the one that asks for a person', () => {
  const rule = compileRule(preset('repeated-failure'))
  const match = (attempts: number) =>
    matchOrder(rule, { orderId: 'o', event: { key: 'e', type: 'payment.failed' }, attempts })
  expect(match(4)).toBeNull()
  expect(match(5)).toMatchObject({ iteration: 1 })
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
