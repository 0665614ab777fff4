import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PURPOSES } from '../message.ts'
import type { OfferedText } from './carry.ts'
import { mayCarry } from './carry.ts'
import { explainLawDrop } from './gate-rule-texts.ts'
import { LAW_REASONS, lawBehind } from './gate-rules.ts'
import { BOOK, sceneFor } from './law.test-kit.ts'

const text = (liquid: string, asksToPay = false): OfferedText => ({
  locale: 'zh-CN',
  draft: { purpose: 'reminder', asksToPay, parts: [{ place: 'text', liquid }] },
})
const REMINDER = text(
  '您的订单还没有完成，请打开 {{ links.registered }} 输入短码 {{ order.short_code }}',
  true,
)

function told(law: string, texts: readonly OfferedText[], registered: string | null = 'https://s.example/d') {
  const scene = { ...sceneFor(law), registered }
  const account = { id: 'acct_1', name: '短信', scene }
  const obstacles = lawBehind('law', scene, 'reminder', texts)
  const seen = { message: 'msg_1', template: 'payment_failed_day', account, obstacles }
  return { zh: explainLawDrop(seen, 'zh'), en: explainLawDrop(seen, 'en') }
}

describe('what the gate’s reason "law" stands for', () => {
  test('a ban is told with its rule, source and date, and what to do instead', () => {
    const { zh, en } = told('tencent', [REMINDER])
    expect(zh).toEqual({
      why: [
        '账号“短信”适用规则 tencent-no-dunning：这家服务商不允许催款类短信，提醒付款的短信不能发送。',
        '依据：腾讯云短信《正文模板审核标准》（2025-06-17） https://cloud.tencent.com/document/product/382/39023 ，2026-11-25 核对。',
      ],
      change: ['可以这样：改用邮件、站内信或聊天渠道提醒付款。'],
    })
    expect(en.why[0]).toBe(
      'The account 短信 is under the rule tencent-no-dunning: this vendor bans demands for payment, so a reminder to pay may not go by SMS.',
    )
    expect(en.change).toEqual(['What may be done: remind by mail, inbox or chat instead.'])
  })

  test('words that a rule is against are quoted from the template', () => {
    const { zh, en } = told('volcengine', [text('您的游戏道具已到账')])
    expect(zh.why.join('\n')).toMatch(
      /规则 volcengine-game：[\s\S]*模板 payment_failed_day 中违反它的是“游戏”（游戏）。/,
    )
    expect(en.change.at(-1)).toMatch(/^Change the template payment_failed_day .*dingdong law check/)
  })

  test('a registered link that is missing is told with the rule that wants it, and where to name it', () => {
    const { zh, en } = told('cn', [REMINDER], null)
    expect(zh.why[0]).toMatch(/没有 registeredLink/)
    expect(zh.why[1]).toMatch(/适用规则 cn-/)
    expect(zh.why[2]).toMatch(/^依据：/)
    expect(en.change).toEqual([expect.stringContaining('dingdong account set acct_1 --settings FILE')])
  })

  test('where nothing of the law stands in the way any more, it says so', () => {
    const { zh, en } = told('cn', [REMINDER])
    expect(zh.change).toEqual(['重新发送这条消息：dingdong message resend msg_1。'])
    expect(en.why[0]).toMatch(/^By the rules, the template and the accounts of today/)
  })

  test('each reason has sentences for every law there is, with a source and a date, in both languages', () => {
    const laws = [...new Set(BOOK.rules.filter(({ channel }) => channel === 'sms').map(({ law }) => law))]
    const liquid = fc.constantFrom(
      '您的游戏道具已到账',
      'Pay now https://bit.ly/x',
      '{{ code }}',
      REMINDER.draft.parts[0]!.liquid,
    )
    const registered = fc.constantFrom('https://s.example/d', null)
    fc.assert(
      fc.property(
        fc.constantFrom(...laws),
        fc.constantFrom('CN', 'US', 'DE', 'GB'),
        fc.constantFrom(...LAW_REASONS),
        fc.constantFrom(...PURPOSES),
        liquid,
        registered,
        fc.boolean(),
        (law, country, reason, purpose, words, registered, asks) => {
          const rules = BOOK.rules.filter(
            (rule) =>
              rule.channel === 'sms' && [law, '*'].includes(rule.law) && rule.countries.includes(country),
          )
          const scene = { rules, words: BOOK.words, signature: null, registered }
          const offered = text(words, asks)
          const obstacles = lawBehind(reason, scene, purpose, [offered])
          if (reason === 'law')
            expect(obstacles.length === 0).toBe(mayCarry(scene, { ...offered.draft, purpose }))
          const account = { id: 'acct_1', name: 'a', scene }
          for (const language of ['zh', 'en'] as const) {
            const said = explainLawDrop({ message: 'msg_1', template: 't', account, obstacles }, language)
            expect(said.why.length * said.change.length).toBeGreaterThan(0)
            expect([...said.why, ...said.change].join('')).not.toMatch(
              /undefined|\[object|\{(?!\{)\w+\}(?!\})/,
            )
            const named = obstacles.flatMap((each) =>
              'rule' in each ? [each.rule] : 'finding' in each ? [each.finding.rule] : [],
            )
            for (const { id, checked } of named)
              expect(said.why.join()).toMatch(new RegExp(`${id}[^]*${checked}`))
          }
        },
      ),
    )
  })
})
