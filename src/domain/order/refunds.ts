import type { Money } from '../money.ts'
import type { OrderFacts } from './facts.ts'
import { viewOrder } from './view.ts'

/**
 * What is known to have gone back after an event and was not before it, one sum a currency. A rail may tell the sum of
 * all refunds so far (Stripe, Alipay), and two systems tell of one refund: neither is what a buyer is to be told.
 */
export function newlyRefunded(before: OrderFacts, after: OrderFacts): readonly Money[] {
  const known = viewOrder(before).refunded
  return viewOrder(after).refunded.flatMap(({ minor, currency }) => {
    const more = minor - (known.find((sum) => sum.currency === currency)?.minor ?? 0)
    return more > 0 ? [{ minor: more, currency }] : []
  })
}
