import * as z from 'zod'
import type { Fate } from '../domain/message.ts'
import type { Provider } from './channel.ts'

const settings = z.strictObject({})

/** Sends nothing and says so at once: what is left is the cost of the pipeline itself. For benchmarks and tests. */
export const nullProvider: Provider<z.infer<typeof settings>> = {
  name: 'null',
  channel: 'email',
  repeat: 'harmless',
  settings,
  secrets: [],
  open: () => ({
    async send(message, signal): Promise<Fate> {
      if (signal.aborted) return { kind: 'retry', code: 'aborted', afterMs: null }
      const { kind } = message.content
      if (kind !== 'email') return { kind: 'rejected', blame: 'content', code: 'wrong_content', detail: kind }
      return { kind: 'sent', providerRef: message.idempotencyKey }
    },
    close: async () => {},
  }),
}
