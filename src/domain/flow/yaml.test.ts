import { expect, test } from 'vitest'
import { parseFlowYaml } from './yaml.ts'

const GOOD = `key: probe
family: probe
title: { zh: 试, en: Probe }
description: { zh: 试, en: Probe }
audience: buyer
purpose: service
trigger:
  on: [order.created]
  when: order.total >= money(10, "CNY")
steps:
  - id: mail
    kind: send
    to: buyer
    channels: [email]
    template: order_received
`

const problems = (text: string, language: 'en' | 'zh' = 'en') => {
  const flow = parseFlowYaml(text, language)
  return flow.ok ? [] : flow.problems
}

test('a flow file becomes a flow', () => {
  expect(parseFlowYaml(GOOD)).toMatchObject({ ok: true, value: { key: 'probe', steps: [{ id: 'mail' }] } })
})

test('every problem names its line and column', () => {
  const text = GOOD.replace('purpose: service', 'purpose: servce')
    .replace('template: order', 'templte: order')
    .replace('to: buyer', 'to: everyone')
  expect(problems(text)).toEqual([
    {
      path: 'purpose',
      problem:
        'expected one of essential, service, reminder, promotion; came servce: did you mean "service"? (line 6, column 1)',
    },
    {
      path: 'steps[0].to',
      problem: 'expected buyer, or {role: operator}, {role: finance} or {role: support} (line 13, column 5)',
    },
    { path: 'steps[0].template', problem: 'missing; expected string (line 11, column 5)' },
    {
      path: 'steps[0].templte',
      problem: 'unknown key "templte"; did you mean "template"? (line 15, column 5)',
    },
  ])
})

test('a wrong condition names its line and the character in it', () => {
  expect(problems(GOOD.replace('order.total', 'order.totl'))).toEqual([
    {
      path: 'trigger.when',
      problem: 'unknown name "totl" at character 7; did you mean "total"? (line 9, column 3)',
    },
  ])
})

test('what is not YAML, has a key twice or hides a bomb is refused', () => {
  expect(problems('key: [a')[0]?.problem).toMatch(/^not valid YAML: .*\(line 1, column \d+\)$/)
  expect(problems(`${GOOD}key: again\n`)[0]?.problem).toMatch(/^not valid YAML: .*unique.*line 16/)
  const bomb = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
  for (let at = 1; at < 9; at++)
    bomb.push(`a${at}: &a${at} [${Array.from({ length: 10 }, () => `*a${at - 1}`)}]`)
  expect(problems(bomb.join('\n'))[0]?.problem).toMatch(/^not valid YAML: .*alias/)
  expect(problems('x'.repeat(200_001))[0]?.problem).toContain('at most 200000 characters')
  expect(problems('')[0]?.path).toBe('flow')
})

test('line and column are told in Chinese too', () => {
  expect(problems(GOOD.replace('purpose: service', 'purpose: servce'), 'zh')[0]?.problem).toContain(
    '（第 6 行，第 1 列）',
  )
})

test('kinds of values are named in the reader’s language', () => {
  const text = GOOD.replace('title: { zh: 试, en: Probe }', 'title: 5').replace(
    '    template: order_received\n',
    '',
  )
  expect(problems(text, 'zh').map(({ problem }) => problem)).toEqual([
    '应为一组“键: 值”；实际为数字（第 3 行，第 1 列）',
    '缺少此项；应为 文字（第 11 行，第 5 列）',
  ])
  expect(problems(text)[0]?.problem).toBe('expected object; came number (line 3, column 1)')
  const value = `params:\n  first: { title: { zh: 试, en: Probe }, value: [1] }\nsteps:`
  expect(problems(GOOD.replace('steps:', value), 'zh')).toEqual([
    { path: 'params.first.value', problem: expect.stringMatching(/^应为.*、.*；实际为列表（第 11 行/) },
  ])
})
