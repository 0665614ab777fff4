import { listFlows, readDefinitions } from '../../db/flows.ts'
import { readSwitches } from '../../db/switches.ts'
import { type Command, EXIT } from '../command.ts'
import { table } from '../screen.ts'
import { chooseShop, withDatabase } from '../session.ts'
import { stoppedBy, stoppedLine } from '../stopped.ts'
import { OPTIONS } from '../texts/commands.ts'
import { FLOWS } from '../texts/flows.ts'
import { say, type Text } from '../texts/text.ts'

/** Reads the database itself. */
export const flowList: Command = {
  name: 'flow list',
  summary: FLOWS.list,
  options: [{ flags: '--shop <slug>', text: OPTIONS.shop }],
  examples: ['dingdong flow list'],
  async run(context, _args, options) {
    return withDatabase(context, async (session) => {
      const { screen, language } = context
      const shop = await chooseShop(context, session, options.shop)
      const flows = await listFlows(session.pools.db, shop.id)
      const switches = await readSwitches(session.pools.db, shop.id)
      const above = stoppedBy(switches)
      const bodies = await readDefinitions(
        session.pools.db,
        flows.map((flow) => flow.definition_hash),
      )
      const textOf = (hash: Buffer) =>
        bodies.find((each) => each.hash.equals(hash))?.body as { title: Text; holdout?: number } | undefined
      const rows = flows.map((flow) => [
        screen.paint('bold', flow.key),
        flow.killed || (above !== null && flow.enabled)
          ? screen.paint('red', say(FLOWS.killed, language))
          : flow.enabled
            ? screen.paint('green', say(FLOWS.on, language))
            : screen.paint('dim', say(FLOWS.off, language)),
        `v${flow.version}`,
        screen.paint('dim', textOf(flow.definition_hash)?.title[language] ?? ''),
      ])
      const stopped = stoppedLine(context, shop.slug, switches)
      if (stopped !== null) screen.line(stopped)
      for (const line of table(rows)) screen.line(line)
      screen.result(
        flows.map(({ key, version, enabled, killed, definition_hash }) => ({
          key,
          version,
          enabled,
          killed,
          stoppedBy: above ?? (killed ? 'flow' : null),
          holdoutPercent: textOf(definition_hash)?.holdout ?? 0,
        })),
      )
      return EXIT.ok
    })
  },
}
