import * as z from 'zod'
import type { Provider } from '../src/channels/channel.ts'
import { NO_ACCOUNT_LAW } from '../src/domain/law/book.ts'
import type { Channel, OutboundMessage } from '../src/domain/message.ts'
import type { Clock, Instant } from '../src/domain/time.ts'

/** Something that was handed over, and when. */
export interface HandedOver {
  readonly message: OutboundMessage
  readonly at: Instant
}

/** The shop is in China, where reminders go by one address on file and a short code. */
const FILED = { ...NO_ACCOUNT_LAW, registered: { url: 'https://shop.example.cn/d', icp: null } }

/** Providers that take everything and note it: the only part of the road, beside the clock, that is not the real one. */
export function openRoad(clock: Clock): {
  readonly providers: readonly Provider[]
  take(): readonly HandedOver[]
} {
  let handed: HandedOver[] = []
  const provider = (channel: Channel): Provider => ({
    name: `world-${channel}`,
    channel,
    repeat: 'visible',
    settings: z.strictObject({}),
    secrets: [],
    ...(channel === 'sms' ? { lawOf: () => FILED } : {}),
    open: () => ({
      async send(message) {
        handed.push({ message, at: clock.now() })
        return { kind: 'sent', providerRef: null }
      },
      close: async () => {},
    }),
  })
  return {
    providers: (['email', 'sms', 'inbox', 'command'] as const).map(provider),
    take() {
      const taken = handed
      handed = []
      return taken
    },
  }
}
