import { allow, never, type Policy } from '../answer.ts'

/** A thrown switch lets nothing out, whatever the purpose: it is for the day when the program itself is wrong. */
export const killSwitch: Policy = (input, t) => {
  switch (input.killed) {
    case null:
      return allow(t)
    case 'all':
      return never('killed_all')
    case 'shop':
      return never('killed_shop')
    case 'flow':
      return never('killed_flow')
  }
}
