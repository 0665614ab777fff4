import { describe, expect, it } from 'vitest'
import { effectWords } from './turn.ts'

const flag = { action: 'flag', holds_shop: false } as const
const large = { id: 'rev_1', title: { zh: '大额订单', en: 'Large order' } }

describe('what a review holds up', () => {
  it('is nothing for a flag, which names the reviews that do hold the order', () => {
    expect(effectWords(flag, [], 'en')).toBe('This is a notice; this rule holds nothing up.')
    expect(effectWords(flag, [], 'zh')).toBe('这是一条提示，这条规则不暂停任何操作。')
    expect(effectWords(flag, [large], 'en')).toBe(
      'This is a notice; this rule holds nothing up. But the order is held until somebody decides about: Large order (rev_1).',
    )
    expect(effectWords(flag, [large], 'zh')).toBe(
      '这是一条提示，这条规则不暂停任何操作。但这笔订单正等待其他复核：大额订单（rev_1）。',
    )
  })

  it('is the reminders, and the shop’s system where the rule says so', () => {
    expect(effectWords({ action: 'hold', holds_shop: false }, [], 'en')).not.toContain('system')
    expect(effectWords({ action: 'hold', holds_shop: true }, [], 'en')).toContain('system')
  })
})
