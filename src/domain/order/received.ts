import { amountText, type Money } from '../money.ts'
import type { Instant } from '../time.ts'

type Language = 'zh' | 'en'

/** What there is to know of an order to compare its money; the order's view fits it. */
export interface Comparable {
  readonly status: string
  readonly paidAt: Instant | null
  readonly toldTotal: Money | null
  readonly received: readonly Money[]
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
 * Compares all payments in the total's currency with the latest total. Too little is judged before refunds: what went
 * back of an order that was paid in full is no debt. Too much is judged after them: what was paid twice and returned
 * once is right. `null` where the sums agree, where nothing is paid, and where there is nothing to compare: nothing in
 * the total's currency, or all refunded.
 */
export function differenceOf(order: Comparable): Difference | null {
  const sums = sumsOf(order)
  if (sums === null) return null
  const { total, received, refunded } = sums
  const { currency } = total
  const missing = total.minor - received.minor
  const excess = received.minor - refunded.minor - total.minor
  if (missing > 0) return { ...sums, differs: 'too_little', by: { minor: missing, currency } }
  if (excess > 0) return { ...sums, differs: 'too_much', by: { minor: excess, currency } }
  return null
}

/** Whether all that the order costs is known to have come. What cannot be compared is not known to. */
export function isPaidInFull(order: Comparable): boolean {
  const sums = sumsOf(order)
  return sums !== null && sums.received.minor >= sums.total.minor
}

function sumsOf({ toldTotal: total, received: all, refunded: back, paidAt, status }: Comparable) {
  if (total === null || paidAt === null || status === 'refunded') return null
  const { currency } = total
  const received = all.find((sum) => sum.currency === currency)
  if (received === undefined) return null
  return {
    total,
    received,
    refunded: back.find((sum) => sum.currency === currency) ?? { minor: 0, currency },
  }
}

/** What came, for words: as the best witnesses name it, else the total of an order that is said to be paid. */
export const cameFor = (order: {
  readonly paid: readonly Money[]
  readonly received: readonly Money[]
}): readonly Money[] => (order.received.length > 0 ? order.received : order.paid)

/** What an order still lacks; `null`: nothing that is known of. */
export const missingOf = (order: Comparable): Money | null => {
  const difference = differenceOf(order)
  return difference?.differs === 'too_little' ? difference.by : null
}

export const excessOf = (order: Comparable): Money | null => {
  const difference = differenceOf(order)
  return difference?.differs === 'too_much' ? difference.by : null
}

/** Of the total; gateways that tell payments apart by their sums take off a few cents, of which no buyer is to read. */
const WORTH_A_WORD = 1 / 20

/** What an order lacks, where it is enough to tell its buyer both sums. */
export function toldShort(order: Comparable): Difference | null {
  const difference = differenceOf(order)
  if (difference?.differs !== 'too_little') return null
  return difference.by.minor > difference.total.minor * WORTH_A_WORD ? difference : null
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
