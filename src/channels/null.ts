import * as z from 'zod'
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
    send: async (message) => ({ kind: 'sent', providerRef: message.idempotencyKey }),
    close: async () => {},
  }),
}
