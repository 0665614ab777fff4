import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDuration } from './flow/duration.ts'
import { changeParams } from './params.ts'

const params = {
  first: { title: 'x', value: '1h' },
  from: { title: 'x', value: 200 },
  reopen: { title: 'x', value: false },
  list: { title: 'x', value: 'vip' },
}

describe('changeParams', () => {
  it('changes values and nothing else', () => {
    const changed = changeParams(params, { first: '30m', reopen: true, list: 'all' }, 'en')
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
    const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constantFrom('90s', '7d'))
    const name = fc.oneof(
      fc.constantFrom('first', 'from', 'reopen', 'list', '__proto__', 'toString'),
      fc.string(),
    )
    fc.assert(
      fc.property(fc.dictionary(name, value), (values) => {
        const changed = changeParams(params, values, 'en')
        if (!changed.ok) return changed.problems.length > 0
        const { first, from, reopen, list } = changed.value
        return (
          Object.keys(changed.value).join() === 'first,from,reopen,list' &&
          parseDuration(String(first?.value)) !== null &&
          [from, reopen, list].map((each) => typeof each?.value).join() === 'number,boolean,string'
        )
      }),
    )
  })

  it('names every fault at once, in either language', () => {
    const wrong = { frst: '1h', first: 'soon', from: 'lots' }
    const problems = (language: 'en' | 'zh') => {
      const changed = changeParams(params, wrong, language)
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
