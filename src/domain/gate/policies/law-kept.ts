import { allow, never, type Policy } from '../answer.ts'

/**
 * What carriers and countries forbid altogether: no words of this template may go through this account, or it needs
 * a yes that nobody gave. Law files say which; what a single value brings in is caught once the words are there.
 */
export const lawKept: Policy = ({ law }, t) => {
  if (!law) return allow(t)
  if (law.banned) return never('law')
  return law.needsConsent && !law.consented ? never('law_consent') : allow(t)
}
