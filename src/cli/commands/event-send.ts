import { type Command, EXIT } from '../command.ts'
import { table } from '../screen.ts'
import { ask, findServer } from '../session.ts'
import { readText } from '../settings-file.ts'
import { EVENTS, OPTIONS } from '../texts/commands.ts'

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
    const { screen } = context
    const body = await readText(context, file)
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
