import { allow, type Policy, wait } from '../answer.ts'

/** Not before its time. */
export const dueTime: Policy = (input, t) =>
  input.message.dueAt > t ? wait(input.message.dueAt, 'not_due') : allow(t)
