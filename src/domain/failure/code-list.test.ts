import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { testRails } from '../../../test/kit/rails.ts'
import { readTable } from './code-list.ts'
import { problemText, railSentence } from './rail-file.ts'
import { railsOf } from './rails.ts'

const HEAD = `rail: mygate
title: { zh: 我的渠道, en: My gate }
read: { mygate: [code] }
says: reason
source: example.org
asOf: 2026-11
codes:
`
const row = (more: string) => `  - { code: E1, class: other, advice: LATER, en: broke, zh: 坏了${more} }\n`

/** What is said about a file, `rails/` and all. */
function problems(
  text: string,
  more: Record<string, string> = {},
  language: 'en' | 'zh' = 'en',
): readonly string[] {
  const read = readTable({ 'mygate.yaml': text, ...more }, language)
  return 'problems' in read ? read.problems.map(problemText) : []
}

describe('a table file', () => {
  it('is read', () => {
    expect(problems(HEAD + row(''))).toEqual([])
  })

  it.each([
    [
      'an unknown class',
      HEAD + row('').replace('class: other', 'class: insuficient_funds'),
      'rails/mygate.yaml:8: codes[0].class: expected one of network_timeout, wrong_details, authentication_needed, insufficient_funds, expired_card, risk_block, other, got "insuficient_funds"; did you mean insufficient_funds?',
    ],
    [
      'an unknown advice',
      HEAD + row('') + row(', from: 2026-01-01').replace('LATER', 'SOON'),
      'rails/mygate.yaml:9: codes[1].advice: expected one of AUTO_ONCE, LATER, QUERY_FIRST, FIX_THEN_RETRY, AUTH_THEN_RETRY, NEW_METHOD, NEW_ORDER, MERCHANT_FIX, NEVER, STOP, got "SOON"',
    ],
    [
      'a meaning in one language alone',
      HEAD + row('').replace(', zh: 坏了', ''),
      'rails/mygate.yaml:8: codes[0].zh: expected text, got nothing',
    ],
    [
      'a month that there is not',
      (HEAD + row('')).replace('2026-11', '2026-13'),
      'rails/mygate.yaml:6: asOf: there is no month 2026-13',
    ],
    [
      'a code without quotes',
      HEAD + row('').replace('E1', '51'),
      'rails/mygate.yaml:8: codes[0].code: expected the code in quotes: without them YAML reads a number',
    ],
    [
      'a duplicate',
      HEAD + row('') + row(''),
      'rails/mygate.yaml:9: codes[1].code: "E1" stands here twice for the same time',
    ],
    [
      'overlapping periods',
      HEAD + row(', to: 2026-06-01') + row(', from: 2026-05-31'),
      'rails/mygate.yaml:9: codes[1].from: "E1" already has a row for a part of this time',
    ],
    [
      'a period that ends before it begins',
      HEAD + row(', from: 2026-06-01, to: 2026-06-01'),
      'rails/mygate.yaml:8: codes[0].to: must be later than "from"',
    ],
    [
      'a day that does not exist',
      HEAD + row(', from: 2026-02-30'),
      'rails/mygate.yaml:8: codes[0].from: there is no day 2026-02-30',
    ],
    [
      'a misspelled field',
      HEAD + row(', unverifed: true'),
      'rails/mygate.yaml:8: codes[0].unverifed: there is no such field (unverifed)',
    ],
    [
      'a missing meaning',
      HEAD + row('').replace(', en: broke', ''),
      'rails/mygate.yaml:8: codes[0].en: expected text, got nothing',
    ],
    [
      'generic with a reason',
      HEAD + row(', generic: true').replace('class: other', 'class: expired_card'),
      'rails/mygate.yaml:8: codes[0].generic: only a code of class other says nothing; "E1" does',
    ],
    [
      'a field that failures do not have',
      HEAD.replace('[code]', '[status]') + row(''),
      'rails/mygate.yaml:3: read.mygate[0]: expected one of networkAdviceCode, adviceCode, declineCode, networkCode, code, got "status"',
    ],
  ])('with %s is refused, naming file, line and field', (_, text, problem) => {
    expect(problems(text)).toEqual([problem])
    const [chinese, ...others] = problems(text, {}, 'zh')
    expect([chinese, others]).toEqual([
      expect.stringMatching(/^rails\/mygate\.yaml:\d+: \S+: .*\p{Script=Han}/u),
      [],
    ])
    expect(chinese).not.toMatch(/expected|[a-z]{3,} [a-z]{2,} [a-z]{2,}/i)
  })

  it('tells in Chinese what is known in English', () => {
    const wrong = HEAD + row('').replace('class: other', 'class: insuficient_funds')
    expect(problems(wrong, {}, 'zh')[0]).toMatch(
      /^rails\/mygate\.yaml:8: codes\[0\]\.class: 应为.*risk_block、other 之一，收到的是"insuficient_funds"；是不是想写 insufficient_funds？$/,
    )
    expect(problems(`${HEAD}  - { code: E1, class`, {}, 'zh')[0]).toMatch(/:8: YAML 格式有误：/)
    const other = (HEAD + row('')).replace('rail: mygate', 'rail: other').replace('LATER', 'NEVER')
    expect(problems(HEAD + row(''), { 'other.yaml': other }, 'zh')).toEqual([
      'rails/other.yaml:1: read: “E1”在“mygate”里是另一个意思，而两者都从 code 读取（mygate）',
    ])
    expect(problems(HEAD + row(''), { 'twin.yaml': HEAD + row('') }, 'zh')[0]).toBe(
      'rails/twin.yaml:1: rail: mygate.yaml 也是关于“mygate”的',
    )
    expect(() => railsOf({ 'mygate.yaml': wrong, 'ceilings.yaml': 'rules: []' }, 'zh')).toThrow(
      /^rails\/mygate\.yaml:8.*\n.*ceilings\.yaml:1.*\p{Script=Han}/u,
    )
  })

  it('says nothing that has no Chinese', () => {
    const said = ['rail-file.ts', 'code-list.ts', 'ceilings-file.ts'].flatMap((name) => {
      const source = readFileSync(new URL(name, import.meta.url), 'utf8')
      const strings = source.matchAll(/'([^'\n]* [^'\n]* [^'\n]*)'|`([^`\n]* [^`\n]* [^`\n]*)`/g)
      return [...strings].map(([, plain, filled]) => plain ?? filled!.replace(/\$\{[^}]*\}/g, 'x'))
    })
    const sentences = said.filter((each) => /[a-z]{2,} [a-z]{2,}/i.test(each) && !each.startsWith('rails/'))
    expect(sentences.length).toBeGreaterThan(10)
    for (const each of sentences) expect(railSentence(each, 'zh'), each).toMatch(/\p{Script=Han}/u)
  })

  it('tells everything that is wrong at once', () => {
    expect(problems(HEAD + row('').replace('LATER', 'x') + row('').replace('other', 'x'))).toHaveLength(2)
    expect(problems(`${HEAD}  - { code: E1, class`)[0]).toMatch(/^rails\/mygate\.yaml:8: no valid YAML/)
  })

  it('may not contradict another list that is read from the same place', () => {
    const other = (HEAD + row('')).replace('rail: mygate', 'rail: other')
    expect(problems(HEAD + row(''), { 'other.yaml': other })).toEqual([])
    expect(problems(HEAD + row(''), { 'other.yaml': other.replace('LATER', 'NEVER') })).toEqual([
      'rails/other.yaml:1: read: "E1" means something else in "mygate", and both are read from code of mygate',
    ])
    expect(problems(HEAD + row(''), { 'twin.yaml': HEAD + row('') })[0]).toBe(
      'rails/twin.yaml:1: rail: mygate.yaml is about "mygate", too',
    )
  })

  it('that is broken ends the start with all its problems', () => {
    expect(() =>
      railsOf({ 'mygate.yaml': HEAD + row('').replace('LATER', 'x'), 'ceilings.yaml': 'rules: []' }),
    ).toThrow(/rails\/mygate\.yaml:8: codes\[0\]\.advice: [\s\S]*rails\/ceilings\.yaml:1: rules: /)
  })
})

describe('the program’s own table', () => {
  const rows = [...testRails.table.lists.values()].flatMap((list) => [...list.codes.values()].flat())

  it('holds the codes of all rails, each with a source', () => {
    const codes = [...testRails.table.lists.values()].map((list) => list.codes.size)
    expect(codes.reduce((sum, size) => sum + size, 0)).toBeGreaterThanOrEqual(515)
    expect(rows.filter(({ source }) => source.length < 5)).toEqual([])
  })

  it('keeps what is not verified marked', () => {
    const marked = rows.filter(({ unverified }) => unverified).map(({ rail, code }) => `${rail}/${code}`)
    expect(marked).toContain('wechat_error/RULE_LIMIT')
    expect(marked).not.toContain('mastercard_mac/40')
  })
})
