import { allow, never, type Policy, wait } from '../answer.ts'
import type { QuietWindow } from '../input.ts'
import { nextOpening } from '../quiet-windows.ts'
import { quietHours } from './quiet-hours.ts'

/**
 * Hours by law, on the receiver's wall clock: several laws at once leave what all of them allow. No exemption. Where
 * quiet hours cover the law's opening, both are looked at together: two windows a day that never meet would else
 * pass the message on from one to the other for ever.
 */
export const lawHours: Policy = (input, t) => {
  const hours = input.law?.hours ?? []
  if (hours.length === 0) return allow(t)
  const shut = hours.flatMap(closed)
  const opening = nextOpening({ ...input, quiet: shut }, t)
  if (opening === t) return allow(t)
  if (typeof opening === 'string') return never('law_no_hour')
  const quiet = quietHours(input, opening)
  if (quiet.never === null && quiet.at === opening) return wait(opening, 'law_hours')
  const both = nextOpening({ ...input, quiet: [...shut, ...input.quiet] }, t)
  return typeof both === 'string' ? never('law_no_hour') : wait(both, 'law_hours')
}

/** The rest of the day. */
function closed({ from, to }: QuietWindow): readonly QuietWindow[] {
  return [
    { from: '00:00', to: from },
    { from: to, to: '24:00' },
  ]
}
