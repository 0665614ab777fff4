import * as z from 'zod'
import type { Provider } from '../../src/channels/channel.ts'
import type { Channel, Fate, OutboundMessage } from '../../src/domain/message.ts'

const settings = z.strictObject({})

/** A road whose answers a test decides: for races and crashes, which no real server can be told to meet. */
export interface ScriptedProvider extends Provider<z.infer<typeof settings>> {
  /** Every call in the order of arrival, over all engines that share it. */
  readonly calls: OutboundMessage[]
  readonly asked: OutboundMessage[]
  /** What the next calls answer; `nth` counts all calls from 1. */
  answer: (message: OutboundMessage, nth: number) => Fate | Promise<Fate>
  /** What asking about a broken-off call answers. */
  answerAsked: (message: OutboundMessage) => Fate | null
  /** Calls under way at once, at most since a test set this to 0. */
  most: number
}

export function scriptedProvider(
  channel: Channel,
  repeat: 'harmless' | 'visible',
  options: { readonly name?: string; readonly canAsk?: boolean } = {},
): ScriptedProvider {
  const calls: OutboundMessage[] = []
  const asked: OutboundMessage[] = []
  let now = 0
  const provider: ScriptedProvider = {
    name: options.name ?? `scripted-${channel}`,
    channel,
    repeat,
    settings,
    secrets: [],
    calls,
    asked,
    answer: () => ({ kind: 'sent', providerRef: null }),
    answerAsked: () => null,
    most: 0,
    open: () => ({
      async send(message) {
        calls.push(message)
        provider.most = Math.max(provider.most, ++now)
        try {
          return await provider.answer(message, calls.length)
        } finally {
          now--
        }
      },
      ...(options.canAsk
        ? {
            ask: async (message: OutboundMessage) => {
              asked.push(message)
              return provider.answerAsked(message)
            },
          }
        : {}),
      close: async () => {},
    }),
  }
  return provider
}
