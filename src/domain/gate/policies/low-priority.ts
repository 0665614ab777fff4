import { allow, never, type Policy } from '../answer.ts'
import { LEVELS } from '../input.ts'
import { roadOf } from '../road.ts'

/** What a shop calls not worth a message is not sent. Essential messages always are. */
export const lowPriority: Policy = ({ message, dropBelow }, t) => {
  if (dropBelow === null || message.purpose === 'essential' || roadOf(message.channel) === 'machine')
    return allow(t)
  return LEVELS.indexOf(message.level) > LEVELS.indexOf(dropBelow) ? never('low_priority') : allow(t)
}
