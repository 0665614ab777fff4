import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDuration } from './flow/duration.ts'
import { changeParams, type NewValues } from './params.ts'

const params = {
  first: { title: 'x', value: '1h' },
  from: { title: 'x', value: 200 },
  reopen: { title: 'x', value: false },
  list: { title: 'x', value: 'vip' },
  limit: { title: 'x', value: { CNY: 5000, USD: 700 } },
}

describe('changeParams', () => {
  it('changes values and nothing else', () => {
    const changed = changeParams(params, { first: '30m', reopen: true, list: 'all' }, 'CNY', 'en')
    expect(changed).toEqual({
      ok: true,
      value: {
        ...params,
        first: { title: 'x', value: '30m' },
        reopen: { title: 'x', value: true },
        list: { title: 'x', value: 'all' },
      },
    })
  })

  it('never changes a parameter’s kind nor adds one, whatever it is given', () => {
    const value = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constantFrom('90s', '7d', 'none', { EUR: 1 }),
    )
    const name = fc.oneof(
      fc.constantFrom(
        'first',
        'from',
        'reopen',
        'list',
        'limit',
        'limit.JPY',
        'from.JPY',
        '__proto__',
        'toString',
      ),
      fc.string(),
    )
    fc.assert(
      fc.property(fc.dictionary(name, value), (values) => {
        const changed = changeParams(params, values, 'CNY', 'en')
        if (!changed.ok) return changed.problems.length > 0
        const { first, from, reopen, list, limit } = changed.value
        return (
          Object.keys(changed.value).join() === 'first,from,reopen,list,limit' &&
          parseDuration(String(first?.value)) !== null &&
          [from, reopen, list, limit].map((each) => typeof each?.value).join() ===
            'number,boolean,string,object'
        )
      }),
    )
  })

  it('keeps what is 0 or more so', () => {
    const problem = 'expected 0 or more, such as 200; came -1'
    expect(changeParams(params, { from: -1 }, 'CNY', 'en')).toEqual({
      ok: false,
      problems: [{ path: 'params.from', problem }],
    })
  })

  it('names every fault at once, in either language', () => {
    const wrong = { frst: '1h', first: 'soon', from: 'lots' }
    const problems = (language: 'en' | 'zh') => {
      const changed = changeParams(params, wrong, 'CNY', language)
      return changed.ok ? [] : changed.problems.map(({ path, problem }) => `${path}: ${problem}`)
    }
    expect(problems('en')).toEqual([
      'params.frst: no such parameter; did you mean first?',
      'params.first: expected a length of time such as 90s, 30m, 1h30m or 7d, at most 400d; came soon',
      'params.from: expected a number such as 200; came lots',
    ])
    expect(problems('zh')).toEqual([
      'params.frst: 没有这个参数；是否想写 first？',
      'params.first: 应为一段时间，如 90s、30m、1h30m、7d（最长 400d）；实际为 soon',
      'params.from: 应为 number，如 200；实际为 lots',
    ])
  })
})

describe('an amount by currency', () => {
  const set = (values: NewValues) => changeParams(params, values, 'CNY', 'en')

  it.each<[string, NewValues, object]>([
    ['one currency', { 'limit.USD': 900 }, { CNY: 5000, USD: 900 }],
    ['a further one', { 'limit.jpy': 150_000 }, { CNY: 5000, USD: 700, JPY: 150_000 }],
    ['the shop’s own', { limit: 8000 }, { CNY: 8000, USD: 700 }],
    ['none any more', { 'limit.USD': 'none' }, { CNY: 5000 }],
    ['two at once', { limit: 1, 'limit.USD': 2 }, { CNY: 1, USD: 2 }],
    ['a whole table', { limit: { EUR: 600 } }, { EUR: 600 }],
  ])('is set for %s, the rest stays', (_title, values, expected) => {
    const changed = set({ ...values, first: '2h' })
    expect(changed).toMatchObject({ ok: true, value: { first: { value: '2h' } } })
    expect(changed.ok && changed.value.limit!.value).toEqual(expected)
  })

  it.each<[string, NewValues, string]>([
    ['a text', { limit: 'many' }, 'expected a number above 0'],
    ['nothing', { 'limit.USD': 0 }, 'expected a number above 0'],
    ['no currency', { 'limit.dollar': 5 }, 'limit.JPY=4000'],
    ['what people call a currency', { 'limit.RMB': 5 }, 'did you mean CNY?'],
    ['a currency of a currency', { 'limit.USD.CNY': 5 }, 'limit.JPY=4000'],
    ['a table for one currency', { 'limit.USD': { USD: 1 } }, 'expected a number above 0'],
    ['a table for what is no amount', { first: { CNY: 1 } }, 'one value'],
    ['a currency for what is no amount', { 'from.CNY': 1 }, 'one value'],
    ['another name', { limits: 1 }, 'did you mean limit?'],
  ])('is refused as %s', (_title, values, words) => {
    expect(set(values)).toMatchObject({ ok: false, problems: [{ problem: expect.stringContaining(words) }] })
  })
})
