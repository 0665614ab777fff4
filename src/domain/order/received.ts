import { amountText, type Money } from '../money.ts'
import type { Instant } from '../time.ts'

type Language = 'zh' | 'en'

/** What there is to know of an order to compare its money; the order's view fits it. */
export interface Comparable {
  readonly status: string
  readonly paidAt: Instant | null
  readonly total: Money | null
  readonly paid: readonly Money[]
  readonly refunded: readonly Money[]
}

/** What came for an order where it is another sum than its total; all of one currency. */
export interface Difference {
  readonly total: Money
  /** The sum of all payments. */
  readonly received: Money
  /** What of it went back. */
  readonly refunded: Money
  readonly differs: 'too_little' | 'too_much'
  readonly by: Money
}

/**
 * Compares all payments with the latest total. Too little is judged before refunds: what went back of an order that was
 * paid in full is no debt. Too much is judged after them: what was paid twice and returned once is right. `null` where
 * the sums agree, where nothing is paid, and where there is nothing to compare: another currency, or all refunded.
 */
export function differenceOf(order: Comparable): Difference | null {
  const { total, paidAt, status } = order
  const [received, ...others] = order.paid
  if (total === null || paidAt === null || status === 'refunded') return null
  if (received === undefined || others.length > 0 || received.currency !== total.currency) return null
  const { currency } = total
  const refunded = order.refunded.find((sum) => sum.currency === currency) ?? { minor: 0, currency }
  const missing = total.minor - received.minor
  const excess = received.minor - refunded.minor - total.minor
  const sums = { total, received, refunded }
  if (missing > 0) return { ...sums, differs: 'too_little', by: { minor: missing, currency } }
  if (excess > 0) return { ...sums, differs: 'too_much', by: { minor: excess, currency } }
  return null
}

/** What an order still lacks; `null`: nothing that is known of. */
export const missingOf = (order: Comparable): Money | null => {
  const difference = differenceOf(order)
  return difference?.differs === 'too_little' ? difference.by : null
}

export const excessOf = (order: Comparable): Money | null => {
  const difference = differenceOf(order)
  return difference?.differs === 'too_much' ? difference.by : null
}

/** `received 0.01 CNY for a total of 399 CNY: 398.99 CNY too little`. */
export function differenceText(
  { total, received, refunded, differs, by }: Difference,
  language: Language,
): string {
  const [came, wanted, sum] = [received, total, by].map(amountText)
  const little = differs === 'too_little'
  if (language === 'zh') {
    const back = refunded.minor > 0 ? `（已退 ${amountText(refunded)}）` : ''
    return `实收 ${came}${back}，订单金额 ${wanted}：${little ? '少收' : '多收'} ${sum}`
  }
  const back = refunded.minor > 0 ? ` (${amountText(refunded)} of it refunded)` : ''
  return `received ${came}${back} for a total of ${wanted}: ${sum} too ${little ? 'little' : 'much'}`
}
