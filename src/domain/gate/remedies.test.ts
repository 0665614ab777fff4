import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HOUR } from '../time.ts'
import { gate } from './gate.ts'
import { REMEDIES, whatWouldHelp, withRemedies } from './remedies.ts'
import { explainHelp, remedyText } from './remedy-texts.ts'
import { anyInput } from './testing/arbitrary.ts'
import { at, type Changes, gateInput } from './testing/inputs.ts'

const seeds = { numRuns: process.env.DINGDONG_LONG === '1' ? 20_000 : 2_000 }

describe('what would help', () => {
  test('does: with all the changes the message goes, at the instant that was named', () => {
    const seen = { send: 0, hold: 0, drop: 0 }
    fc.assert(
      fc.property(anyInput, (input) => {
        const { verdict, changes, at } = whatWouldHelp(input)
        seen[verdict]++
        expect(gate(input).kind).toBe(verdict)
        const after = gate(withRemedies(input, changes))
        if (verdict === 'drop' && at !== null) expect(after).toMatchObject({ kind: 'hold', until: at })
        else expect(after.kind).toBe('send')
        if (verdict === 'hold') expect(gate({ ...input, now: at! }).kind).toBe('send')
      }),
      seeds,
    )
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(50)
  })

  test('is the least: without any one of the changes it does not', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const { verdict, changes } = whatWouldHelp(input)
        for (const each of changes) {
          const others = changes.filter((other) => other !== each)
          const { kind } = gate(withRemedies(input, others))
          // While nobody has decided it is only looked at again.
          if (verdict === 'drop' && each.code !== 'review_approved') expect(kind).toBe('drop')
          else expect(kind).not.toBe('send')
        }
      }),
      seeds,
    )
  })

  test('names something for everything that does not go', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const { verdict, changes } = whatWouldHelp(input)
        expect(changes.length > 0).toBe(verdict !== 'send')
      }),
      seeds,
    )
  })
})

const night = at('2026-11-22T23:00:00+08:00')
const cap = (name: string) => ({
  name,
  max: 1,
  within: 72 * HOUR,
  taken: [at('2026-11-22T09:00:00+08:00')],
  usedByDay: {},
  because: 'cap_window' as const,
})

