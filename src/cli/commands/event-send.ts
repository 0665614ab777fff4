import { type Command, EXIT } from '../command.ts'
import { table } from '../screen.ts'
import { ask, findServer } from '../session.ts'
import { readText } from '../settings-file.ts'
import { EVENTS, OPTIONS } from '../texts/commands.ts'

type Sent = Readonly<Record<string, unknown>> & {
  readonly warnings?: readonly { readonly path: string; readonly problem: string }[]
}

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
    const answer = await ask<{ results?: Sent[] }>(context, server, 'POST', '/v1/events', body)
    const sent = answer.results ?? [answer as Sent]
    const rows = sent.map(({ warnings: _, ...each }) => Object.values(each).map(String))
    for (const [at, line] of table(rows).entries()) {
      screen.line(line)
      for (const { path, problem } of sent[at]!.warnings ?? [])
        screen.line(`  ${screen.paint('yellow', `${path}: ${problem}`)}`)
    }
    screen.result(answer)
    return EXIT.ok
  },
}
