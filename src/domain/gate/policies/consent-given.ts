import { allow, never, type Policy } from '../answer.ts'
import { roadOf } from '../road.ts'

/**
 * Promotion needs a yes (no answer is a refusal); reminders and service news need only not to have been refused.
 * Essential messages perform the contract and need none.
 */
export const consentGiven: Policy = (input, t) => {
  const { purpose, channel } = input.message
  if (roadOf(channel) === 'machine') return allow(t)
  switch (purpose) {
    case 'essential':
      return allow(t)
    case 'service':
    case 'reminder':
      return input.consent[purpose] === false ? never('no_consent') : allow(t)
    case 'promotion':
      return input.consent.promotion ? allow(t) : never('no_consent')
  }
}