describe('in words', () => {
  test.each<readonly [string, Changes, readonly string[], readonly string[]]>([
    [
      'a promotion nobody agreed to, to an address nobody confirmed',
      { message: { purpose: 'promotion', channel: 'email' }, contact: { usable: 'unverified' } },
      ['需要：收件人的邮件联系方式得到确认；收件人同意接收促销消息，才会发送。'],
      [
        'It would be sent if the receiver’s address for email were verified, and if the receiver consented to promotions.',
      ],
    ],
    [
      'a reminder at night',
      { now: night },
      ['2026-11-23 08:00 (Asia/Shanghai) 会自动发送。', '若要现在发送，需要：取消短信的免打扰时段。'],
      [
        'It goes by itself at 2026-11-23 08:00 (Asia/Shanghai).',
        'It would go now if the quiet hours of SMS were lifted.',
      ],
    ],
    [
      'a paid order at night',
      { now: night, order: { paid: true, closed: null, expiresAt: null } },
      [
        '需要：订单尚未付款（已付款的订单不再催促），才会发送。',
        '届时于 2026-11-23 08:00 (Asia/Shanghai) 发送。',
      ],
      ['It would be sent if the order were unpaid.', 'It would then go at 2026-11-23 08:00 (Asia/Shanghai).'],
    ],
    [
      'two full caps, only one of which outlasts the message',
      {
        caps: { usedByDay: { '2026-11-22': 3 }, rules: [cap('reminders')] },
        message: { expiresAt: at('2026-11-24T09:00:00+08:00') },
      },
      ['需要：放宽频次规则“reminders”，才会发送。', '届时于 2026-11-23 08:00 (Asia/Shanghai) 发送。'],
      [
        'It would be sent if the cap “reminders” were widened.',
        'It would then go at 2026-11-23 08:00 (Asia/Shanghai).',
      ],
    ],
    [
      'a night before whose next window the day’s cap is full: a larger cap would only make it wait',
      {
        now: at('2026-11-22T02:59:00+08:00'),
        message: { dueAt: at('2026-11-22T02:59:00+08:00'), expiresAt: at('2026-11-23T00:11:00+08:00') },
        windows: [{ from: '00:00', to: '02:00' }],
        caps: { usedByDay: { '2026-11-23': 3 } },
      },
      ['2026-11-22 08:00 (Asia/Shanghai) 会自动发送。', '若要现在发送，需要：取消短信的免打扰时段。'],
      [
        'It goes by itself at 2026-11-22 08:00 (Asia/Shanghai).',
        'It would go now if the quiet hours of SMS were lifted.',
      ],
    ],
    ['what may go', {}, [], []],
  ])('%s', (_title, changes, zh, en) => {
    const input = gateInput(changes)
    const help = whatWouldHelp(input)
    expect(explainHelp(help, 'zh', input.timeZone)).toEqual(zh)
    expect(explainHelp(help, 'en', input.timeZone)).toEqual(en)
  })

  test('a message under review waits for whom, until when, and how it is decided; it does not go by itself', () => {
    const heldUntil = at('2026-11-22T15:00:00+08:00')
    const input = gateInput({ order: { paid: false, closed: null, expiresAt: null, heldUntil } })
    const help = whatWouldHelp(input)
    expect(help).toMatchObject({ verdict: 'hold', at: heldUntil })
    const review = { id: 'rev_1', role: 'finance', until: heldUntil, last: false }
    expect(explainHelp(help, 'zh', input.timeZone, [review])).toEqual([
      '等待人工复核 rev_1：由财务处理，到 2026-11-22 15:00 (Asia/Shanghai) 仍无人处理则转交下一级。',
      '放行：dingdong review approve rev_1；拒绝：dingdong review reject rev_1。',
    ])
    expect(explainHelp(help, 'en', input.timeZone, [review])).toEqual([
      'It waits for the review rev_1: finance has to decide, and from 2026-11-22 15:00 (Asia/Shanghai) on whoever is next.',
      'To let it go: dingdong review approve rev_1; to refuse: dingdong review reject rev_1.',
    ])
    for (const language of ['zh', 'en'] as const)
      expect(explainHelp(help, language, input.timeZone).join()).not.toMatch(/会自动发送|goes by itself/)
  })

  test('put to the last role, it says that nobody comes after them', () => {
    const heldUntil = at('2026-11-22T15:00:00+08:00')
    const input = gateInput({ order: { paid: false, closed: null, expiresAt: null, heldUntil } })
    const review = { id: 'rev_1', role: 'operator', until: heldUntil, last: true }
    const told = (language: 'zh' | 'en') =>
      explainHelp(whatWouldHelp(input), language, input.timeZone, [review])[0]
    expect(told('zh')).toBe(
      '等待人工复核 rev_1：由运营处理，之后没有下一级，到 2026-11-22 15:00 (Asia/Shanghai) 仍无人处理会再次提醒。',
    )
    expect(told('en')).toBe(
      'It waits for the review rev_1: the operators have to decide; nobody comes after them, and at 2026-11-22 15:00 (Asia/Shanghai) they are told again.',
    )
  })

  test('a reminder that a full cap has ended while its order is under review needs the decision, too, at no time that is known', () => {
    const heldUntil = at('2026-11-22T11:07:00+08:00')
    const input = gateInput({
      order: { paid: false, closed: null, expiresAt: null, heldUntil },
      caps: { usedByDay: { '2026-11-22': 3 } },
      message: { expiresAt: at('2026-11-22T20:00:00+08:00') },
    })
    const help = whatWouldHelp(input)
    expect(help.changes.map(({ code }) => code).toSorted()).toEqual(['day_cap_raised', 'review_approved'])
    expect(explainHelp(help, 'en', input.timeZone)).toEqual([
      'It would be sent if somebody approved the order, and if the cap of a person’s day were raised.',
    ])
    expect(explainHelp(help, 'zh', input.timeZone)).toEqual([
      '需要：有人复核并放行这笔订单；提高每人每日上限，才会发送。',
    ])
  })

  test('with a decision as a condition no time is named, although another obstacle has one', () => {
    const heldUntil = at('2026-11-22T23:10:00+08:00')
    const order = { paid: true, closed: null, expiresAt: null, heldUntil }
    const input = gateInput({ now: night, order })
    expect(explainHelp(whatWouldHelp(input), 'en', input.timeZone)).toEqual([
      'It would be sent if the order were unpaid, and if somebody approved the order.',
    ])
  })

  test.each(REMEDIES)('%s has words in both languages', (code) => {
    expect(remedyText({ code, about: 'sms' }, 'zh')).toMatch(/^[^{}]*\p{Script=Han}[^{}]*$/u)
    expect(remedyText({ code, about: 'sms' }, 'en')).toMatch(/^[^{}\p{Script=Han}]+$/u)
  })
})
