import { describe, expect, test } from 'vitest'
import { changeRuleParams, type NewValues } from './change-params.ts'
import type { Rule } from './rule.ts'

const title = { zh: '限额', en: 'Limit' }
const PARAMS: Rule['params'] = {
  limit: { title, value: { CNY: 5000, USD: 700 } },
  answer: { title, value: '4h' },
}

const set = (values: NewValues, currency = 'CNY') => changeRuleParams(PARAMS, values, currency, 'en')

describe('an amount by currency', () => {
  test.each<[string, NewValues, object]>([
    ['one currency', { 'limit.USD': 900 }, { CNY: 5000, USD: 900 }],
    ['a further one', { 'limit.jpy': 150_000 }, { CNY: 5000, USD: 700, JPY: 150_000 }],
    ['the shop’s own', { limit: 8000 }, { CNY: 8000, USD: 700 }],
    ['none any more', { 'limit.USD': 'none' }, { CNY: 5000 }],
    ['two at once', { limit: 1, 'limit.USD': 2 }, { CNY: 1, USD: 2 }],
    ['a whole table', { limit: { EUR: 600 } }, { EUR: 600 }],
  ])('is set for %s, the rest stays', (_title, values, expected) => {
    const changed = set({ ...values, answer: '2h' })
    expect(changed).toMatchObject({ ok: true, value: { answer: { value: '2h' } } })
    expect(changed.ok && changed.value.limit!.value).toEqual(expected)
  })

  test.each<[string, NewValues, string]>([
    ['a text', { limit: 'many' }, 'expected a number above 0'],
    ['nothing', { 'limit.USD': 0 }, 'expected a number above 0'],
    ['no currency', { 'limit.dollar': 5 }, 'limit.JPY=100000'],
    ['a table for what is no amount', { answer: { CNY: 1 } }, 'one value'],
    ['a currency for what is no amount', { 'answer.CNY': 1 }, 'no such parameter'],
    ['another name', { limt: 1 }, 'did you mean limit?'],
  ])('is refused as %s', (_title, values, words) => {
    expect(set(values)).toMatchObject({ ok: false, problems: [{ problem: expect.stringContaining(words) }] })
  })
})
