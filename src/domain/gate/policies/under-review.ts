import { allow, type Policy, wait } from '../answer.ts'

/** While a person has to decide about an order, its buyer is neither reminded nor courted nor charged; all else goes on. */
export const underReview: Policy = (input, t) => {
  const until = input.order?.heldUntil ?? null
  const { purpose, audience, channel, category } = input.message
  const courts = audience === 'buyer' && (purpose === 'reminder' || purpose === 'promotion')
  const charges = channel === 'command' && category === 'retry_payment'
  if (until === null || !(courts || charges)) return allow(t)
  return t < until ? wait(until, 'under_review') : allow(t)
}
