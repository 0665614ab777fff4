import { expect, it } from 'vitest'
import { loadTemplates } from './load.ts'

const GOOD = `
purpose: service
asksToPay: true
title: { en: T }
variants:
  en:
    sms: { text: 'Pay {links.pay}' }
`

it('reads a template file into its variants', () => {
  expect(loadTemplates({ 'a.yaml': GOOD, 'README.md': '# not a template' })).toEqual({
    layout: null,
    problems: [],
    templates: [
      {
        name: 'a',
        audience: 'buyer',
        title: { en: 'T' },
        sources: [
          {
            channel: 'sms',
            purpose: 'service',
            locale: 'en',
            asksToPay: true,
            audience: 'buyer',
            text: 'Pay {links.pay}',
          },
        ],
      },
    ],
  })
})

it('names the file and field of everything wrong, and reads the rest', () => {
  const set = loadTemplates({
    'a.yaml': GOOD,
    'b.yaml': GOOD.replace('purpose: service', 'purpose: spam').replace('sms:', 'fax:'),
    'c.yaml': 'a: [',
    'layout.yaml': 'mjml: 1',
  })
  expect(set.templates.map((each) => each.name)).toEqual(['a'])
  expect(set.problems.map((each) => each.path.split('.yaml')[0])).toEqual(
    expect.arrayContaining(['b', 'c', 'layout']),
  )
  expect(set.problems.some((each) => each.path === 'b.yaml: purpose')).toBe(true)
  expect(set.problems.some((each) => each.path.startsWith('b.yaml: variants.en'))).toBe(true)
})

it('says in Chinese what is wrong, with its line and the nearest name', () => {
  const text = GOOD.replace('purpose: service', 'purpose: servce').replace('text:', 'txt:')
  expect(loadTemplates({ 'a.yaml': text, 'b.yaml': 'a: [', 'c.yaml': '3' }, 'zh').problems).toEqual([
    {
      path: 'a.yaml: purpose',
      problem: expect.stringMatching(/^应为 .*是否想写“service”？（第 2 行，第 1 列）$/),
    },
    { path: 'a.yaml: variants.en.sms.txt', problem: '未知的键“txt”；是否想写“text”？（第 7 行，第 12 列）' },
    {
      path: 'b.yaml',
      problem: '不是合法的 YAML：缩进不对，或括号没有闭合（第 1 行，第 5 列）',
    },
    { path: 'c.yaml', problem: '应为一组“键: 值”；实际为数字（第 1 行，第 1 列）' },
  ])
})
