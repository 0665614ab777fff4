import type { SeenTrial } from '../../http/flow-tried.ts'
import { type Command, CommandError, EXIT } from '../command.ts'
import { trialLines } from '../flow-trial-lines.ts'
import { ask, findServer } from '../session.ts'
import { readText } from '../settings-file.ts'
import { OPTIONS } from '../texts/commands.ts'
import { TRIALS } from '../texts/flow-trials.ts'
import { FLOWS } from '../texts/flows.ts'
import { say } from '../texts/text.ts'

/** Speaks to the running server, so that addresses come masked. */
export const flowTest: Command = {
  name: 'flow test',
  summary: TRIALS.test,
  args: [{ name: '<flow>', text: FLOWS.flow }],
  options: [
    { flags: '--order <no>', text: TRIALS.order },
    { flags: '--event <id>', text: TRIALS.event },
    { flags: '--file <file>', text: TRIALS.file },
    { flags: '--shop <slug>', text: OPTIONS.shop },
    { flags: '--key <key>', text: OPTIONS.key },
    { flags: '--url <url>', text: OPTIONS.url },
  ],
  examples: [
    'dingdong flow test payment-failed-funds',
    'dingdong flow test payment-failed-funds --order D20261122-17',
    'dingdong flow test payment-failed-funds --file funds.yaml --order D20261122-17',
  ],
  async run(context, [key = ''], options) {
    const { screen, language } = context
    const { order, event, file } = options
    if (order !== undefined && event !== undefined)
      throw new CommandError(EXIT.usage, say(TRIALS.both, language))
    const source = typeof file === 'string' ? { source: await readText(context, file) } : {}
    const server = await findServer(context, options)
    const route = `/v1/flows/${encodeURIComponent(key)}/test`
    const tried = await ask<SeenTrial>(context, server, 'POST', route, { order, event, ...source })
    for (const line of trialLines(context, tried)) screen.line(line)
    screen.result(tried)
    return EXIT.ok
  },
}
