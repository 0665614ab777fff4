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
