import { allow, type Policy, wait } from '../answer.ts'

/** While a person has to decide about an order, its buyer is neither reminded nor courted; all else goes on. */
export const underReview: Policy = (input, t) => {
  const until = input.order?.heldUntil ?? null
  const { purpose, audience } = input.message
  if (until === null || audience !== 'buyer' || (purpose !== 'reminder' && purpose !== 'promotion'))
    return allow(t)
  return t < until ? wait(until, 'under_review') : allow(t)
}
