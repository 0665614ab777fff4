import { allow, never, type Policy, wait } from '../answer.ts'

/** The account must exist and work. A pause without an end drops the message, so that its next channel gets a chance. */
export const accountReady: Policy = (input, t) => {
  const { state, resumesAt } = input.account
  switch (state) {
    case 'ok':
      return allow(t)
    case 'missing':
      return never('account_missing')
    case 'elsewhere':
      return never('account_country')
    case 'paused':
      if (resumesAt === null) return never('account_paused')
      return resumesAt > t ? wait(resumesAt, 'account_paused') : allow(t)
  }
}
