import { allow, never, type Policy } from '../answer.ts'
import { roadOf } from '../road.ts'

/**
 * Is there an address, and may it be used? Nothing, essential or not, goes to a suppressed one.
 * Unsubscribed: a STOP to a phone number ends everything on it (FCC 24-24, and carriers block the rest), whereas
 * leaving a mailing list does not give up one's receipts and keys.
 * Unverified: essential messages pass, because a login code is how an address becomes verified; beyond those no
 * promotion, and nothing that rings at a stranger or costs money.
 */
export const contactUsable: Policy = (input, t) => {
  const { purpose, channel } = input.message
  const road = roadOf(channel)
  if (input.contact === null) return road === 'machine' ? allow(t) : never('no_contact')
  const essential = purpose === 'essential'
  switch (input.contact.usable) {
    case 'ok':
      return allow(t)
    case 'suppressed':
      return never('suppressed')
    case 'unsubscribed':
      return essential && road !== 'loud' ? allow(t, 'essential') : never('unsubscribed')
    case 'unverified':
      if (essential) return allow(t, 'essential')
      return purpose === 'promotion' || road === 'loud' ? never('unverified') : allow(t)
  }
}
