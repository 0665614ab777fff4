import { type Instant, MINUTE, type Millis } from '../../time.ts'
import { allow, never, type Policy, wait } from '../answer.ts'
import type { GateInput } from '../input.ts'
import { nextInside } from '../quiet-windows.ts'
import { roadOf } from '../road.ts'

/** What waits for a window is released spread over five minutes and then still has to leave: so much must be left. */
const WINDOW_MARGIN: Millis = 10 * MINUTE

/**
 * Reminders and promotions wait for the hours in which people of the receiver's segment like to read. Answers to the
 * buyer's own act do not, and nothing waits beyond its own or its order's life: the gate then goes without the window.
 */
export const sendWindow: Policy = (input, t) => {
  if (!isWindowed(input, t)) return allow(t)
  const inside = nextInside(input.windows, input, t)
  // Nobody can read at such hours: as if there were none.
  if (inside === null) return allow(t)
  if (inside + WINDOW_MARGIN >= endOf(input)) return never('expires_first')
  return inside > t ? wait(inside, 'send_window') : allow(t)
}

function isWindowed({ message, windows, now }: GateInput, t: Instant): boolean {
  if (windows.length === 0 || message.audience !== 'buyer' || roadOf(message.channel) === 'machine')
    return false
  if (message.purpose !== 'reminder' && message.purpose !== 'promotion') return false
  const answers = message.purpose === 'reminder' && message.inSessionUntil !== null
  return !(answers && t < Math.min(message.inSessionUntil, now + 10 * MINUTE))
}

/** When the message, or the order it is about, is over. */
function endOf({ message, order }: GateInput): Instant {
  const dies = message.stopsWhenClosed && order !== null && !order.paid ? order.expiresAt : null
  return dies === null ? message.expiresAt : Math.min(message.expiresAt, dies)
}
