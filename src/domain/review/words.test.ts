import { expect, it } from 'vitest'
import type { Money } from '../money.ts'
import { viewOrder } from '../order/view.ts'
import { historyOf } from './words.ts'

const cny = (minor: number): Money => ({ minor, currency: 'CNY' })
const order = (sums: { readonly came: readonly Money[]; readonly back: readonly Money[] }) => ({
  ...viewOrder({}),
  paidAt: Date.UTC(2026, 10, 23, 2),
  refundedAt: Date.UTC(2026, 10, 23, 3),
  received: sums.came,
  refunded: sums.back,
})

it('tells who decides how much came and how much of it went back', () => {
  const part = order({ came: [cny(39_900)], back: [cny(500)] })
  expect(historyOf(part, 'Asia/Shanghai', 'zh')).toEqual([
    '11-23 10:00 已付款 ¥399.00',
    '11-23 11:00 已退款 ¥5.00',
  ])
  expect(historyOf(part, 'UTC', 'en')).toEqual(['11-23 02:00 paid CN¥399.00', '11-23 03:00 refunded CN¥5.00'])
  const unknown = order({ came: [], back: [] })
  expect(historyOf(unknown, 'UTC', 'en')).toEqual(['11-23 02:00 paid', '11-23 03:00 refunded'])
})
