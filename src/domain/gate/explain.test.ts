import { describe, expect, test } from 'vitest'
import { explainVerdict } from './explain.ts'
import { REASON_TEXTS } from './reason-texts.ts'
import { at } from './testing/inputs.ts'
import { REASONS, type Verdict } from './verdict.ts'

const hold: Verdict = { kind: 'hold', until: at('2026-11-23T08:00:00+08:00'), reasons: ['quiet_hours'] }

describe('a verdict in sentences', () => {
  test('says when a held message is looked at again, why it waits and what would free it', () => {
    expect(explainVerdict(hold, 'en', 'Asia/Shanghai')).toEqual([
      'Held; it is looked at again at 2026-11-23 08:00 (Asia/Shanghai).',
      'It is quiet time where the receiver lives. Wait until it ends, or change this channel’s quiet hours.',
    ])
    expect(explainVerdict(hold, 'zh', 'Asia/Shanghai')).toEqual([
      '暂缓，2026-11-23 08:00 (Asia/Shanghai) 再次检查。',
      '收件人所在地正处于免打扰时段。等免打扰时段结束，或调整这个渠道的免打扰时段。',
    ])
  })

  test('falls back to UTC for an unknown zone', () => {
    expect(explainVerdict(hold, 'en', 'Mars/Base')[0]).toBe(
      'Held; it is looked at again at 2026-11-23 00:00 (UTC).',
    )
  })

  test('names every reason of a drop, in order', () => {
    const sentences = explainVerdict({ kind: 'drop', reasons: ['paid', 'suppressed'] }, 'en')
    expect(sentences).toHaveLength(3)
    expect(sentences[1]).toContain('paid')
    expect(sentences[2]).toContain('bounced')
  })

  test('says that nothing stood in the way, or which exemption let it pass', () => {
    expect(explainVerdict({ kind: 'send', reasons: [], capDay: null }, 'en')).toEqual([
      'It may go; no rule stood in its way.',
    ])
    expect(explainVerdict({ kind: 'send', reasons: ['in_session'], capDay: null }, 'zh')).toEqual([
      '可以发送。',
      REASON_TEXTS.in_session.why.zh,
    ])
  })

  test.each(REASONS)('has whole sentences in both languages for %s', (code) => {
    const { why, change } = REASON_TEXTS[code]
    for (const { zh, en } of change === null ? [why] : [why, change]) {
      expect(zh).toMatch(/^\p{Script=Han}.*。$/u)
      expect(en).toMatch(/^[A-Z][^\p{Script=Han}]*\.$/u)
    }
  })

  test('tells for every reason that keeps a message back what would have to change', () => {
    const silent = REASONS.filter((code) => REASON_TEXTS[code].change === null)
    expect(silent).toEqual(['not_due', 'window_skipped', 'essential', 'in_session'])
  })
})
