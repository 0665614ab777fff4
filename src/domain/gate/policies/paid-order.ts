import { allow, never, type Policy } from '../answer.ts'

/** Nobody is asked for money they have already paid. */
export const paidOrder: Policy = (input, t) =>
  input.message.stopsWhenPaid && input.order?.paid === true ? never('paid') : allow(t)
