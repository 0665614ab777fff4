import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { type Command, CommandError, EXIT } from '../command.ts'
import { table } from '../screen.ts'
import { ask, findServer } from '../session.ts'
import { EVENTS, OPTIONS } from '../texts/commands.ts'
import { ERRORS } from '../texts/errors.ts'
import { say } from '../texts/text.ts'

/** Speaks to the running server, as any other sender does. */
export const eventSend: Command = {
  name: 'event send',
  summary: EVENTS.send,
  args: [{ name: '<file>', text: EVENTS.file }],
  options: [
    { flags: '--shop <slug>', text: OPTIONS.shop },
    { flags: '--key <key>', text: OPTIONS.key },
    { flags: '--url <url>', text: OPTIONS.url },
  ],
  examples: [
    'dingdong event send paid.json',
    `echo '{"id":"1","type":"order.created","subject":"A1","data":{"order":{"no":"A1"}}}' | dingdong event send -`,
  ],
  async run(context, [file = ''], options) {
    const { screen, language } = context
    let body: string
    try {
      body = file === '-' ? await text(process.stdin) : await readFile(file, 'utf8')
    } catch (error) {
      throw new CommandError(
        EXIT.usage,
        say(ERRORS.fileUnreadable, language, { file, detail: (error as Error).message }),
      )
    }
    const server = await findServer(context, options)
    const answer = await ask<{ results?: Record<string, unknown>[] }>(
      context,
      server,
      'POST',
      '/v1/events',
      body,
    )
    const rows = (answer.results ?? [answer as Record<string, unknown>]).map((each) =>
      Object.values(each).map(String),
    )
    for (const line of table(rows)) screen.line(line)
    screen.result(answer)
    return EXIT.ok
  },
}
