import type { Channel } from '../message.ts'

/**
 * How a channel reaches its receiver. `silent` waits unread until someone looks; `loud` rings in a pocket and
 * costs money; `machine` is the shop's own endpoint, where nobody sleeps, opts out or counts.
 */
export type Road = 'silent' | 'loud' | 'machine'

export function roadOf(channel: Channel): Road {
  switch (channel) {
    case 'email':
    case 'inbox':
      return 'silent'
    case 'sms':
      return 'loud'
    case 'webhook':
    case 'command':
      return 'machine'
  }
}
