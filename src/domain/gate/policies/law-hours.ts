import { allow, never, type Policy, wait } from '../answer.ts'
import type { QuietWindow } from '../input.ts'
import { nextOpening } from '../quiet-windows.ts'

/** Hours by law, on the receiver's wall clock: several laws at once leave what all of them allow. No exemption. */
export const lawHours: Policy = (input, t) => {
  const hours = input.law?.hours ?? []
  if (hours.length === 0) return allow(t)
  const opening = nextOpening({ ...input, quiet: hours.flatMap(closed) }, t)
  if (opening === 'never' || opening === 'unreadable') return never('law_no_hour')
  return opening > t ? wait(opening, 'law_hours') : allow(t)
}

/** The rest of the day. */
function closed({ from, to }: QuietWindow): readonly QuietWindow[] {
  return [
    { from: '00:00', to: from },
    { from: to, to: '24:00' },
  ]
}
