import { randomUUID } from 'node:crypto'
import { type Command, EXIT } from '../command.ts'
import { ask, findServer } from '../session.ts'
import { OPTIONS, ORDERS } from '../texts/commands.ts'
import { say } from '../texts/text.ts'

/** Speaks to the running server: the gate there decides whether the copy goes. */
export const messageResend: Command = {
  name: 'message resend',
  summary: ORDERS.resend,
  args: [{ name: '<message>', text: ORDERS.messageId }],
  options: [
    { flags: '--again', text: ORDERS.again },
    { flags: '--shop <slug>', text: OPTIONS.shop },
    { flags: '--key <key>', text: OPTIONS.key },
    { flags: '--url <url>', text: OPTIONS.url },
  ],
  examples: ['dingdong message resend msg_01k…', 'dingdong message resend msg_01k… --again'],
  async run(context, [id = ''], options) {
    const { screen, language } = context
    const server = await findServer(context, options)
    const route = `/v1/messages/${encodeURIComponent(id)}/resend`
    // Without a key the server lets one go a minute: who runs this twice by mistake sends one copy.
    const headers: Record<string, string> = options.again ? { 'idempotency-key': randomUUID() } : {}
    const answer = await ask<{ message: string }>(context, server, 'POST', route, {}, headers)
    screen.line(say(ORDERS.resent, language, { id: answer.message }))
    screen.result(answer)
    return EXIT.ok
  },
}
