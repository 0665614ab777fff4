import * as z from 'zod'
import type { Fate } from '../domain/message.ts'
import type { Provider } from './channel.ts'

const settings = z.strictObject({})

/** In-app messages (站内信): kept in our own database, read by the shop's pages. */
export const inbox: Provider<z.infer<typeof settings>> = {
  name: 'inbox',
  channel: 'inbox',
  // Kept once by message id.
  repeat: 'harmless',
  settings,
  secrets: [],
  open: (_settings, { storeInboxItem }) => ({
    async send(message, signal): Promise<Fate> {
      const { content } = message
      if (content.kind !== 'inbox') {
        const detail = `expected inbox content, got ${content.kind}`
        return { kind: 'rejected', blame: 'content', code: 'wrong_content', detail }
      }
      if (signal.aborted) return { kind: 'retry', code: 'aborted', afterMs: null }
      const { title, text, link } = content
      try {
        await storeInboxItem({ message, title, text, link })
      } catch (error) {
        // Storing twice is harmless, so a commit that may or may not have happened is simply tried again.
        return { kind: 'retry', code: 'not_stored', afterMs: null, detail: String(error).slice(0, 300) }
      }
      return { kind: 'sent', providerRef: message.id }
    },
    close: async () => {},
  }),
}
