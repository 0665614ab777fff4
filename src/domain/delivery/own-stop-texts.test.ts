import { describe, expect, test } from 'vitest'
import type { Rule } from '../law/rule.ts'
import { isOwnStop, WORDLESS } from './own-stop.ts'
import { explainOwnStop } from './own-stop-texts.ts'

const rule = {
  id: 'cn-links',
  says: { zh: '链接须备案', en: 'links must be registered' },
  instead: { zh: '写备案链接', en: 'write the registered link' },
  source: { title: '《规范》', url: 'https://law.example', dated: '2025-01-01' },
  checked: '2026-11-25',
} as Rule
const about = { template: 'order_paid', channel: 'sms' }

describe('why we ended a message just before it was handed over', () => {
  test.each(WORDLESS)('%s has sentences in both languages, with what to do', (code) => {
    const told = (language: 'zh' | 'en') =>
      explainOwnStop({ ...about, code, rule: null, found: [] }, language)
    for (const { why, change } of [told('zh'), told('en')]) {
      expect(why).toHaveLength(1)
      expect([...why, ...change].join('')).not.toMatch(/[{}]/)
      expect(change.join()).toContain('dingdong ')
    }
    for (const each of [...told('zh').why, ...told('zh').change]) expect(each).toMatch(/\p{Script=Han}.*。$/u)
    for (const each of [...told('en').why, ...told('en').change])
      expect(each).toMatch(/^[A-Z][^\p{Script=Han}]*\.$/u)
  })

  test('the law is told with its rule, source, date and words', () => {
    const word = { word: '点卡', about: { zh: '游戏', en: 'games' } }
    const seen = { ...about, code: 'law:cn-links', rule, found: [word] } as const
    expect(explainOwnStop(seen, 'zh')).toEqual({
      why: [
        '成文后的内容违反规则 cn-links：链接须备案。',
        '依据：《规范》（2025-01-01） https://law.example ，2026-11-25 核对。',
        '其中“点卡”（游戏）来自订单或店铺的名称。',
      ],
      change: ['可以这样：写备案链接。', expect.stringMatching(/^修改模板 order_paid，.*dingdong law check/)],
    })
    expect(explainOwnStop(seen, 'en').why).toEqual([
      'Its finished text breaks the rule cn-links: links must be registered.',
      'Source: 《规范》 (2025-01-01) https://law.example, checked on 2026-11-25.',
      '“点卡” (games) came in with the name of the order, a product or the shop.',
    ])
  })

  test('a rule that has left the law files is still named', () => {
    const { why } = explainOwnStop({ ...about, code: 'law:old', rule: null, found: [] }, 'en')
    expect(why).toEqual(['Its finished text breaks the rule old, which is no longer in the law files.'])
  })

  test('a provider’s code is not ours', () => {
    expect(['http_400', 'unknown_recipient', null].filter(isOwnStop)).toEqual([])
  })
})
